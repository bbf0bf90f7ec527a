//! Authentication to Microsoft Entra ID, Azure managed identities and Azure Machine Learning as pure
//! state machines: no IO, no clock, no randomness, no environment, no logging.
//!
//! The core decides, a driver does what it is asked. So every flow can be property-tested, fuzzed,
//! run on a virtual clock, replayed from a transcript, and executed on any runtime. Ready-made drivers
//! are `entrada-blocking` and `entrada-tokio`; [`manual::writing_a_driver`] shows how to write
//! another.
//!
//! # The contract
//!
//! A [`Credential`] makes a [`Flow`](flow::Flow); a [`Run`] steps it. Each step ends in an
//! [`Effect`](effect::Effect) to carry out or in a result. Exactly one effect is outstanding:
//!
//! ```text
//!             start                      Do(effect)
//!   (fresh) ────────▶ the flow is stepped ────────▶ one effect outstanding ──┐
//!                       ▲           │                                        │
//!                       │           │ Done(result)             carry it out  │
//!                       │           ▼                                        ▼
//!                       │       (finished)                    consume it into its Reply
//!                       └──────────── resume(reply) · expire() ──────────────┘
//! ```
//!
//! - Consuming an effect is the only way to make its [`Reply`](effect::Reply); one that is stale,
//!   foreign or given twice is [`ErrorKind::Misuse`], never a panic, and changes nothing.
//! - Every effect has its deadline; when it passes, [`Run::expire`] takes the place of a reply. The
//!   run's own deadline clamps them all.
//! - Both clocks and randomness come in with every call: [`Now`] and [`Entropy`].
//! - Dropping a run cancels it; [`Run::cancel`] tells what there is by then.
//!
//! # A token, by hand
//!
//! ```
//! use entrada_core::effect::Effect;
//! use entrada_core::{ClientSecretCredential, Credential, Now, Run, Step, TokenRequest};
//! # struct Fixed;
//! # impl entrada_core::Entropy for Fixed { fn fill(&mut self, b: &mut [u8]) { b.fill(7) } }
//! # let (now, mut entropy) = (Now::default(), Fixed);
//! let credential = ClientSecretCredential::new("contoso.onmicrosoft.com", "client-id", "secret")?;
//! let request = TokenRequest::new(["https://management.azure.com/.default"])?;
//!
//! let mut run = Run::new(credential.begin(&request));
//! let Step::Do(Effect::Http(call)) = run.start(now, &mut entropy) else { unreachable!() };
//! assert_eq!(call.request().uri().path(), "/contoso.onmicrosoft.com/oauth2/v2.0/token");
//!
//! let (_request, ticket) = call.split();
//! let body = br#"{"token_type":"Bearer","expires_in":3599,"access_token":"opaque"}"#;
//! let reply = ticket.reply(Ok(http::Response::new(body.to_vec().into())));
//! let Step::Done(token) = run.resume(now, &mut entropy, reply) else { unreachable!() };
//! assert_eq!(token?.expires_on().0, 3599);
//! # Ok::<(), entrada_core::Error>(())
//! ```
//!
//! # Where things are
//!
//! | module | what it holds |
//! |---|---|
//! | [`run`], [`flow`], [`effect`] | the contract |
//! | [`endpoint`], [`cloud`], [`authority`], [`tenant`], [`scope`] | where a credential may be sent, and for what |
//! | [`exchange`], [`token`], [`challenge`], [`claims`], [`aadsts`] | requests with their retries, and what comes back |
//! | [`flows`] | one file, or folder, for each way to a token |
//! | [`chain`], [`doctor`] | several in order; every one, to see what is wrong |
//! | [`cache`] | tokens kept, one request for all who want the same; accounts kept between runs |
//! | [`call`] | calls that use a token, their pages, and what takes longer than an answer |
//! | [`arm`], [`graph`], [`ml`] | Azure Resource Manager, Microsoft Graph, Azure Machine Learning |
//! | [`time`], [`secret`], [`environment`], [`dotenv`], [`error`], [`redact`], [`xml`] | values that everything is made of |
//! | [`manual`] | how to use it, how to write a driver, what is promised |

pub mod aadsts;
pub mod arm;
pub mod auth_file;
pub mod authority;
pub mod cache;
pub mod calendar;
pub mod call;
pub mod chain;
pub mod challenge;
pub mod claims;
pub mod cloud;
pub mod doctor;
pub mod dotenv;
pub mod effect;
pub mod endpoint;
pub mod environment;
pub mod error;
pub mod exchange;
pub mod flow;
pub mod flows;
pub mod graph;
mod json_file;
pub mod jwt;
pub mod manual;
mod mark;
mod memo;
pub mod ml;
mod patience;
pub mod pkce;
pub mod product;
pub mod redact;
pub mod request;
pub mod run;
pub mod scope;
pub mod secret;
pub mod tenant;
pub mod time;
pub mod token;
pub mod xml;

pub use auth_file::AuthFile;
pub use authority::Authority;
pub use cache::{Partition, SharedCache};
pub use chain::{Chain, DefaultChain, EnvironmentCredential};
pub use cloud::Cloud;
pub use endpoint::{Endpoint, PlainHttp, Route};
pub use environment::Environment;
pub use error::{Error, ErrorKind};
pub use flow::{BoxFlow, Credential, Entropy};
pub use flows::authority_client::EntraClient;
pub use flows::authorization_code::{AuthorizationCodeCredential, PendingSignIn, WebSignIn};
pub use flows::azure_cli::AzureCliCredential;
pub use flows::azure_developer_cli::AzureDeveloperCliCredential;
pub use flows::azure_ml_on_behalf_of::AzureMlOnBehalfOfCredential;
pub use flows::azure_pipelines::{AzurePipelinesCredential, PipelineJob};
pub use flows::azure_powershell::AzurePowerShellCredential;
pub use flows::client_assertion::ClientAssertionCredential;
pub use flows::client_auth::{AssertionCallback, AssertionFile, ClientCertificate, CredentialAssertion};
pub use flows::client_certificate::ClientCertificateCredential;
pub use flows::client_secret::ClientSecretCredential;
pub use flows::device_code::{DeviceCodeCredential, PendingDeviceCode};
pub use flows::expecting::{ExpectedIdentity, Expecting};
pub use flows::interactive_browser::{BrowserOptions, InteractiveBrowserCredential};
pub use flows::managed::{ManagedIdentityCredential, ManagedIdentityId};
pub use flows::on_behalf_of::OnBehalfOfCredential;
pub use flows::refresh_token::RefreshTokenCredential;
pub use flows::silent::{Memory, Remembered, RememberedApp, SharedTokenCacheCredential};
pub use flows::username_password::UsernamePasswordCredential;
pub use flows::visual_studio_code::VisualStudioCodeCredential;
pub use flows::workload_identity::WorkloadIdentityCredential;
pub use product::Product;
pub use request::TokenRequest;
pub use run::{Run, Step};
pub use scope::Scopes;
pub use secret::{Secret, SecretBytes};
pub use tenant::{AdditionalTenants, Tenant};
pub use time::{Mono, Now, Unix};
pub use token::AccessToken;
