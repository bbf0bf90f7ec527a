//! Where accounts and tokens are kept between runs, and what may be wrong with it.

use std::collections::BTreeMap;

use entrada_core::SecretBytes;
use entrada_core::effect::{Effect, StoreAction, StoreFailure, StoreName, UseStore};
use entrada_core::time::Now;

use super::Answer;

/// How the shelf is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// In order.
    #[default]
    Works,
    /// There is none.
    Missing,
    /// Nobody may look.
    Denied,
    /// It can be looked into, and nothing can be put there.
    Locked,
    /// It does not answer.
    Silent,
    /// What stands there cannot be read.
    Rubbish,
}

/// The shelf.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// How it is.
    pub order: Order,
    /// What is kept there.
    pub kept: BTreeMap<StoreName, SecretBytes>,
}

impl Shelf {
    /// What becomes of a document; nothing where the shelf does not answer.
    pub fn says(
        &mut self,
        name: &StoreName,
        action: &StoreAction,
        now: Now,
    ) -> Option<Result<SecretBytes, StoreFailure>> {
        let reading = matches!(action, StoreAction::Read);
        match self.order {
            Order::Silent => return None,
            Order::Missing => return Some(Err(StoreFailure::Unavailable("there is no home".into()))),
            Order::Denied => return Some(Err(StoreFailure::Denied)),
            Order::Locked if !reading => return Some(Err(StoreFailure::Locked)),
            Order::Rubbish if reading => return Some(Ok(b"{\"AccessToken\": [".to_vec().into())),
            _ => {}
        }
        let before = match self.order {
            Order::Rubbish => SecretBytes::default(),
            _ => self.kept.get(name).cloned().unwrap_or_default(),
        };
        let StoreAction::Change(change) = action else { return Some(Ok(before)) };
        let after = change.apply_to_bytes(before.expose(), now.unix);
        Some(after.map_err(|_| StoreFailure::Broken("it cannot be read".into())).inspect(|after| {
            self.kept.insert(name.clone(), after.clone());
        }))
    }

    pub(super) fn used(&mut self, using: Box<UseStore>, now: Now) -> Answer {
        match self.says(using.name(), using.action(), now) {
            Some(result) => Answer::at_once(using.split().2.reply(result)),
            None => Answer::silence(Effect::Store(using)),
        }
    }
}
