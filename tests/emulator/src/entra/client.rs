//! Who is asking: authentication of the client.

use entrada_core::time::Now;

use super::fault::Fault;
use super::tenant::{ADFS, Place};
use crate::Emulator;
use crate::ask::{Ask, Params};
use crate::config::App;

/// The grant of on-behalf-of (RFC 7523 section 2.1).
pub(crate) const ON_BEHALF_OF: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// How a client proved who it is, as the token tells it in `appidacr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A public client: not at all.
    None,
    /// A client secret.
    Secret,
    /// An assertion by the key of a registered certificate.
    Certificate,
    /// An assertion by the key of a certificate with registered names.
    SubjectNameIssuer,
    /// A token of an issuer that the app trusts.
    Federated,
}

impl Proof {
    pub(crate) fn acr(self) -> &'static str {
        match self {
            Proof::None => "0",
            Proof::Secret => "1",
            Proof::Certificate | Proof::SubjectNameIssuer | Proof::Federated => "2",
        }
    }
}

impl Emulator {
    /// The app as the token endpoint knows it by now: without those secrets and certificates that are too
    /// new. One that is too new itself is unknown, and before its service principal is known it has none.
    pub(super) fn app_as_known(&self, ask: &Ask<'_>, place: &Place, app: &App) -> Result<App, Fault> {
        let (replication, now) = (&self.config.policy.replication, ask.now.mono);
        if !self.store.knows(&app.registration(), now, replication.application) {
            return Err(place.unknown_app(&app.client_id));
        }
        if !self.store.knows(&app.object_id, now, replication.principal) {
            return Err(place.no_principal(&app.client_id));
        }
        let mut app = app.clone();
        let known = |id: &str| self.store.knows(id, now, replication.credential);
        let unix = ask.now.unix.0;
        app.secrets
            .retain(|secret| known(&secret.id()) && secret.begins.is_none_or(|begins| begins <= unix + 300));
        app.certificates.retain(|certificate| {
            let (from, to) = certificate.life.unwrap_or((i64::MIN, i64::MAX));
            known(&certificate.id()) && (from..=to).contains(&unix)
        });
        Ok(app)
    }

    /// Checks what the client sent against its registration.
    pub(super) fn authenticate(
        &mut self,
        ask: &Ask<'_>,
        place: &Place,
        app: &App,
        form: &Params,
        grant: &str,
    ) -> Result<Proof, Fault> {
        let needs_proof = matches!(grant, "client_credentials" | ON_BEHALF_OF);
        match (app.public, form.get("client_secret"), form.get("client_assertion")) {
            (true, None, None) if !needs_proof => Ok(Proof::None),
            (true, Some(_), _) | (true, _, Some(_)) => {
                let message =
                    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
                Err(Fault::new("invalid_client", 700_025, message))
            }
            (_, None, None) if needs_proof => {
                let message = format!(
                    "'client_assertion', 'client_secret' or 'request' is required for the '{grant}' grant type."
                );
                Err(Fault::new("invalid_client", 7_000_216, message))
            }
            (_, None, None) => {
                let message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
                Err(Fault::new("invalid_client", 7_000_218, message))
            }
            (_, Some(_), Some(_)) => Err(Fault::malformed()),
            (_, Some(secret), None) => check_secret(app, secret, ask.now),
            (_, None, Some(_)) => self.client_assertion(ask, place, app, form, &audiences(ask, place)),
        }
    }
}

/// What an app's own assertion may be made for: the token endpoint or the issuer, under any name of the
/// directory and of the host. A regional host's assertions are made for the central one.
fn audiences(ask: &Ask<'_>, place: &Place) -> Vec<String> {
    let mut hosts = vec![ask.origin.to_string()];
    if let Some(cloud) = ask.origin.cloud() {
        hosts.extend(
            std::iter::once(&cloud.authority).chain(cloud.aliases).map(|host| format!("https://{host}")),
        );
    }
    let names: Vec<&str> = match place {
        Place::Tenant(tenant) => {
            std::iter::once(&tenant.id).chain(&tenant.domains).map(String::as_str).collect()
        }
        Place::Shared(word) => vec![word],
        Place::Apart(ADFS) => {
            return hosts.iter().map(|host| format!("{host}/{ADFS}/oauth2/token")).collect();
        }
        Place::Apart(tenant) => {
            return hosts.iter().map(|host| format!("{host}/dstsv2/{tenant}/oauth2/v2.0/token")).collect();
        }
    };
    let bases = hosts.iter().flat_map(|host| names.iter().map(move |name| format!("{host}/{name}")));
    bases.flat_map(|base| [format!("{base}/oauth2/v2.0/token"), format!("{base}/v2.0")]).collect()
}

fn check_secret(app: &App, secret: &str, now: Now) -> Result<Proof, Fault> {
    let Some(known) = app.secrets.iter().find(|known| known.value.matches(secret)) else {
        let message = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
             value, not the client secret ID, for a secret added to app '{}'.",
            app.client_id
        );
        return Err(Fault::new("invalid_client", 7_000_215, message));
    };
    if known.expires.is_some_and(|expires| now.unix.0 >= expires) {
        let message = format!(
            "The provided client secret keys for app '{}' are expired. Visit the Azure portal to create new keys \
             for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added \
             security: https://aka.ms/certCreds.",
            app.client_id
        );
        return Err(Fault::new("invalid_client", 7_000_222, message));
    }
    Ok(Proof::Secret)
}
