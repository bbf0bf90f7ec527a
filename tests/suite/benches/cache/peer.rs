//! The official SDK.

use std::fmt;
use std::sync::Arc;

use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::headers::Headers;
use azure_core::http::{
    AsyncRawResponse, ClientOptions, HttpClient, Request, RetryOptions, StatusCode, Transport,
};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};

use super::{Authority, Subject};

#[derive(Clone)]
pub(super) struct Peer(Arc<ClientSecretCredential>);

struct Client(Arc<Authority>);

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn execute_request(&self, _: &Request) -> azure_core::Result<AsyncRawResponse> {
        let (status, body) = self.0.answer().await;
        Ok(AsyncRawResponse::from_bytes(StatusCode::from(status), Headers::new(), body))
    }
}

impl Subject for Peer {
    fn new(authority: Arc<Authority>) -> Peer {
        let client_options = ClientOptions {
            transport: Some(Transport::new(Arc::new(Client(authority)))),
            retry: RetryOptions::none(),
            ..ClientOptions::default()
        };
        let options = ClientSecretCredentialOptions { client_options };
        let secret = Secret::new("secret");
        Peer(ClientSecretCredential::new("contoso.com", "client".to_owned(), secret, Some(options)).unwrap())
    }

    async fn get(&self, scope: &str) -> bool {
        self.0.get_token(&[scope], None).await.is_ok()
    }
}
