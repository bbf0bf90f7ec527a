//! A credential whose tokens have to be of a certain identity.

use std::fmt;
use std::str::FromStr;

use crate::cache::Partition;
use crate::effect::Reply;
use crate::error::{Error, ErrorKind};
use crate::flow::{BoxFlow, Credential, Cx, Flow};
use crate::jwt::Identity;
use crate::request::TokenRequest;
use crate::run::Step;
use crate::tenant::is_guid;
use crate::token::AccessToken;

/// Whose a token has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpectedIdentity {
    /// An app's: a service principal's or a managed identity's.
    App,
    /// A person's.
    User,
    /// That of the app with this client id.
    ClientId(String),
    /// That of the principal with this object id.
    ObjectId(String),
    /// That of the person with this sign-in name.
    Username(String),
}

impl ExpectedIdentity {
    /// Whether it is this one; nothing, where that is not told.
    #[must_use]
    pub fn is(&self, identity: &Identity) -> Option<bool> {
        let same = |known: &Option<String>, expected: &str| {
            known.as_deref().map(|known| known.eq_ignore_ascii_case(expected))
        };
        match self {
            ExpectedIdentity::App => identity.is_app,
            ExpectedIdentity::User => identity.is_app.map(|app| !app),
            // A person's token has the id of an app too: of the one that they signed in to.
            ExpectedIdentity::ClientId(id) => Some(same(&identity.client_id, id)? && identity.is_app?),
            ExpectedIdentity::ObjectId(id) => same(&identity.object_id, id),
            ExpectedIdentity::Username(name) => match (&identity.username, identity.is_app) {
                (None, Some(true)) => Some(false),
                (known, _) => same(known, name),
            },
        }
    }

    fn check(&self, token: AccessToken) -> Result<AccessToken, Error> {
        let what = match self.is(token.identity()) {
            Some(true) => return Ok(token),
            Some(false) => {
                format!("the token is that of {}, and {self} was expected", whose(token.identity()))
            }
            None => format!("the token does not tell whose it is, and {self} was expected"),
        };
        Err(Error::new(ErrorKind::Refused, what)
            .with_remedy("name the credential and the identity that are meant, or expect another")
            .from_source(token.source()))
    }
}

/// Whom a token speaks for, in words.
fn whose(identity: &Identity) -> String {
    let who = match (&identity.username, &identity.client_id) {
        (Some(name), _) => format!("the user {name}"),
        (None, Some(id)) if identity.is_app == Some(true) => format!("the app {id}"),
        _ => "another".to_owned(),
    };
    match &identity.object_id {
        Some(id) => format!("{who} (object id {id})"),
        None => who,
    }
}

impl fmt::Display for ExpectedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExpectedIdentity::App => f.write_str("an app's"),
            ExpectedIdentity::User => f.write_str("a user's"),
            ExpectedIdentity::ClientId(id) => write!(f, "that of the app {id}"),
            ExpectedIdentity::ObjectId(id) => write!(f, "that of the object id {id}"),
            ExpectedIdentity::Username(name) => write!(f, "that of the user {name}"),
        }
    }
}

impl FromStr for ExpectedIdentity {
    type Err = Error;

    /// `app`, `user`, `client-id:X`, `object-id:X`, or a sign-in name.
    fn from_str(text: &str) -> Result<ExpectedIdentity, Error> {
        match (text, text.split_once(':')) {
            ("app", _) => Ok(ExpectedIdentity::App),
            ("user", _) => Ok(ExpectedIdentity::User),
            (_, Some(("client-id", id))) if is_guid(id) => Ok(ExpectedIdentity::ClientId(id.to_owned())),
            (_, Some(("object-id", id))) if is_guid(id) => Ok(ExpectedIdentity::ObjectId(id.to_owned())),
            (name, None) if name.contains('@') => Ok(ExpectedIdentity::Username(name.to_owned())),
            _ => Err(Error::new(
                ErrorKind::Configuration,
                "an identity is expected as app, user, client-id:GUID, object-id:GUID or a sign-in name",
            )),
        }
    }
}

/// A credential of which tokens of another identity than the expected one are refused: what gives a token is not
/// always what was meant. A host's "managed identity" may be the person at a compute instance, a chain may end at
/// whoever is signed in to a tool.
///
/// What a token says of itself is read, not checked: this guards against mistakes, not against a hostile host. A
/// token that does not tell whose it is, is refused too.
///
/// ```
/// use entrada_core::{Environment, ExpectedIdentity, Expecting, ManagedIdentityCredential, ManagedIdentityId};
///
/// let machine = ManagedIdentityCredential::new(&Environment::new(), ManagedIdentityId::SystemAssigned);
/// let credential = Expecting::new(machine, "object-id:9e5f2a61-3c73-4ea4-8fb5-6a3b4c5d7e07".parse()?);
/// # let _: (ExpectedIdentity, Expecting<ManagedIdentityCredential>) = (ExpectedIdentity::App, credential);
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Expecting<C> {
    credential: C,
    expected: ExpectedIdentity,
}

impl<C: Credential> Expecting<C> {
    /// This credential, of which tokens of this identity are expected.
    #[must_use]
    pub fn new(credential: C, expected: ExpectedIdentity) -> Expecting<C> {
        Expecting { credential, expected }
    }
}

impl<C: Credential> Credential for Expecting<C> {
    fn name(&self) -> &'static str {
        self.credential.name()
    }

    fn begin(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        Box::new(Checked { flow: self.credential.begin(request), expected: self.expected.clone() })
    }

    fn renew(&self, request: &TokenRequest) -> BoxFlow<AccessToken> {
        Box::new(Checked { flow: self.credential.renew(request), expected: self.expected.clone() })
    }

    fn partition(&self) -> Partition {
        self.credential.partition()
    }
}

#[derive(Debug)]
struct Checked {
    flow: BoxFlow<AccessToken>,
    expected: ExpectedIdentity,
}

impl Flow for Checked {
    type Output = AccessToken;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<AccessToken> {
        let token = crate::pump!(self.flow.step(cx, reply));
        Step::Done(self.expected.check(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "9e5f2a61-3c73-4ea4-8fb5-6a3b4c5d7e07";

    fn expected(text: &str) -> ExpectedIdentity {
        text.parse().unwrap()
    }

    #[test]
    fn whose_it_is() {
        let known = |text: &str| Some(text.to_owned());
        let app = Identity {
            client_id: known(GUID),
            object_id: known("o"),
            is_app: Some(true),
            ..Identity::default()
        };
        let user = Identity {
            client_id: known(GUID),
            object_id: known(GUID),
            username: known("Ada@x.example"),
            is_app: Some(false),
            ..Identity::default()
        };
        let unknown = Identity::default();
        let (client, object) = (format!("client-id:{}", GUID.to_uppercase()), format!("object-id:{GUID}"));
        for (text, of_app, of_user) in [
            ("app", true, false),
            ("user", false, true),
            (&client, true, false),
            (&object, false, true),
            ("ada@X.example", false, true),
            ("bob@x.example", false, false),
        ] {
            let expected = expected(text);
            let told = [&app, &user, &unknown].map(|identity| expected.is(identity));
            assert_eq!(told, [Some(of_app), Some(of_user), None], "{text}");
        }
    }

    #[test]
    fn a_token_that_does_not_tell_is_refused_too() {
        use crate::flow::ready;
        use crate::secret::Secret;
        use crate::time::{Now, Unix};

        #[derive(Debug)]
        struct Opaque;
        impl Credential for Opaque {
            fn name(&self) -> &'static str {
                "opaque"
            }
            fn begin(&self, _: &TokenRequest) -> BoxFlow<AccessToken> {
                ready(AccessToken::new(Secret::new("canary"), Unix(3600), Now::default(), "opaque"))
            }
        }
        struct Zero;
        impl crate::flow::Entropy for Zero {
            fn fill(&mut self, buffer: &mut [u8]) {
                buffer.fill(0);
            }
        }
        let request = TokenRequest::new(["https://x/.default"]).unwrap();
        for text in ["app", "user", "ada@x.example", &format!("object-id:{GUID}")] {
            let credential = Expecting::new(Opaque, expected(text));
            for flow in [credential.begin(&request), credential.renew(&request)] {
                let Step::Done(Err(error)) = crate::run::Run::new(flow).start(Now::default(), &mut Zero)
                else {
                    panic!("it was taken for {text}");
                };
                assert_eq!((error.kind(), error.source_name()), (ErrorKind::Refused, Some("opaque")));
                assert!(!format!("{error:?}").contains("canary"));
            }
        }
    }

    #[test]
    fn how_it_is_written() {
        for text in
            ["", "App", "client-id:", "client-id:x", "object-id", "x", GUID, "resource-id:/subscriptions/s"]
        {
            let error = text.parse::<ExpectedIdentity>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{text}");
        }
    }
}
