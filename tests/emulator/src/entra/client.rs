//! Who is asking: authentication of the client.

use entrada_core::time::Now;

use super::fault::Fault;
use crate::ask::Params;
use crate::config::App;

/// How a client proved who it is, as the token tells it in `appidacr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A public client: not at all.
    None,
    /// A client secret.
    Secret,
}

impl Proof {
    pub(crate) fn acr(self) -> &'static str {
        match self {
            Proof::None => "0",
            Proof::Secret => "1",
        }
    }
}

/// Checks what the client sent against its registration.
pub(crate) fn authenticate(app: &App, form: &Params, now: Now, grant: &str) -> Result<Proof, Fault> {
    let (secret, assertion) = (form.get("client_secret"), form.get("client_assertion"));
    match (app.public, secret, assertion) {
        (true, None, None) if grant != "client_credentials" => Ok(Proof::None),
        (true, Some(_), _) | (true, _, Some(_)) => {
            let message = "Client is public so neither 'client_assertion' nor 'client_secret' should be \
                           presented.";
            Err(Fault::new("invalid_client", 700_025, message))
        }
        (_, None, None) if grant == "client_credentials" => {
            let message = "'client_assertion', 'client_secret' or 'request' is required for the \
                           'client_credentials' grant type.";
            Err(Fault::new("invalid_client", 7_000_216, message))
        }
        (_, None, None) => {
            let message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
            Err(Fault::new("invalid_client", 7_000_218, message))
        }
        (_, Some(_), Some(_)) => Err(Fault::malformed()),
        (_, Some(secret), None) => check_secret(app, secret, now),
        (_, None, Some(_)) => check_assertion(app, form),
    }
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

/// No app of the emulated world has a key or a federated credential yet.
fn check_assertion(app: &App, form: &Params) -> Result<Proof, Fault> {
    const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    if form.get("client_assertion_type") != Some(JWT_BEARER) {
        return Err(Fault::missing("client_assertion_type"));
    }
    let message = format!(
        "The certificate with identifier used to sign the client assertion is not registered on application. \
         [Reason - The key was not found., Please visit the Azure Portal, Graph Explorer or directly use MS Graph \
         to see configured keys for app Id '{}'.]",
        app.client_id
    );
    Err(Fault::new("invalid_client", 700_027, message))
}
