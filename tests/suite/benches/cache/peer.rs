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

/// The same, with its requests made ready to be sent: its own transport does that after the place where it is
/// cut off here, while ours gets them ready.
#[derive(Clone)]
pub(super) struct PeerReady(Peer);

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

struct ReadyClient(Client);

impl fmt::Debug for ReadyClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadyClient")
    }
}

#[async_trait::async_trait]
impl HttpClient for ReadyClient {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut ready = http::Request::builder().method("POST").uri(request.url().as_str());
        for (name, value) in request.headers().iter() {
            ready = ready.header(name.as_str(), value.as_str());
        }
        std::hint::black_box(ready.body(request.body().clone()).unwrap());
        self.0.execute_request(request).await
    }
}

impl Peer {
    fn by(client: impl HttpClient + 'static) -> Peer {
        let client_options = ClientOptions {
            transport: Some(Transport::new(Arc::new(client))),
            retry: RetryOptions::none(),
            ..ClientOptions::default()
        };
        let options = ClientSecretCredentialOptions { client_options };
        let secret = Secret::new("secret");
        Peer(ClientSecretCredential::new("contoso.com", "client".to_owned(), secret, Some(options)).unwrap())
    }
}

impl Subject for Peer {
    const AHEAD: u64 = 0;

    fn new(authority: Arc<Authority>) -> Peer {
        Peer::by(Client(authority))
    }

    async fn get(&self, scope: &str) -> bool {
        self.0.get_token(&[scope], None).await.is_ok()
    }
}

impl Subject for PeerReady {
    const AHEAD: u64 = Peer::AHEAD;

    fn new(authority: Arc<Authority>) -> PeerReady {
        PeerReady(Peer::by(ReadyClient(Client(authority))))
    }

    async fn get(&self, scope: &str) -> bool {
        self.0.get(scope).await
    }
}
