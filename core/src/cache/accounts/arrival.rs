//! Tokens that came, with what has to be known to keep them.

mod settle;

use super::AuthenticationRecord;
use super::refresh::KeptRefreshToken;
use crate::error::Error;
use crate::flows::authority_client::EntraClient;
use crate::request::TokenRequest;
use crate::tenant::Tenant;
use crate::token::{AccessToken, TokenResponse};

/// How somebody signed in: the `account_source` of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountSource {
    /// In a browser.
    AuthorizationCode,
    /// On another device.
    DeviceCode,
    /// With a password.
    Password,
}

impl AccountSource {
    fn grant_type(self) -> &'static str {
        match self {
            AccountSource::AuthorizationCode => "authorization_code",
            AccountSource::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            AccountSource::Password => "password",
        }
    }
}

/// Tokens that came from an authority, with what has to be known to keep them.
#[derive(Clone, Debug)]
pub struct Arrival {
    client_id: String,
    environment: String,
    tenant: Tenant,
    adfs: bool,
    target: String,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    SignedIn(AccountSource, Box<TokenResponse>),
    Refreshed(Box<KeptRefreshToken>, Box<TokenResponse>),
    Rotated(Box<KeptRefreshToken>, Box<TokenResponse>),
    App(Box<AccessToken>),
}

impl Arrival {
    /// Somebody signed in to this app.
    ///
    /// # Errors
    /// `Configuration` when the app may not have tokens of the tenant that was asked for.
    pub fn of_sign_in(
        client: &EntraClient,
        request: &TokenRequest,
        source: AccountSource,
        response: &TokenResponse,
    ) -> Result<Arrival, Error> {
        let how = How::SignedIn(source, Box::new(response.clone()));
        Arrival::new(client, request, response.access.scopes(), how)
    }

    /// A refresh token was redeemed for somebody who had signed in before.
    ///
    /// # Errors
    /// As for [`Arrival::of_sign_in`].
    pub fn of_refresh(
        client: &EntraClient,
        request: &TokenRequest,
        with: &KeptRefreshToken,
        response: &TokenResponse,
    ) -> Result<Arrival, Error> {
        let how = How::Refreshed(Box::new(with.clone()), Box::new(response.clone()));
        Arrival::new(client, request, response.access.scopes(), how)
    }

    /// As [`Arrival::of_refresh`], but the access token is not for whoever reads this document: what the
    /// refresh token was replaced by is kept alone.
    ///
    /// # Errors
    /// As for [`Arrival::of_sign_in`].
    pub fn of_rotation(
        client: &EntraClient,
        request: &TokenRequest,
        with: &KeptRefreshToken,
        response: &TokenResponse,
    ) -> Result<Arrival, Error> {
        let how = How::Rotated(Box::new(with.clone()), Box::new(response.clone()));
        Arrival::new(client, request, response.access.scopes(), how)
    }

    /// The app got a token for itself.
    ///
    /// # Errors
    /// As for [`Arrival::of_sign_in`].
    pub fn of_app(
        client: &EntraClient,
        request: &TokenRequest,
        token: &AccessToken,
    ) -> Result<Arrival, Error> {
        Arrival::new(client, request, token.scopes(), How::App(Box::new(token.clone())))
    }

    fn new(
        client: &EntraClient,
        request: &TokenRequest,
        granted: Option<&str>,
        how: How,
    ) -> Result<Arrival, Error> {
        let tenant = client.tenant_for(request)?;
        let adfs = client.authority().is_adfs(&tenant);
        // What was asked for answers that question again; what was granted answers others too.
        let scopes = request.scopes().iter().chain(granted.into_iter().flat_map(str::split_whitespace));
        let mut target: Vec<_> = scopes.collect();
        target.sort_unstable();
        target.dedup();
        Ok(Arrival {
            client_id: client.client_id().to_owned(),
            environment: client.authority().kept_environment(),
            tenant,
            adfs,
            target: target.join(" "),
            how,
        })
    }

    /// Who signed in, to be kept by the program itself; nothing where the reply does not tell, or nobody
    /// signed in.
    #[must_use]
    pub fn record(&self) -> Option<AuthenticationRecord> {
        match &self.how {
            How::SignedIn(_, response) => AuthenticationRecord::of(&self.client_id, response),
            _ => None,
        }
    }
}
