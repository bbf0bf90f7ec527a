//! # Caching
//!
//! There are two caches. One is in memory, on by default, and holds access tokens. The other is a store on disk,
//! used only where a program asks for it, and holds accounts and refresh tokens as well.
//!
//! ## In memory
//!
//! Each `Credential` of the drivers has a cache, and its clones use the same one. Ask it for a token before every
//! request; do not keep tokens yourself.
//!
//! | what happens | what callers see |
//! |---|---|
//! | no token, many callers | one request; all callers get its result |
//! | the token is due for renewal | everybody gets the token there is, at once; one renewal runs on the side |
//! | the renewal fails | nobody is told while the token lives; the next attempt is half a minute later ([`HOLD_OFF`](crate::cache::HOLD_OFF)) |
//! | the token has expired, by either clock | it is not handed out; a new one is fetched |
//! | a request with claims | a fresh token, which replaces the one there was |
//! | two scopes, tenants or users | neither waits for the other |
//!
//! A token is due when the authority says so (`refresh_in`). Where it says nothing, a token is due five minutes before
//! its end, or half way to it if it lives for less than ten minutes. In each case it may be up to a minute earlier, so
//! that many machines do not ask at the same moment.
//!
//! The key is the authority (aliases are one), tenant, app, set of scopes, user, and whether the client can answer
//! claims challenges. A cache holds ten thousand tokens; the least recently used make place
//! ([`SharedCache::with_capacity`](crate::SharedCache::with_capacity)).
//!
//! ## Handles
//!
//! `credential.for_scopes([…])` checks and sorts the scopes once. Its `token()` allocates nothing while a token lives,
//! and its `authorization()` gives the value of the `Authorization` header, formatted once for each token and marked
//! as sensitive.
//!
//! Give each thread or task its own clone of the handle. A clone answers from its own copy for up to one second, without
//! the cache's lock. The copy is not used once the token has expired, once any token of the cache was replaced or
//! forgotten, or for a request with claims.
//!
//! ## Failures
//!
//! All who wait get the same error. The next caller tries again, except:
//!
//! - until the time a service named in `Retry-After` has passed, one hour at most. This holds for renewals and for
//!   requests with claims too;
//! - for five seconds after a refusal ([`SAME_ANSWER`](crate::cache::SAME_ANSWER)), for the same credential and the same
//!   claims. It does not hold where a person can be asked.
//!
//! Until then callers get the same error at once. If the caller who makes the request is cancelled, or its own time limit
//! ends, one of those who wait takes over.
//!
//! A service that answers 401 to a token that should be good: call `forget(&token)` and ask again. `Credential::call`
//! does this by itself.
//!
//! ## Shared between credentials
//!
//! Nothing is shared unless a program passes one [`SharedCache`](crate::SharedCache) to several credentials
//! (`with_cache`). They then share tokens where they are of the same app, tenant and user, and prove it by a secret, a
//! certificate, an assertion, an incoming token (on-behalf-of) or a password. The tokens of other credentials (a person
//! in a browser, a managed identity, a tool) are used by that credential and its clones only.
//!
//! A driver of your own uses the same cache:
//!
//! ```
//! use entrada_core::cache::{Partition, Turn};
//! use entrada_core::{AccessToken, Mono, Now, SharedCache, TokenRequest, Unix};
//! # struct Fixed;
//! # impl entrada_core::Entropy for Fixed { fn fill(&mut self, b: &mut [u8]) { b.fill(7) } }
//! # let mut entropy = Fixed;
//! let (cache, partition) = (SharedCache::new(), Partition::private());
//! let request = TokenRequest::new(["https://management.azure.com/.default"])?;
//! let now = Now { mono: Mono(0), unix: Unix(1_800_000_000) };
//!
//! // The first caller asks for everybody.
//! let Turn::Lead(lead) = cache.turn(&partition, &request, now) else { panic!("there is none yet") };
//! let Turn::Wait(_) = cache.turn(&partition, &request, now) else { panic!("one asks already") };
//! let came = AccessToken::new("secret".into(), now.unix.after(std::time::Duration::from_secs(3600)), now, "test");
//! lead.settle(now, &mut entropy, came)?;
//!
//! let Turn::Use(token) = cache.turn(&partition, &request, now) else { panic!("it is there") };
//! assert_eq!(token.expires_on().to_string(), "2027-01-15T09:00:00Z");
//! # Ok::<(), entrada_core::Error>(())
//! ```
//!
//! [`TokenCache`](crate::cache::TokenCache) is the same without a lock or a waker, as a pure value.
//!
//! ## Kept between runs
//!
//! A store keeps accounts, refresh tokens and access tokens on disk. A driver gets it with `Driver::builder().store(…)`;
//! three credentials use it:
//!
//! | credential | what it does |
//! |---|---|
//! | [`Remembered`](crate::Remembered) | a person signs in by browser or device code once; later runs ask nobody |
//! | [`SharedTokenCacheCredential`](crate::SharedTokenCacheCredential) | uses an account that was kept, and never asks |
//! | [`RememberedApp`](crate::RememberedApp) | an app keeps its access token, so that a loop in a shell makes one request |
//!
//! ```
//! use entrada_core::{ClientSecretCredential, DeviceCodeCredential, EntraClient};
//! use entrada_core::{Memory, Remembered, RememberedApp, SharedTokenCacheCredential};
//!
//! let developer = EntraClient::developer()?;
//! let person = Remembered::of(DeviceCodeCredential::of(developer.clone()), Memory::shared());
//! let ada = SharedTokenCacheCredential::of(developer, Memory::shared().of_user("ada@contoso.com"));
//!
//! let app = EntraClient::new("contoso.onmicrosoft.com", "client-id")?;
//! let secret = ClientSecretCredential::of(app.clone(), "secret")?;
//! let app = RememberedApp::of(app, secret, Memory::shared());
//! # let _ = (person, ada, app);
//! # Ok::<(), entrada_core::Error>(())
//! ```
//!
//! A [`Memory`](crate::Memory) names the document, and may narrow it to a user, a home tenant or a record.
//! [`Memory::named`](crate::Memory::named) keeps the accounts of one program apart from all others.
//!
//! The documents follow MSAL's unified schema. Entries and fields that are not known stay as they are. A file that cannot
//! be read is set aside with a warning, and a new one is begun. Files are written whole, for their owner alone, under a
//! lock that processes respect and that does not outlive its holder.
//!
//! ## Where it is kept, and who else reads it
//!
//! `entrada_host::store::Places` opens the store. Encrypted files are the default and need the feature `encrypted-store`;
//! `secret-service` adds the keyring of a Linux desktop. Plain files are written only where `Protection::Plaintext` (on the
//! command line `--token-cache plaintext`) asks for them.
//!
//! | system | encrypted files | their key | who else reads them |
//! |---|---|---|---|
//! | Linux | `$XDG_CACHE_HOME/.IdentityService`, else `~/.cache/.IdentityService` | the kernel's keyring until the machine restarts; with a session bus also the desktop's keyring (Secret Service) | Azure Identity for Go, on the same machine |
//! | macOS | `~/.IdentityService/*.jwe` | the Keychain | nobody |
//! | Windows | `%LOCALAPPDATA%\.IdentityService\*.jwe` | the Credential Manager | nobody |
//!
//! Plain files are in `~/.IdentityService` (Windows: `%LOCALAPPDATA%\.IdentityService`). On Linux, Azure Identity for Python
//! reads and writes the same ones where a program allows unencrypted storage.
//!
//! What is not read: the items that the libraries for Python and .NET keep in the desktop's keyring on Linux and in the
//! Keychain on macOS, what Go's keeps in the Keychain, and the files that all of them encrypt with DPAPI on Windows. An account
//! that one of them keeps there has to sign in once more. macOS and Windows itself were never tried.
//!
//! The Azure CLI has a cache of its own, in its own folder. It is read and written by the Azure CLI's credential where that
//! works natively, see `AzureCliCredential::natively`.
//!
//! ## The keys of encrypted files on Linux
//!
//! The kernel's keyring answers without asking anybody, and forgets when the machine restarts. Where a keyring answers on the
//! session bus (GNOME Keyring, KWallet, KeePassXC), it has the key too, and the session outlives the restart. A session that
//! was kept before moves there with its next change. On a server without a session bus nothing of the kind is tried.
//!
//! A file that cannot be read is set aside beside its place (`….unreadable`), which is said, and a new one is begun; so is
//! one whose key is gone, once something is to be kept. `entrada logout` removes those too. `entrada whoami` shows who is
//! signed in, and which apps' tokens are kept (`--keep-app-tokens`). `entrada login --authentication-record FILE` writes the
//! record of the sign-in, without any secret; with the same option `token` takes that account of several.
//!
//! The kernel is asked first. So a kept token takes as long with a session bus as without one; with the key in the desktop's
//! keyring alone it takes three times as long (9 ms to 3 ms for the whole command, on a busy machine).
//!
//! A keyring that is locked, hangs or has no place for a key is reported, and the kernel's keyring is used until it is mended.
//! A session whose key cannot be had just now is neither read nor replaced: that is an error which says why. `entrada login`,
//! `entrada doctor` and `-v` say where the session is kept:
//!
//! ```text
//! accounts and tokens are kept in encrypted files in /home/jo/.cache/.IdentityService, their key in the keyring of the desktop (Secret Service), a copy in the keyring of the kernel until this machine restarts
//! ```
//!
//! ## Who signed in
//!
//! An [`AuthenticationRecord`](crate::cache::accounts::AuthenticationRecord) says which account signed in to which app. It holds
//! no secret, so a program may keep it anywhere, and find the account again among several. The format is the one of the Azure
//! Identity libraries; a missing `version` is accepted. [`Remembered::sign_in`](crate::Remembered::sign_in) returns one.
//!
//! ```
//! use entrada_core::cache::accounts::AuthenticationRecord;
//! use entrada_core::{EntraClient, Memory, SharedTokenCacheCredential};
//!
//! let kept = r#"{"authority": "login.microsoftonline.com", "clientId": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
//!     "homeAccountId": "0a1b.2c3d", "tenantId": "8d6f5c1e-2b7a-4f3d-9c40-1a2b3c4d5e6f", "username": "ada@contoso.com"}"#;
//! let record = AuthenticationRecord::from_json(kept)?;
//! let ada = SharedTokenCacheCredential::of(EntraClient::of_record(&record)?, Memory::shared().of_record(&record));
//! assert_eq!(record.username, "ada@contoso.com");
//! # let _ = ada;
//! # Ok::<(), entrada_core::Error>(())
//! ```
