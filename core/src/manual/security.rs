//! # What is promised about secrets
//!
//! | promise | how it is held |
//! |---|---|
//! | A credential is sent to the configured authority, to an endpoint on this machine, or nowhere | [`Endpoint`](crate::Endpoint) is the only address type. Of what a server says, two things become one: a link to the next page, which must lead to the same scheme, host and port, and the address of a federation service, whose host the caller must have trusted: [`Endpoint::trusted`](crate::Endpoint::trusted) |
//! | A look-alike authority gets nothing | Entra is asked about a host that is not known before anything else is sent there, see [`Authority::needs_discovery`](crate::Authority::needs_discovery) |
//! | Plain http never leaves the machine | [`PlainHttp`](crate::PlainHttp) admits loopback alone, and only where the caller opted in |
//! | Metadata endpoints are never reached through a proxy | [`Route::Local`](crate::Route::Local) |
//! | A redirect is not followed | drivers return it; flows call it a mistake |
//! | No secret in `Debug`, `Display`, errors or logs | [`Secret`](crate::Secret) has no `Display` and no `Serialize`; errors cannot hold requests |
//! | No secret on a command line | tools get scopes and ids; the command reads secrets from files and variables |
//! | A sign-in cannot be hijacked by another tab or process | `state` is compared first and in constant time, PKCE with S256, `nonce`, issuer, tenant and lifetime of the id token |
//! | A chain does not change identity | only absence leads on, and the first that answers stays |
//! | What is kept is encrypted, unless plain files were asked for by name | `entrada_host::store::Places`; a key that cannot be had is an error, never a reason to write in the clear |
//! | A dead token is not returned | alive means by both clocks, also for one that was long under way |
//!
//! ## What is not promised
//!
//! Memory is wiped when a [`Secret`](crate::Secret) is dropped, but JSON parsers, HTTP stacks and
//! allocators keep copies of their own. Whoever can read the memory, the environment or the files of
//! the process has its secrets. Whoever controls the environment decides which metadata endpoint on
//! the machine is asked.
//!
//! The full threat model is in `.github/THREAT_MODEL.md`.
