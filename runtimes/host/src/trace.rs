//! What a driver tells of its work: one line for each effect and one for each reply.

use std::fmt;
use std::time::Duration;

use entrada_core::effect::{Effect, EffectKind, Reply};

/// Who is told.
pub type Trace = dyn Fn(&TraceLine) + Send + Sync;

/// One line of a trace. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceLine {
    /// Something is about to be done.
    Effect {
        /// What kind of thing.
        kind: EffectKind,
        /// What, on one line.
        summary: String,
    },
    /// It is done.
    Reply {
        /// What came of it, on one line.
        summary: String,
        /// How long it took.
        took: Duration,
    },
}

impl TraceLine {
    /// The line for an effect.
    #[must_use]
    pub fn effect(effect: &Effect) -> TraceLine {
        TraceLine::Effect { kind: effect.kind(), summary: effect.summary() }
    }

    /// The line for a reply; without one, the deadline has passed.
    #[must_use]
    pub fn reply(reply: Option<&Reply>, took: Duration) -> TraceLine {
        TraceLine::Reply { summary: reply.map_or("expired".to_owned(), Reply::summary), took }
    }
}

impl fmt::Display for TraceLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TraceLine::Effect { summary, .. } => write!(f, "> {summary}"),
            TraceLine::Reply { summary, took } => write!(f, "< {summary} ({} ms)", took.as_millis()),
        }
    }
}
