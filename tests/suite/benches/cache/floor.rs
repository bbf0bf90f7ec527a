//! The least that a fetch can be: the same request built and the same reply read with the same crates, by the
//! shortest way there is. It protects nothing, retries nothing, shares nothing and tells nothing of a failure.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use entrada_core::flow::Entropy as _;
use entrada_host::OsEntropy;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, Uri};
use url::form_urlencoded::Serializer;

use super::{Authority, Subject};

#[derive(Clone)]
pub(super) struct Floor(Arc<Parts>);

struct Parts {
    authority: Arc<Authority>,
    uri: Uri,
    headers: HeaderMap,
    tokens: Mutex<HashMap<String, Arc<String>>>,
}

#[derive(serde::Deserialize)]
struct Reply<'a> {
    access_token: &'a str,
    token_type: &'a str,
    expires_in: u64,
}

impl Parts {
    /// The request as it goes to a transport, with an id of its own as both libraries give it.
    fn request(&self, scope: &str) -> Request<Vec<u8>> {
        let form = Serializer::new(String::with_capacity(256))
            .append_pair("client_id", "client")
            .append_pair("client_secret", "secret")
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", scope)
            .finish();
        let mut id = [0; 16];
        OsEntropy::default().fill(&mut id);
        let id = format!("{:032x}", u128::from_be_bytes(id));
        let mut request = Request::new(form.into_bytes());
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert("client-request-id", HeaderValue::try_from(id).unwrap());
        request
    }
}

impl Subject for Floor {
    const AHEAD: u64 = 0;

    fn new(authority: Arc<Authority>) -> Floor {
        let mut headers = HeaderMap::with_capacity(12);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("floor/1"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let uri = Uri::from_static("https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token");
        Floor(Arc::new(Parts { authority, uri, headers, tokens: Mutex::default() }))
    }

    async fn get(&self, scope: &str) -> bool {
        let known = self.0.tokens.lock().unwrap().get(scope).cloned();
        if known.is_some() {
            return true;
        }
        std::hint::black_box(self.0.request(scope));
        let (_, body) = self.0.authority.answer().await;
        let Ok(reply) = serde_json::from_str::<Reply<'_>>(&body) else { return false };
        let token = Arc::new(reply.access_token.to_owned());
        self.0.tokens.lock().unwrap().insert(scope.to_owned(), Arc::clone(&token));
        reply.token_type == "Bearer" && std::hint::black_box((token, reply.expires_in)).1 > 0
    }
}
