//! Who is kept, the apps they signed in to, and what the authority says.

use entrada_core::cache::accounts::{AccountSource, Arrival};
use entrada_core::effect::HttpFailure;
use entrada_core::flows::silent::{Memory, SharedTokenCacheCredential};
use entrada_core::token::TokenResponse;
use entrada_core::{AccessToken, EntraClient, TokenRequest};
use entrada_tests::script::token;
use serde_json::json;

pub(crate) const SCOPE: &str = "https://vault.azure.net/.default";
pub(crate) const TENANT: &str = "6b2c9d3e-0f40-4b71-9c82-3d0e1f2a4b99";

/// `{"uid":"u","utid":"home"}` and `{"uid":"v","utid":"home"}`.
pub(crate) const ADA: &str = "eyJ1aWQiOiJ1IiwidXRpZCI6ImhvbWUifQ";
pub(crate) const BOB: &str = "eyJ1aWQiOiJ2IiwidXRpZCI6ImhvbWUifQ";

pub(crate) fn request() -> TokenRequest {
    TokenRequest::new([SCOPE]).unwrap()
}

pub(crate) fn other() -> TokenRequest {
    TokenRequest::new(["https://other.example/.default"]).unwrap()
}

pub(crate) fn app(client_id: &str) -> EntraClient {
    EntraClient::new(TENANT, client_id).unwrap()
}

pub(crate) fn tool() -> EntraClient {
    app(EntraClient::developer().unwrap().client_id())
}

pub(crate) fn silently(client: EntraClient) -> SharedTokenCacheCredential {
    SharedTokenCacheCredential::of(client, Memory::shared())
}

/// What the authority gives to who signs in.
pub(crate) fn response(access: AccessToken, refresh_token: &str, who: &str) -> TokenResponse {
    TokenResponse {
        access,
        refresh_token: Some(refresh_token.into()),
        id_token: None,
        client_info: Some(who.into()),
        family: None,
    }
}

pub(crate) fn signed_in(client: &EntraClient, response: &TokenResponse) -> Arrival {
    Arrival::of_sign_in(client, &request(), AccountSource::DeviceCode, response).unwrap()
}

/// Somebody who signed in and has a token for something else.
pub(crate) fn known(client: &EntraClient, refresh_token: &str, who: &str) -> Arrival {
    let response = TokenResponse { family: Some("1".into()), ..response(token("other"), refresh_token, who) };
    Arrival::of_sign_in(client, &other(), AccountSource::DeviceCode, &response).unwrap()
}

pub(crate) fn granted(access: &str) -> Result<(u16, String), HttpFailure> {
    let body = json!({"token_type": "Bearer", "access_token": access, "expires_in": 3600,
        "refresh_token": "refresh-next", "client_info": ADA});
    Ok((200, body.to_string()))
}

pub(crate) fn refused(error: &str, number: u64) -> Result<(u16, String), HttpFailure> {
    Ok((400, json!({"error": error, "error_description": format!("AADSTS{number}: no")}).to_string()))
}
