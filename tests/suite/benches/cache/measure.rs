//! The scenes, each played by both.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use stats_alloc::Region;
use tokio::runtime::{Builder, Runtime};

use super::entrada::Entrada;
use super::floor::Floor;
use super::peer::{Peer, PeerReady};
use super::table::Table;
use super::{ALLOCATOR, Authority, SCOPE, Subject};

const ROUNDS: usize = 7;

/// One of them.
type Scene = fn(&mut Table);

/// All of them, by name.
pub(super) const SCENES: [(&str, Scene); 6] = [
    ("hot_path", hot_path),
    ("fetch", fetch),
    ("herd", herd),
    ("window", window),
    ("failure", failure),
    ("scopes", scopes),
];

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn two_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
}

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

/// A subject that has its token.
fn warm<S: Subject>(runtime: &Runtime) -> S {
    let subject = S::new(Authority::new());
    assert!(runtime.block_on(subject.get(SCOPE)));
    subject
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
    table.ratio("cached get, one thread", "ns", figures, Some(0.25));
    let header = || {
        time(&|| {
            runtime.block_on(async {
                for _ in 0..TIMES {
                    std::hint::black_box(ours.prepared.authorization().await.unwrap());
                }
            });
        })
    };
    table.ratio("the same as a header's value, against their get", "ns", rounds(header, theirs_alone), None);
    let named = || {
        time(&|| {
            runtime.block_on(async {
                for _ in 0..TIMES {
                    std::hint::black_box(ours.credential.token([SCOPE]).await.unwrap());
                }
            });
        })
    };
    table.ratio("the same of scopes named anew each time", "ns", rounds(named, theirs_alone), None);

    let allocations = |work: &dyn Fn()| {
        let region = Region::new(ALLOCATOR);
        work();
        let change = region.change();
        change.allocations + change.reallocations
    };
    let ours_at = allocations(&|| runtime.block_on(async { drop(ours.prepared.token().await.unwrap()) }));
    let theirs_at = allocations(&|| assert!(runtime.block_on(theirs.get(SCOPE))));
    let figures = [ours_at.to_string(), theirs_at.to_string()];
    table.figure("allocations of a cached get", figures, ours_at == 0);

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
    table.ratio("cached get, 8 tasks on 2 threads", "ns", figures, Some(0.25));
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
    table.ratio("processor time of a fetch", "µs", figures, Some(0.25));
    let ready = rounds(|| fetches::<Entrada>()[0], || fetches::<PeerReady>()[0]);
    table.ratio("the same to where both have a request that can be sent", "µs", ready, None);
    let floor = rounds(|| fetches::<Floor>()[0], || fetches::<Peer>()[0]);
    table.ratio("the least that a fetch can be, in place of entrada's", "µs", floor, None);
    table.ratio("allocations of a fetch", "", [fetches::<Entrada>()[1], fetches::<Peer>()[1]], None);
    table.ratio("the least of them", "", [fetches::<Floor>()[1], fetches::<Peer>()[1]], None);
}

/// Many callers at once: how many requests they cost, how long it took, and how many got a token.
fn crowd<S: Subject>(authority: &Arc<Authority>, subject: &S, callers: usize) -> (usize, Duration, usize) {
    let runtime = two_threads();
    let before = authority.asked.load(Ordering::Relaxed);
    let began = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let subject = subject.clone();
            runtime.spawn(async move { subject.get(SCOPE).await })
        })
        .collect();
    let served = tasks
        .into_iter()
        .filter(|_| true)
        .map(|task| runtime.block_on(task).unwrap())
        .filter(|ok| *ok)
        .count();
    (authority.asked.load(Ordering::Relaxed) - before, began.elapsed(), served)
}

fn millis(span: Duration) -> String {
    format!("{:.1} ms", span.as_secs_f64() * 1e3)
}

fn herd(table: &mut Table) {
    fn play<S: Subject>() -> (usize, Duration, usize) {
        let authority = Authority::new();
        authority.millis.store(50, Ordering::Relaxed);
        crowd(&authority, &S::new(Arc::clone(&authority)), 10_000)
    }
    let (ours, theirs) = (play::<Entrada>(), play::<Peer>());
    let tell = |played: &(usize, Duration, usize)| format!("{} request, {}", played.0, millis(played.1));
    table.figure(
        "10,000 callers on an empty cache; the authority takes 50 ms",
        [tell(&ours), tell(&theirs)],
        ours.0 == 1 && ours.2 == 10_000,
    );
}

/// A token with 200 seconds left: both are to renew it.
fn due<S: Subject>(authority: &Arc<Authority>) -> S {
    let subject = S::new(Arc::clone(authority));
    authority.life.store(200, Ordering::Relaxed);
    assert!(one_thread().block_on(subject.get(SCOPE)));
    subject
}

fn window(table: &mut Table) {
    fn median<S: Subject>() -> Duration {
        let authority = Authority::new();
        let subject = due::<S>(&authority);
        authority.millis.store(50, Ordering::Relaxed);
        one_thread().block_on(async {
            let mut spans = Vec::new();
            for _ in 0..51 {
                let began = Instant::now();
                assert!(subject.get(SCOPE).await);
                spans.push(began.elapsed());
            }
            spans.sort();
            spans[spans.len() / 2]
        })
    }
    let (ours, theirs) = (median::<Entrada>(), median::<Peer>());
    let micros = |span: Duration| format!("{:.1} µs", span.as_secs_f64() * 1e6);
    let reached = ours < Duration::from_millis(1);
    table.figure(
        "a get while a token that is due is renewed in 50 ms, median",
        [micros(ours), micros(theirs)],
        reached,
    );
}

fn failure(table: &mut Table) {
    fn empty<S: Subject>() -> (usize, Duration, usize) {
        let authority = Authority::new();
        authority.failing.store(true, Ordering::Relaxed);
        authority.millis.store(5, Ordering::Relaxed);
        crowd(&authority, &S::new(Arc::clone(&authority)), 1000)
    }
    let (ours, theirs) = (empty::<Entrada>(), empty::<Peer>());
    let tell = |played: &(usize, Duration, usize)| format!("{} requests, {}", played.0, millis(played.1));
    table.figure(
        "1,000 callers on an authority that refuses in 5 ms",
        [tell(&ours), tell(&theirs)],
        ours.0 == 1,
    );

    fn holding<S: Subject>() -> (usize, Duration, usize) {
        let authority = Authority::new();
        let subject = due::<S>(&authority);
        authority.failing.store(true, Ordering::Relaxed);
        crowd(&authority, &subject, 8)
    }
    let (ours, theirs) = (holding::<Entrada>(), holding::<Peer>());
    let tell = |played: &(usize, Duration, usize)| format!("{} of 8", played.2);
    table.figure(
        "callers served while renewals fail and the token lives for minutes",
        [tell(&ours), tell(&theirs)],
        ours.2 == 8,
    );
}

fn scopes(table: &mut Table) {
    const OTHER: &str = "https://vault.azure.net/.default";
    fn waited<S: Subject>() -> Duration {
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
    let (ours, theirs) = (waited::<Entrada>(), waited::<Peer>());
    let reached = ours < Duration::from_millis(1);
    table.figure(
        "a cached get while another scope is fetched in 200 ms",
        [format!("{:.1} µs", ours.as_secs_f64() * 1e6), format!("{:.1} µs", theirs.as_secs_f64() * 1e6)],
        reached,
    );
}
