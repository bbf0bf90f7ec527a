//! Whether what a sign-in brought belongs to it: its id token names the nonce that the page was opened with,
//! the app that redeems the code, and who was asked (OpenID Connect Core section 3.1.3.7).

use entrada_core::effect::HttpRequest;
use entrada_core::jwt::Jwt;
use entrada_emulator::world as w;
use serde_json::Value;

use super::{Watch, field, form, origin};

/// The sign-in that is under way.
#[derive(Debug, Default)]
pub(super) struct SignIn {
    nonce: Option<String>,
    /// What of the id token that came with the code is not as it has to be.
    foreign: Option<&'static str>,
}

impl SignIn {
    /// The page was opened with this nonce.
    pub(super) fn begun(&mut self, nonce: Option<String>) {
        self.nonce = nonce;
    }

    /// A code was redeemed, and this came for it.
    pub(super) fn redeemed(&mut self, request: &HttpRequest, document: &Value) {
        let form = form(request);
        let token = document.get("id_token").and_then(Value::as_str);
        let (Some("authorization_code"), Some(token)) = (field(&form, "grant_type"), token) else { return };
        let jwt = Jwt::decode(token);
        let said = |name: &str| jwt.as_ref().and_then(|jwt| jwt.text(name)).map(str::to_owned);
        // An external tenant goes by its GUID, whichever name it is asked by.
        let home = match request.uri().host() {
            Some(w::EXTERNAL_HOST) => format!("https://{0}.ciamlogin.com/{0}/", w::TENANT),
            _ => format!("{}/", origin(request)),
        };
        // What an AD FS calls itself is its administrator's to choose.
        let named_at_will = request.uri().path().starts_with("/adfs/");
        self.foreign = match () {
            () if jwt.is_none() => Some("is none"),
            () if said("nonce") != self.nonce => Some("is of another sign-in"),
            () if said("aud").as_deref() != field(&form, "client_id") => Some("is for another app"),
            () if !said("iss").is_some_and(|issuer| named_at_will || issuer.starts_with(&home)) => {
                Some("was issued by somebody else")
            }
            () => None,
        };
    }
}

impl Watch {
    /// The run gave a token.
    pub(super) fn signed_in(&mut self) {
        if let Some(foreign) = self.sign_in.foreign {
            self.broken(format!("a sign-in ends well whose id token {foreign}"));
        }
    }
}
