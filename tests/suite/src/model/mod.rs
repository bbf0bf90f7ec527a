//! What a flow must end in, by the world it runs in: all is well, or one thing is not.

mod apps;
mod common;
mod directory;
mod elsewhere;
mod hosts;
mod kept;
mod machine_learning;
mod native;
mod people;
mod shown;

use std::time::Duration;

use entrada_core::ErrorKind;

use crate::choices::Choices;
use crate::setups::{Kind, Setup, Twist};
use crate::sim::{Outcome, START, simulate};
use crate::world::World;

/// How a run has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Well, after this many HTTP requests.
    Well(usize),
    /// With an error of this kind, after this many HTTP requests.
    Error(ErrorKind, usize),
    /// With a refusal of this kind and of Entra's number, after this many HTTP requests.
    Code(ErrorKind, u64, usize),
}

/// One world that is not fair, and what must come of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: &'static str,
    /// The flow.
    pub kind: Kind,
    /// What is wrong with its credential.
    pub twist: Twist,
    /// What is wrong with its world.
    pub wrong: fn(&mut World),
    /// How it must end.
    pub end: End,
}

/// Rows of a name, a flow and how its credential is twisted, a world and what is wrong with it, and the end.
macro_rules! rows_of {
    ($($name:literal, $kind:ident $(/ $twist:ident)?, $world:ident => $wrong:expr, $end:expr;)*) => {
        pub(super) fn rows() -> Vec<super::Case> {
            vec![$(super::Case {
                name: $name,
                kind: crate::setups::Kind::$kind,
                twist: [$(crate::setups::Twist::$twist,)? crate::setups::Twist::None][0],
                wrong: |$world: &mut crate::world::World| { $wrong; },
                end: $end,
            }),*]
        }
    };
}
use rows_of;

pub use shown::{under_drivers, with_transcript};

/// Every case.
#[must_use]
pub fn cases() -> Vec<Case> {
    let first = [common::rows(), apps::rows(), people::rows(), hosts::rows()];
    let more = [elsewhere::rows(), kept::rows(), machine_learning::rows(), native::rows(), directory::rows()];
    first.into_iter().chain(more).flatten().collect()
}

impl Case {
    /// The one where nothing is wrong. How it ends is for others to say.
    #[must_use]
    pub fn fair(kind: Kind) -> Case {
        Case { name: kind.name(), kind, twist: Twist::None, wrong: |_| {}, end: End::Well(0) }
    }

    /// Runs it.
    #[must_use]
    pub fn run(&self) -> Outcome {
        let mut setup = Setup::twisted(self.kind, self.twist, START);
        (self.wrong)(&mut setup.world);
        simulate(setup, &mut Choices::new(&[60, 3, 200, 17, 90]))
    }

    /// Fails if it does not end as it must.
    ///
    /// # Panics
    /// If so.
    pub fn check(&self) {
        let outcome = self.run();
        outcome.assert_clean();
        let end = match (&outcome.result, self.end) {
            (Ok(_), _) => End::Well(outcome.exchanges),
            (Err(error), End::Code(_, number, _)) if error.aadsts().contains(&number) => {
                End::Code(error.kind(), number, outcome.exchanges)
            }
            (Err(error), _) => End::Error(error.kind(), outcome.exchanges),
        };
        assert_eq!(end, self.end, "{}: {:?}\n{}", self.name, outcome.result, outcome.trace.join("\n"));
        assert!(outcome.elapsed < Duration::from_secs(90_000), "{}: {:?}", self.name, outcome.elapsed);
    }
}
