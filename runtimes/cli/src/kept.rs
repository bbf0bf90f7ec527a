//! Where the command keeps accounts and tokens.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clap::ValueEnum as _;
use entrada_core::effect::{StoreAction, StoreFailure, StoreName};
use entrada_core::{Environment, Error, ErrorKind, SecretBytes, Unix};
use entrada_host::store::{Places, Protection, TokenStore};

use crate::args::{Global, TokenCacheKind};
use crate::ui::say;

/// The store that the options and the environment choose. It is opened when it is first used, since most
/// commands use none, and what was chosen is told then, to whoever wants to know.
pub(crate) struct Kept {
    places: Places,
    kind: TokenCacheKind,
    verbose: bool,
    opened: OnceLock<Result<Arc<dyn TokenStore>, StoreFailure>>,
}

impl Kept {
    pub(crate) fn new(global: &Global, environment: &Environment) -> Result<Kept, Error> {
        let kind = match (global.token_cache, environment.get("ENTRADA_TOKEN_CACHE")) {
            (Some(kind), _) => kind,
            (None, None) => TokenCacheKind::Encrypted,
            (None, Some(text)) => TokenCacheKind::from_str(text, true).map_err(|_| {
                Error::new(ErrorKind::Configuration, "ENTRADA_TOKEN_CACHE has a value that it cannot have")
                    .with_remedy("set it to encrypted, plaintext or none")
            })?,
        };
        let protection = match kind {
            TokenCacheKind::Plaintext => Protection::Plaintext,
            _ => Protection::Encrypted,
        };
        let places = Places::of(environment)
            .protected_by(protection)
            .warning(|warning| say(&format!("warning: {warning}")));
        Ok(Kept { places, kind, verbose: global.verbose > 0, opened: OnceLock::new() })
    }

    fn store(&self) -> Result<&dyn TokenStore, StoreFailure> {
        let opened = self.opened.get_or_init(|| {
            let opened = match self.kind {
                TokenCacheKind::None => Err(StoreFailure::Unavailable("it was turned off".into())),
                _ => self.places.open(),
            };
            if self.verbose {
                match &opened {
                    Ok(store) => say(&format!("accounts and tokens are kept in {}", store.describe())),
                    Err(why) => say(&format!("accounts and tokens are not kept: {why}")),
                }
            }
            opened
        });
        opened.as_deref().map_err(Clone::clone)
    }
}

impl TokenStore for Kept {
    fn perform(
        &self,
        name: &StoreName,
        action: &StoreAction,
        now: Unix,
        limit: Duration,
    ) -> Result<SecretBytes, StoreFailure> {
        self.store()?.perform(name, action, now, limit)
    }

    fn describe(&self) -> String {
        self.store().map_or_else(|why| why.to_string(), |store| store.describe())
    }
}
