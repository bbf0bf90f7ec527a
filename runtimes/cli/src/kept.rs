//! Where the command keeps accounts and tokens.

use std::sync::{Arc, Once, OnceLock};

use clap::ValueEnum as _;
use entrada_core::cache::accounts::Change;
use entrada_core::effect::{StoreAction, StoreFailure, StoreName};
use entrada_core::{Environment, Error, ErrorKind, Unix};
use entrada_host::store::{Patience, Places, Protection, Stored, TokenStore};

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
                    .with_remedy("set it to encrypted, keyring, kernel, plaintext or none")
            })?,
        };
        let protection = match kind {
            TokenCacheKind::Encrypted | TokenCacheKind::None => Protection::Encrypted,
            TokenCacheKind::Keyring => Protection::Keyring,
            TokenCacheKind::Kernel => Protection::Kernel,
            TokenCacheKind::Plaintext => Protection::Plaintext,
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
                say(&told(opened.as_deref()));
            }
            opened
        });
        opened.as_deref().map_err(Clone::clone)
    }

    /// Says once that tokens are not kept which should be, unless that was chosen.
    fn not_kept(&self, action: &StoreAction, why: &StoreFailure) {
        static ONCE: Once = Once::new();
        let keeping = matches!(action, StoreAction::Change(change) if matches!(**change, Change::Keep(_)));
        if keeping && !matches!(self.kind, TokenCacheKind::None) {
            ONCE.call_once(|| say(&format!("warning: {}", told(Err(why)))));
        }
    }

    /// Where accounts and tokens are kept, as far as it is known by now; or why they are not.
    pub(crate) fn told(&self) -> String {
        told(self.store().as_ref().copied())
    }
}

fn told(store: Result<&dyn TokenStore, &StoreFailure>) -> String {
    match store {
        Ok(store) => format!("accounts and tokens are kept in {}", store.describe()),
        Err(why) => format!("accounts and tokens are not kept: {why}"),
    }
}

impl TokenStore for Kept {
    fn perform(&self, name: &StoreName, action: &StoreAction, now: Unix, patience: &Patience) -> Stored {
        let store = self.store().inspect_err(|why| self.not_kept(action, why))?;
        let before = self.verbose.then(|| store.describe());
        let done = store.perform(name, action, now, patience);
        // Who keeps the key shows only when it is asked to.
        if before.is_some_and(|before| before != store.describe()) {
            say(&told(Ok(store)));
        }
        done
    }

    fn describe(&self) -> String {
        self.store().map_or_else(|why| why.to_string(), |store| store.describe())
    }
}
