//! How fast it is, beside the official SDK in the same run.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use stats_alloc::Region;
use tokio::runtime::Runtime;

use super::entrada::Entrada;
use super::floor::Floor;
use super::peer::{Peer, PeerReady};
use super::table::{Limit, Table};
use super::{ALLOCATOR, Authority, Both, Play, SCOPE, Scene, Subject, one_thread, play, two_threads, warm};

const ROUNDS: usize = 7;

/// Why the share of a fetch that was wanted is given up.
const FLOOR: &str = "to build the request and to read the reply with the same crates, and nothing else, takes more \
    than twice that: see the row below";

/// All of them, by name.
pub(super) const SCENES: [(&str, Scene); 3] = [("hot_path", hot_path), ("fetch", fetch), ("scopes", scopes)];

/// The least of several rounds, in turn, so that whatever slows the machine slows both.
fn rounds(mut ours: impl FnMut() -> f64, mut theirs: impl FnMut() -> f64) -> [f64; 2] {
    let mut least = [f64::MAX; 2];
    for _ in 0..ROUNDS {
        least = [least[0].min(ours()), least[1].min(theirs())];
    }
    least
}

fn nanos(span: Duration, times: usize) -> f64 {
    span.as_secs_f64() * 1e9 / times as f64
}

async fn gets<S: Subject>(subject: &S, times: usize) {
    for _ in 0..times {
        assert!(subject.get(SCOPE).await);
    }
}

fn hot_path(table: &mut Table) {
    const TIMES: usize = 100_000;
    let runtime = one_thread();
    let (ours, theirs) = (warm::<Entrada>(&runtime), warm::<Peer>(&runtime));
    let time = |work: &dyn Fn()| {
        let began = Instant::now();
        work();
        nanos(began.elapsed(), TIMES)
    };
    let theirs_alone = || time(&|| runtime.block_on(gets(&theirs, TIMES)));
    let figures = rounds(|| time(&|| runtime.block_on(gets(&ours, TIMES))), theirs_alone);
    table.ratio("cached get, one thread", "ns", figures, Limit::Most(0.25));
    let header = || {
        time(&|| {
            runtime.block_on(async {
                for _ in 0..TIMES {
                    std::hint::black_box(ours.prepared.authorization().await.unwrap());
                }
            });
        })
    };
    table.ratio(
        "the same as a header's value, against their get",
        "ns",
        rounds(header, theirs_alone),
        Limit::None,
    );
    let named = || {
        time(&|| {
            runtime.block_on(async {
                for _ in 0..TIMES {
                    std::hint::black_box(ours.credential.token([SCOPE]).await.unwrap());
                }
            });
        })
    };
    table.ratio("the same of scopes named anew each time", "ns", rounds(named, theirs_alone), Limit::None);

    fn crowd<S: Subject>(runtime: &Runtime, subject: &S) -> f64 {
        let began = Instant::now();
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let subject = subject.clone();
                runtime.spawn(async move { gets(&subject, TIMES / 8).await })
            })
            .collect();
        tasks.into_iter().for_each(|task| runtime.block_on(task).unwrap());
        nanos(began.elapsed(), TIMES)
    }
    let runtime = two_threads();
    let figures = rounds(|| crowd(&runtime, &ours), || crowd(&runtime, &theirs));
    table.ratio("cached get, 8 tasks on 2 threads", "ns", figures, Limit::Most(0.25));
}

fn fetch(table: &mut Table) {
    const TIMES: usize = 2_000;
    fn fetches<S: Subject>() -> [f64; 2] {
        let subject = S::new(Authority::new());
        let scopes: Vec<_> = (0..TIMES).map(|number| format!("https://service-{number}/.default")).collect();
        let (region, began) = (Region::new(ALLOCATOR), Instant::now());
        one_thread().block_on(async {
            for scope in &scopes {
                assert!(subject.get(scope).await);
            }
        });
        let (span, change) = (began.elapsed(), region.change());
        [nanos(span, TIMES) / 1000.0, (change.allocations + change.reallocations) as f64 / TIMES as f64]
    }
    let figures = rounds(|| fetches::<Entrada>()[0], || fetches::<Peer>()[0]);
    table.ratio("processor time of a fetch", "µs", figures, Limit::GivenUp(0.25, FLOOR));
    let ready = rounds(|| fetches::<Entrada>()[0], || fetches::<PeerReady>()[0]);
    table.ratio("the same to where both have a request that can be sent", "µs", ready, Limit::None);
    let floor = rounds(|| fetches::<Floor>()[0], || fetches::<Peer>()[0]);
    table.ratio("the least that a fetch can be, in place of entrada's", "µs", floor, Limit::None);
    table.ratio("allocations of a fetch", "", [fetches::<Entrada>()[1], fetches::<Peer>()[1]], Limit::None);
    table.ratio("the least of them", "", [fetches::<Floor>()[1], fetches::<Peer>()[1]], Limit::None);
}

fn scopes(table: &mut Table) {
    const OTHER: &str = "https://vault.azure.net/.default";
    struct Scopes;
    impl Play for Scopes {
        type Seen = Duration;
        fn by<S: Subject>(&self) -> Duration {
            let authority = Authority::new();
            let subject = S::new(Arc::clone(&authority));
            one_thread().block_on(async {
                assert!(subject.get(SCOPE).await);
                authority.millis.store(200, Ordering::Relaxed);
                let slow = subject.clone();
                let slow = tokio::spawn(async move { slow.get(OTHER).await });
                while authority.asked.load(Ordering::Relaxed) < 2 {
                    tokio::task::yield_now().await;
                }
                let began = Instant::now();
                assert!(subject.get(SCOPE).await);
                let span = began.elapsed();
                assert!(slow.await.unwrap());
                span
            })
        }
    }
    let seen = play(&Scopes);
    let micros = |span: Duration| format!("{:.1} µs", span.as_secs_f64() * 1e6);
    let told = Both { ours: micros(seen.ours), theirs: seen.theirs.map(micros) };
    let what = "a cached get while another scope is fetched in 200 ms";
    table.count(what, told, "1 ms", seen.ours < Duration::from_millis(1));
}
