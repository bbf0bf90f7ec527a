//! What is done to the cache, in any order.

use entrada_core::ErrorKind;
use proptest::prelude::*;

use super::FAILURES;

#[derive(Clone, Debug)]
pub(super) enum Operation {
    Ask { partition: usize, scopes: usize, tenant: usize, cae: bool, claims: usize, turned: bool },
    Settle { which: usize, random: u64, answer: Answer },
    Abandon { which: usize },
    Poll { which: usize },
    Leave { which: usize },
    Pass { seconds: u32 },
    StepWall { seconds: i32 },
    Clear,
    Forget { which: usize },
}

#[derive(Clone, Debug)]
pub(super) enum Answer {
    Token { life: u32, renewed: Option<u32>, late: bool },
    Failure { pause: Option<u32>, kind: ErrorKind },
}

pub(super) fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let which = 0..8usize;
    let answer = prop_oneof![
        3 => (1..9000u32, proptest::option::of(0..9000u32), prop::bool::weighted(0.1))
            .prop_map(|(life, renewed, late)| Answer::Token { life, renewed, late }),
        2 => (prop_oneof![2 => Just(None), 1 => (0..8000u32).prop_map(Some)], 0..3usize)
            .prop_map(|(pause, kind)| Answer::Failure { pause, kind: FAILURES[kind] }),
    ];
    let ask = (
        0..3usize,
        0..3usize,
        0..3usize,
        prop::bool::weighted(0.1),
        prop_oneof![4 => Just(0), 1 => 1..3usize],
        any::<bool>(),
    )
        .prop_map(|(partition, scopes, tenant, cae, claims, turned)| Operation::Ask {
            partition,
            scopes: if tenant == 2 { scopes } else { 0 },
            tenant,
            cae,
            claims,
            turned,
        });
    let operation = prop_oneof![
        8 => ask,
        5 => (which.clone(), any::<u64>(), answer).prop_map(|(which, random, answer)| Operation::Settle { which, random, answer }),
        1 => which.clone().prop_map(|which| Operation::Abandon { which }),
        4 => which.clone().prop_map(|which| Operation::Poll { which }),
        1 => which.prop_map(|which| Operation::Leave { which }),
        1 => (0..200usize).prop_map(|which| Operation::Forget { which }),
        3 => prop_oneof![0..40u32, 0..4000u32].prop_map(|seconds| Operation::Pass { seconds }),
        1 => (-5000..5000i32).prop_map(|seconds| Operation::StepWall { seconds }),
        1 => Just(Operation::Clear),
    ];
    proptest::collection::vec(operation, 1..120)
}
