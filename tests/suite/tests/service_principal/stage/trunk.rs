//! What many runs have in common at their beginning, exchanged once.

use std::rc::Rc;

use entrada_core::effect::HttpRequest;
use entrada_core::graph::setup::Proof;
use entrada_tests::choices::Choices;
use entrada_tests::faults::{Fate, HttpFault};
use entrada_tests::world::World;

use super::{Stage, named};

/// One exchange of a run: what was asked, what came of it, and the world before.
pub(crate) struct Had {
    asked: String,
    fate: Option<Fate>,
    world: World,
}

/// The exchanges of a run, in their order.
pub(crate) type Trunk = Rc<Vec<Had>>;

/// How many requests two runs have in common at their beginning.
pub(crate) fn common(one: &Trunk, other: &Trunk) -> usize {
    one.iter().zip(other.iter()).take_while(|(one, other)| one.asked == other.asked).count()
}

impl Stage {
    /// What a run of this exchanges, with these faults.
    pub(crate) fn trunk(&self, faults: &[(usize, HttpFault)], proof: &Proof) -> Trunk {
        let mut stage = self.clone();
        stage.noted = Some(Trunk::default());
        stage.world.faults.planned = faults.iter().copied().collect();
        let _ = stage.create(named(), proof.clone());
        stage.noted.unwrap_or_default()
    }

    /// One whose run is that of a trunk until the exchange of this number: up to there nobody is asked again, and the
    /// same is answered. The flow itself goes through all of it, and has to ask the same.
    pub(crate) fn after(&self, trunk: &Trunk, number: usize) -> Stage {
        Stage {
            world: trunk[number].world.clone(),
            entropy: self.entropy.clone(),
            asked: Vec::new(),
            tokens: self.tokens.clone(),
            meddler: None,
            noted: None,
            past: Some((Rc::clone(trunk), number)),
            ..*self
        }
    }

    /// What comes of the request that was asked last.
    pub(super) fn exchange(&mut self, request: &HttpRequest, choices: &mut Choices<'_>) -> Option<Fate> {
        let number = self.asked.len() - 1;
        if let Some(had) = self.past.as_ref().and_then(|(trunk, end)| trunk[..*end].get(number)) {
            assert_eq!(had.asked, self.asked[number], "it goes another way");
            return had.fate.clone();
        }
        let before = self.noted.is_some().then(|| self.world.clone());
        let (_, fate) = self.world.exchange(request, self.now, choices);
        if let (Some(world), Some(noted)) = (before, self.noted.as_mut().and_then(Rc::get_mut)) {
            noted.push(Had { asked: self.asked[number].clone(), fate: fate.clone(), world });
        }
        fate
    }
}
