//! What is chosen about the request and the client.

use entrada_core::claims::Claims;
use entrada_core::{Authority, EntraClient, Error, ManagedIdentityId, PlainHttp, Tenant, TokenRequest};
use entrada_emulator::world as w;

use super::{AUTHORITY, Twist};
use crate::choices::Choices;
use crate::world::files::WORKING_DIRECTORY;

/// What a resource may demand of a sign-in.
const DEMAND: &str = r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#;

/// The host of a tenant of B2C.
const B2C: &str = "https://contoso.b2clogin.com";

/// What was chosen about the request and the client.
pub(super) struct Options {
    pub(super) tenant: &'static str,
    pub(super) request: TokenRequest,
    pub(super) identity: ManagedIdentityId,
    pub(super) probing: bool,
    pub(super) subscription: Option<&'static str>,
    pub(super) redirect: &'static str,
    pub(super) member: usize,
    pub(super) group: bool,
    pub(super) start: &'static str,
    pub(super) twist: Twist,
}

impl Options {
    pub(super) fn fair() -> Result<Options, Error> {
        Ok(Options {
            tenant: w::TENANT,
            request: TokenRequest::new([w::MANAGEMENT_SCOPE])?,
            identity: ManagedIdentityId::SystemAssigned,
            probing: false,
            subscription: None,
            redirect: "http://localhost",
            member: 0,
            group: true,
            start: WORKING_DIRECTORY,
            twist: Twist::None,
        })
    }

    /// The same with one thing as it should not be.
    pub(super) fn twisted(mut self, twist: Twist) -> Result<Options, Error> {
        self.twist = twist;
        match twist {
            Twist::ByClient | Twist::NamedByEnvironment => {
                self.identity = ManagedIdentityId::client_id(w::USER_IDENTITY)?;
            }
            Twist::ByObject => self.identity = ManagedIdentityId::object_id(w::USER_IDENTITY_OBJECT)?,
            Twist::ByResource => self.identity = ManagedIdentityId::resource_id(w::USER_IDENTITY_RESOURCE)?,
            Twist::NotAssigned => self.identity = ManagedIdentityId::client_id(w::APP)?,
            Twist::DefaultIdentity | Twist::NoGuess => self.identity = ManagedIdentityId::SystemAssigned,
            Twist::AdFs => self.redirect = w::ADFS_REDIRECT,
            Twist::Claims => self.request = self.request.with_claims(Claims::from_json(DEMAND)?),
            _ => {}
        }
        Ok(self)
    }

    /// Where tokens are asked for.
    pub(super) fn origin(&self) -> String {
        match self.twist {
            Twist::AdFs => format!("https://{}", w::ADFS_HOST),
            Twist::External => format!("https://{}", w::EXTERNAL_HOST),
            Twist::Policy => B2C.to_owned(),
            _ => AUTHORITY.to_owned(),
        }
    }

    /// The app of this id there.
    pub(super) fn client(&self, client_id: &str) -> Result<EntraClient, Error> {
        match self.twist {
            Twist::AdFs => EntraClient::at(adfs(&self.origin())?, client_id),
            Twist::External => {
                EntraClient::at(Authority::new(&self.origin(), PlainHttp::Refused)?, client_id)
            }
            Twist::Policy => {
                let address = format!("{}/{}/B2C_1_sign_in", self.origin(), w::TENANT_DOMAIN);
                EntraClient::at(Authority::new(&address, PlainHttp::Refused)?, client_id)
            }
            _ => EntraClient::new(self.tenant, client_id),
        }
    }

    pub(super) fn drawn(choices: &mut Choices<'_>) -> Result<Options, Error> {
        let mut options = Options::fair()?;
        options.tenant = choices.weighted(&[
            (20, w::TENANT),
            (6, w::TENANT_DOMAIN),
            (2, "organizations"),
            (1, "8D6F5C1E-2B7A-4F3D-9C40-1A2B3C4D5E6F"),
            (1, "nobody.example"),
        ]);
        let mut request = TokenRequest::new([choices.weighted(&[
            (22, w::MANAGEMENT_SCOPE),
            (2, "https://vault.azure.net/.default"),
            (1, "https://nothing.example/.default"),
            (1, "https://graph.microsoft.com/User.Read"),
        ])])?;
        if choices.chance(40) {
            request = request.with_cae();
        }
        if choices.chance(12) {
            request = request.with_claims(Claims::from_json(DEMAND)?);
        }
        if choices.chance(12) {
            request = request.in_tenant(Tenant::new(choices.pick(&[
                w::TENANT,
                w::TENANT_DOMAIN,
                "other.example",
            ]))?);
        }
        options.request = request;
        options.identity = match choices.below(6) {
            0 | 1 => ManagedIdentityId::SystemAssigned,
            2 => ManagedIdentityId::client_id(w::USER_IDENTITY)?,
            3 => ManagedIdentityId::object_id(w::USER_IDENTITY_OBJECT)?,
            4 => ManagedIdentityId::resource_id(w::USER_IDENTITY_RESOURCE)?,
            _ => ManagedIdentityId::client_id(w::APP)?,
        };
        options.probing = choices.chance(100);
        options.subscription =
            choices.weighted(&[(6, None), (1, Some(w::SUBSCRIPTION)), (1, Some("my sub"))]);
        options.redirect =
            choices.pick(&["http://localhost", "http://127.0.0.1:8400", "http://localhost:8080/"]);
        options.member = choices.below(5);
        options.group = choices.chance(128);
        options.start = choices.pick(&[
            ".",
            WORKING_DIRECTORY,
            "/home/ada/project/deep/er",
            "/home/ada/project/missing/folder",
            "/link",
            "/home/ada/project/.azureml/config.json",
        ]);
        Ok(options)
    }
}

/// The AD FS of this origin.
pub(super) fn adfs(origin: &str) -> Result<Authority, Error> {
    Authority::new(&format!("{origin}/adfs"), PlainHttp::Refused)
}
