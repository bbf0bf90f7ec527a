//! The authorization endpoint: checks the request, then shows the sign-in page.

use entrada_core::effect::HttpResponse;
use entrada_core::time::Unix;
use url::Url;

use super::demands::Demands;
use super::fault::Fault;
use super::scope::Wanted;
use super::tenant::{ADFS, Place, is_adfs};
use crate::ask::{Ask, Params};
use crate::config::App;
use crate::store::Pending;
use crate::{Emulator, html, reply};

impl Emulator {
    pub(crate) fn authorize(&mut self, ask: &Ask<'_>, place: Result<Place, Fault>) -> HttpResponse {
        let params = match (ask.is_get(), ask.is_post()) {
            (true, _) => ask.query.clone(),
            (_, true) => ask.form(),
            _ => return self.error_page(ask, &Fault::verb("GET, OPTIONS, POST", ask.method())),
        };
        // Until app and address are known to belong together, nothing is sent to the address.
        let (place, redirect_uri) = match self.sender(place, &params) {
            Ok(known) => known,
            Err(fault) => return self.error_page(ask, &fault),
        };
        let form_post = params.get("response_mode") == Some("form_post");
        match self.request(ask, &params, place, redirect_uri, form_post) {
            Ok(pending) => {
                let id = self.draw.short();
                let page = self.credentials_page(ask, &id, &pending, params.text("login_hint"), None);
                self.store.pending.insert(id, pending);
                page
            }
            Err((redirect_uri, fault)) => {
                self.return_fault(ask, &redirect_uri, form_post, params.get("state"), &fault)
            }
        }
    }

    fn sender(&self, place: Result<Place, Fault>, params: &Params) -> Result<(Place, String), Fault> {
        if let Some(name) = params.doubled() {
            return Err(Fault::doubled(name));
        }
        let place = place?;
        let app =
            place.app(&self.config, params.get("client_id").ok_or_else(|| Fault::missing("client_id"))?)?;
        let redirect_uri = params.get("redirect_uri").ok_or_else(|| Fault::missing("redirect_uri"))?;
        let exact = || app.redirect_uris.iter().any(|known| known == redirect_uri);
        let known = if place.form() == ADFS { exact() } else { registered(app, redirect_uri) };
        if !known {
            let message = format!(
                "The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs \
                 configured for the application '{}'. Make sure the redirect URI sent in the request matches one \
                 added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError \
                 to learn more about how to troubleshoot this error.",
                app.client_id
            );
            return Err(Fault::new("invalid_request", 50_011, message));
        }
        Ok((place, redirect_uri.to_owned()))
    }

    fn request(
        &self,
        ask: &Ask<'_>,
        params: &Params,
        place: Place,
        redirect_uri: String,
        form_post: bool,
    ) -> Result<Pending, (String, Fault)> {
        let checked = check(params)
            .and_then(|()| Wanted::of_user(&self.config, &ask.origin, params.text("scope")))
            .and_then(|wanted| Ok((wanted, Demands::read(params)?)));
        let (wanted, mut demands) = match checked {
            Ok(checked) => checked,
            Err(fault) => return Err((redirect_uri, fault)),
        };
        if params.get("prompt") == Some("none") {
            let message = "Session information is not sufficient for single-sign-on.";
            return Err((redirect_uri, Fault::new("login_required", 50_058, message)));
        }
        demands.add(self.demanded_for(&wanted.audience));
        let owned = |name: &str| params.get(name).map(str::to_owned);
        Ok(Pending {
            client: params.text("client_id").to_ascii_lowercase(),
            redirect_uri,
            form_post,
            state: owned("state"),
            scope: params.text("scope").to_owned(),
            nonce: owned("nonce"),
            challenge: owned("code_challenge"),
            tenant_form: place.form().to_owned(),
            acrs: demands.acrs,
            client_info: params.get("client_info") == Some("1") && place.form() != ADFS,
            expires: Unix(ask.now.unix.0.saturating_add(3600)),
            user: None,
        })
    }

    pub(crate) fn error_page(&mut self, ask: &Ask<'_>, fault: &Fault) -> HttpResponse {
        let description = self.description(ask, fault);
        let sorry = "Sorry, but we are having trouble signing you in.";
        html::page(fault.status, "Sign in", &format!("<p>{sorry}</p>{}", html::alert(Some(&description))))
    }

    /// Sends a refusal back to the app.
    pub(crate) fn return_fault(
        &mut self,
        ask: &Ask<'_>,
        redirect_uri: &str,
        form_post: bool,
        state: Option<&str>,
        fault: &Fault,
    ) -> HttpResponse {
        let mut fields =
            vec![("error", fault.error.to_owned()), ("error_description", self.description(ask, fault))];
        if !is_adfs(ask) {
            fields.push(("error_uri", format!("{}/error?code={}", ask.origin, fault.code)));
        }
        fields.extend(state.map(|state| ("state", state.to_owned())));
        give_back(redirect_uri, form_post, &fields)
    }
}

/// Sends these fields to the app, by the browser.
pub(crate) fn give_back(redirect_uri: &str, form_post: bool, fields: &[(&str, String)]) -> HttpResponse {
    if form_post {
        return html::forward(redirect_uri, fields);
    }
    match Url::parse(redirect_uri) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(fields);
            reply::redirect(url.as_str())
        }
        Err(_) => html::page(400, "Sign in", "<p>The redirect URI is not an address.</p>"),
    }
}

fn check(params: &Params) -> Result<(), Fault> {
    match params.get("response_type") {
        None => return Err(Fault::missing("response_type")),
        Some("code") => {}
        Some(other) => {
            let message = format!("response_type '{other}' is not enabled for the application.");
            return Err(Fault::new("unsupported_response_type", 700_054, message));
        }
    }
    match params.get("response_mode") {
        None | Some("query" | "form_post") => {}
        Some(other) => {
            let message =
                format!("'{other}' is not a supported value of 'response_mode' when requesting a token.");
            return Err(Fault::new("invalid_request", 70_007, message));
        }
    }
    if params.get("scope").is_none() {
        return Err(Fault::missing("scope"));
    }
    if !matches!(
        params.get("prompt"),
        None | Some("none" | "login" | "consent" | "select_account" | "create" | "admin_consent")
    ) {
        let message = format!(
            "The provided value for the input parameter 'prompt' is not valid: '{}'.",
            params.text("prompt")
        );
        return Err(Fault::new("invalid_request", 90_023, message));
    }
    match (params.get("code_challenge"), params.get("code_challenge_method")) {
        (None, None) => Ok(()),
        (Some(challenge), Some("S256")) => {
            let legal = challenge.len() == 43
                && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
            let message = "The size of the code challenge parameter is not valid, or it is missing.";
            if legal { Ok(()) } else { Err(Fault::new("invalid_request", 50_147, message)) }
        }
        _ => Err(Fault::new(
            "invalid_request",
            50_147,
            "A code challenge has to come with the code challenge method S256.",
        )),
    }
}

/// Whether codes may be sent there. The port of plain `localhost` and `127.0.0.1` is not compared.
fn registered(app: &App, asked: &str) -> bool {
    let Ok(url) = Url::parse(asked) else {
        return false;
    };
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    app.redirect_uris.iter().any(|known| {
        if known == asked {
            return true;
        }
        Url::parse(known).is_ok_and(|known| {
            known.scheme() == "http"
                && url.scheme() == "http"
                && matches!(known.host_str(), Some("localhost" | "127.0.0.1"))
                && known.host_str() == url.host_str()
                && known.path() == url.path()
                && known.query() == url.query()
        })
    })
}
