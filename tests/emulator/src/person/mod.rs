//! Whoever sits at the browser, played by following the emulator's pages.
//!
//! It does what a person does: it reads the page, fills in the form that is there and presses a
//! button, until the page sends it back to the app or says that it is done.

mod page;

use std::fmt;

use entrada_core::effect::{HttpRequest, HttpResponse};
use entrada_core::secret::{Secret, SecretBytes};
use http::{Method, Request, header};
use url::{Url, form_urlencoded};

use crate::world;
use page::Page;

/// More pages than any sign-in has.
const PAGES: usize = 8;

/// What the person makes of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Signs in and approves everything.
    Approve,
    /// Says no to a device's request.
    Decline,
    /// Presses `Cancel` on the first page.
    Cancel,
}

/// A person with a name, a password and a mind.
#[derive(Clone, Debug)]
pub struct Person {
    /// The sign-in name to type.
    pub username: String,
    /// The password to type.
    pub password: Secret,
    /// What to press.
    pub decision: Decision,
}

impl Default for Person {
    /// The user of the ready-made world, who approves.
    fn default() -> Person {
        Person { username: world::USER.into(), password: world::PASSWORD.into(), decision: Decision::Approve }
    }
}

/// The request that the browser makes to the app in the end.
#[derive(Clone)]
pub struct Arrival {
    /// `GET` with everything in the address, or `POST` with a form.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// The form, of type `application/x-www-form-urlencoded`; empty for `GET`.
    pub body: SecretBytes,
}

impl fmt::Debug for Arrival {
    /// Without the authorization code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.url.split('?').next().unwrap_or_default();
        write!(f, "Arrival({} {address})", self.method)
    }
}

impl Arrival {
    /// The parameters, wherever they are.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, String)> {
        if self.method == Method::POST {
            return form_urlencoded::parse(self.body.expose()).into_owned().collect();
        }
        Url::parse(&self.url).map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default()
    }

    /// One parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.parameters().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// Why the person got nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stuck<E> {
    /// A request could not be sent.
    Sending(E),
    /// The page says that something is wrong.
    Refused(String),
    /// The page cannot be read, or leads nowhere.
    Lost(&'static str),
}

impl<E: fmt::Display> fmt::Display for Stuck<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stuck::Sending(error) => write!(f, "a page could not be fetched: {error}"),
            Stuck::Refused(text) => write!(f, "the page says: {text}"),
            Stuck::Lost(why) => f.write_str(why),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for Stuck<E> {}

impl Person {
    /// Signs in at an authorization address. `send` exchanges one request for one response and follows
    /// no redirect.
    ///
    /// # Errors
    /// What `send` says, and [`Stuck::Refused`] when the pages refuse, for instance the password.
    pub fn sign_in<E>(
        &self,
        authorize_url: &str,
        mut send: impl FnMut(HttpRequest) -> Result<HttpResponse, E>,
    ) -> Result<Arrival, Stuck<E>> {
        let start = Url::parse(authorize_url).map_err(|_| Stuck::Lost("the address is not one"))?;
        let mut response = send(get(&start)?).map_err(Stuck::Sending)?;
        for _ in 0..PAGES {
            if response.status().is_redirection() {
                let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
                let url = location.ok_or(Stuck::Lost("the redirect leads nowhere"))?.to_owned();
                return Ok(Arrival { method: Method::GET, url, body: SecretBytes::default() });
            }
            let page = Page::read(&response).ok_or(Stuck::Lost("the page has no text"))?;
            if page.form.is_none() || page.error.is_some() {
                return Err(Stuck::Refused(page.error.unwrap_or(page.title)));
            }
            let (action, body) = self.fill(&page, &start)?;
            if action.origin() != start.origin() {
                let url = String::from(action);
                return Ok(Arrival { method: Method::POST, url, body });
            }
            response = send(post(&action, body)?).map_err(Stuck::Sending)?;
        }
        Err(Stuck::Lost("the pages do not end"))
    }

    /// Enters a device's code where it has to be entered, and decides. Gives the last page's text.
    ///
    /// # Errors
    /// As for [`Person::sign_in`].
    pub fn approve_device<E>(
        &self,
        verification_uri: &str,
        user_code: &str,
        mut send: impl FnMut(HttpRequest) -> Result<HttpResponse, E>,
    ) -> Result<String, Stuck<E>> {
        let mut start = Url::parse(verification_uri).map_err(|_| Stuck::Lost("the address is not one"))?;
        start.query_pairs_mut().append_pair("otc", user_code);
        let mut response = send(get(&start)?).map_err(Stuck::Sending)?;
        for _ in 0..PAGES {
            let page = Page::read(&response).ok_or(Stuck::Lost("the page has no text"))?;
            if let Some(error) = page.error {
                return Err(Stuck::Refused(error));
            }
            if page.form.is_none() {
                return if page.done { Ok(page.text) } else { Err(Stuck::Refused(page.title)) };
            }
            let (action, body) = self.fill(&page, &start)?;
            if action.origin() != start.origin() {
                return Err(Stuck::Lost("the page leads away"));
            }
            response = send(post(&action, body)?).map_err(Stuck::Sending)?;
        }
        Err(Stuck::Lost("the pages do not end"))
    }

    /// What the form sends once it is filled in, and where to.
    fn fill<E>(&self, page: &Page, base: &Url) -> Result<(Url, SecretBytes), Stuck<E>> {
        let form = page.form.as_ref().ok_or(Stuck::Lost("the page has no form"))?;
        let action = base.join(&form.action).map_err(|_| Stuck::Lost("the form leads nowhere"))?;
        let mut body = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &form.inputs {
            let typed = match name.as_str() {
                "username" => &self.username,
                "password" => self.password.expose(),
                _ => value,
            };
            body.append_pair(name, typed);
        }
        let wanted: &[&str] = match self.decision {
            Decision::Approve => &["approve", "signin", "next", "continue"],
            Decision::Decline => &["decline", "cancel", "next", "continue"],
            Decision::Cancel => &["cancel", "decline", "next", "continue"],
        };
        let pressed = wanted.iter().find_map(|id| form.buttons.iter().find(|button| button.id == *id));
        let pressed = pressed.ok_or(Stuck::Lost("the page has no button to press"))?;
        if !pressed.name.is_empty() {
            body.append_pair(&pressed.name, &pressed.value);
        }
        Ok((action, SecretBytes::new(body.finish())))
    }
}

fn get<E>(url: &Url) -> Result<HttpRequest, Stuck<E>> {
    let request = Request::get(url.as_str()).header(header::ACCEPT, "text/html");
    request.body(SecretBytes::default()).map_err(|_| Stuck::Lost("the address is not one"))
}

fn post<E>(url: &Url, body: SecretBytes) -> Result<HttpRequest, Stuck<E>> {
    let request = Request::post(url.as_str())
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.body(body).map_err(|_| Stuck::Lost("the address is not one"))
}
