//! Assertions of somebody else's making.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::{AssertionRequest, AssertionSource};
use crate::cloud::Cloud;
use crate::effect::{FileFailure, Reply};
use crate::error::{Error, ErrorKind};
use crate::flow::{self, BoxFlow, Credential, Cx, Flow, expect};
use crate::request::TokenRequest;
use crate::run::Step;
use crate::secret::Secret;
use crate::token::AccessToken;

type Callback = dyn Fn(&AssertionRequest) -> Result<Secret, Error> + Send + Sync;

/// Assertions that a function of the program makes. It is called once for every request and for every
/// repetition of one, and its result is not kept.
///
/// The call is waited for: in an async program a function that takes its time belongs behind a credential, a
/// file or a signer of its own.
#[derive(Clone)]
pub struct AssertionCallback(Arc<Callback>);

impl AssertionCallback {
    /// The assertions that this function gives.
    #[must_use]
    pub fn new(
        callback: impl Fn(&AssertionRequest) -> Result<Secret, Error> + Send + Sync + 'static,
    ) -> AssertionCallback {
        AssertionCallback(Arc::new(callback))
    }
}

impl fmt::Debug for AssertionCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AssertionCallback(…)")
    }
}

impl AssertionSource for AssertionCallback {
    fn assertion(&self, wanted: &AssertionRequest) -> BoxFlow<Secret> {
        Box::new(Calling { callback: self.clone(), wanted: Some(wanted.clone()) })
    }
}

/// The call, made when its assertion is wanted and not before.
#[derive(Debug)]
struct Calling {
    callback: AssertionCallback,
    wanted: Option<AssertionRequest>,
}

impl Flow for Calling {
    type Output = Secret;

    fn step(&mut self, _: &mut Cx<'_>, _: Option<Reply>) -> Step<Secret> {
        match self.wanted.take() {
            Some(wanted) => Step::Done((self.callback.0)(&wanted)),
            None => Step::Done(Err(flow::out_of_turn())),
        }
    }
}

/// An assertion that somebody else writes into a file and renews there, as Kubernetes does. The file is
/// read for every request.
#[derive(Clone, Debug)]
pub struct AssertionFile {
    path: PathBuf,
    named_by: &'static str,
}

impl AssertionFile {
    /// The most that is read of a file, in bytes.
    const LIMIT: usize = 64 << 10;

    /// The assertion in this file.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> AssertionFile {
        AssertionFile { path: path.into(), named_by: "the path of the file" }
    }

    /// The same, whose path came from this variable or option: errors say to check that one.
    ///
    /// ```
    /// use entrada_core::AssertionFile;
    ///
    /// let file = AssertionFile::new("/run/secrets/token").named_by("AZURE_FEDERATED_TOKEN_FILE");
    /// ```
    #[must_use]
    pub fn named_by(mut self, name: &'static str) -> AssertionFile {
        self.named_by = name;
        self
    }
}

impl AssertionSource for AssertionFile {
    fn assertion(&self, _: &AssertionRequest) -> BoxFlow<Secret> {
        Box::new(Reading { file: self.clone(), asked: false })
    }
}

#[derive(Debug)]
struct Reading {
    file: AssertionFile,
    asked: bool,
}

impl Flow for Reading {
    type Output = Secret;

    fn step(&mut self, cx: &mut Cx<'_>, reply: Option<Reply>) -> Step<Secret> {
        if !std::mem::replace(&mut self.asked, true) {
            return cx.read_file(self.file.path.clone(), AssertionFile::LIMIT);
        }
        let result = crate::check!(expect(reply)).file();
        Step::Done(result.map_err(|failure| self.unreadable(&failure)).and_then(|file| {
            let text = std::str::from_utf8(file.bytes.expose()).unwrap_or_default();
            // Whoever writes such files likes to end them with a line end.
            let text = text.trim_start_matches('\u{feff}').trim();
            match text.is_empty() {
                true => Err(self.unfit(ErrorKind::Configuration, "is empty or not text")),
                false => Ok(Secret::new(text)),
            }
        }))
    }
}

impl Reading {
    fn unreadable(&self, failure: &FileFailure) -> Error {
        let kind = match failure {
            FileFailure::Unsupported => ErrorKind::Unavailable,
            FileFailure::Mismatch => ErrorKind::Misuse,
            FileFailure::TimedOut => ErrorKind::Timeout,
            _ => ErrorKind::Configuration,
        };
        self.unfit(kind, &format!("cannot be read: {failure}"))
    }

    fn unfit(&self, kind: ErrorKind, why: &str) -> Error {
        let AssertionFile { path, named_by } = &self.file;
        Error::new(kind, format!("the token file {} {why}", path.display()))
            .with_remedy(format!("check {named_by}, or whoever writes the file"))
    }
}

/// The token of another credential as assertion: a managed identity, or an app of another tenant, that
/// the app trusts by a federated identity credential.
///
/// ```
/// use std::sync::Arc;
///
/// use entrada_core::{
///     ClientAssertionCredential, CredentialAssertion, EntraClient, Environment, ManagedIdentityCredential,
///     ManagedIdentityId,
/// };
///
/// // The app has a federated credential that names this managed identity.
/// let identity = ManagedIdentityId::client_id("9e5f2a61-3c73-4ea4-8fb5-6a3b4c5d7e07")?;
/// let machine = ManagedIdentityCredential::new(&Environment::new(), identity);
/// let app = EntraClient::new("contoso.onmicrosoft.com", "client-id")?;
/// let credential = ClientAssertionCredential::of(app, CredentialAssertion::of(Arc::new(machine)));
/// # Ok::<(), entrada_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CredentialAssertion {
    credential: Arc<dyn Credential>,
    scope: Option<String>,
}

impl CredentialAssertion {
    /// The tokens of this credential, for the audience that the authority's cloud expects of a federated
    /// credential (`api://AzureADTokenExchange` in the public cloud).
    #[must_use]
    pub fn of(credential: Arc<dyn Credential>) -> CredentialAssertion {
        CredentialAssertion { credential, scope: None }
    }

    /// The same for another scope, where the federated credential names an audience of its own.
    #[must_use]
    pub fn for_scope(mut self, scope: impl Into<String>) -> CredentialAssertion {
        self.scope = Some(scope.into());
        self
    }

    fn request(&self, wanted: &AssertionRequest) -> Result<TokenRequest, Error> {
        let cloud = wanted.authority.cloud().unwrap_or(Cloud::PUBLIC);
        let usual = || cloud.token_exchange.map(|audience| format!("{audience}/.default"));
        match self.scope.clone().or_else(usual) {
            Some(scope) => TokenRequest::new([scope]),
            None => Err(Error::new(
                ErrorKind::Configuration,
                format!("what assertions are for in {} is not known", cloud.name),
            )
            .with_remedy(
                "name the audience of the federated credential with CredentialAssertion::for_scope",
            )),
        }
    }
}

impl AssertionSource for CredentialAssertion {
    fn assertion(&self, wanted: &AssertionRequest) -> BoxFlow<Secret> {
        match self.request(wanted) {
            Ok(request) => flow::map(self.credential.begin(&request), secret_of),
            Err(error) => flow::ready(Err(error)),
        }
    }
}

#[allow(clippy::unnecessary_wraps, reason = "the shape of a change of a flow's value")]
fn secret_of(token: AccessToken) -> Result<Secret, Error> {
    Ok(token.secret().clone())
}
