//! What does not depend on the machine's speed: how many requests a crowd of callers costs, how many of them get
//! a token, and what a cached get allocates.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use stats_alloc::Region;

use super::table::Table;
use super::{ALLOCATOR, Authority, Both, Play, SCOPE, Scene, Subject, one_thread, play, two_threads, warm};

/// All of them, by name.
pub(super) const SCENES: [(&str, Scene); 5] = [
    ("allocations", allocations),
    ("herd", herd),
    ("window", window),
    ("failure", failure),
    ("renewals_fail", renewals_fail),
];

const CALLERS: usize = 10_000;

/// What became of so many callers at once.
struct Crowd {
    requests: usize,
    served: usize,
    /// What each caller waited for its answer.
    median: Duration,
    slowest: Duration,
}

impl Crowd {
    fn of<S: Subject>(authority: &Arc<Authority>, subject: &S) -> Crowd {
        let runtime = two_threads();
        let before = authority.asked.load(Ordering::Relaxed);
        let tasks: Vec<_> = (0..CALLERS)
            .map(|_| {
                let subject = subject.clone();
                runtime.spawn(async move {
                    let began = Instant::now();
                    (subject.get(SCOPE).await, began.elapsed())
                })
            })
            .collect();
        let ended: Vec<_> = tasks.into_iter().map(|task| runtime.block_on(task).unwrap()).collect();
        let served = ended.iter().filter(|(ok, _)| *ok).count();
        let mut spans: Vec<_> = ended.into_iter().map(|(_, span)| span).collect();
        spans.sort();
        let requests = authority.asked.load(Ordering::Relaxed) - before;
        Crowd { requests, served, median: spans[CALLERS / 2], slowest: spans[CALLERS - 1] }
    }

    fn tell(&self) -> String {
        let millis = |span: Duration| format!("{:.3} ms", span.as_secs_f64() * 1e3);
        let plural = if self.requests == 1 { "" } else { "s" };
        format!(
            "{} request{plural}, {} served; median {}, slowest {}",
            self.requests,
            self.served,
            millis(self.median),
            millis(self.slowest)
        )
    }

    /// Whether one request was made, and so many were served.
    fn is(&self, served: usize) -> bool {
        self.requests == 1 && self.served == served
    }
}

fn told(crowds: &Both<Crowd>) -> Both<String> {
    Both { ours: crowds.ours.tell(), theirs: crowds.theirs.as_ref().map(Crowd::tell) }
}

fn allocations(table: &mut Table) {
    struct CachedGet;
    impl Play for CachedGet {
        type Seen = usize;
        fn by<S: Subject>(&self) -> usize {
            let runtime = one_thread();
            let subject = warm::<S>(&runtime);
            // The runtime's own are none of the library's.
            runtime.block_on(async {
                assert!(subject.get(SCOPE).await);
                let region = Region::new(ALLOCATOR);
                assert!(subject.get(SCOPE).await);
                let change = region.change();
                change.allocations + change.reallocations
            })
        }
    }
    let seen = play(&CachedGet);
    let told = Both { ours: seen.ours.to_string(), theirs: seen.theirs.map(|count| count.to_string()) };
    table.count("allocations of a cached get", told, "0", seen.ours == 0);
}

/// A crowd that comes at once.
struct Comes {
    to: Cache,
    /// How long the authority takes.
    millis: u64,
    /// Whether it refuses.
    failing: bool,
}

/// What a cache has when the crowd comes.
#[derive(Clone, Copy)]
enum Cache {
    Empty,
    /// A token with 200 seconds left: both libraries are to renew it.
    Due,
}

impl Play for Comes {
    type Seen = Crowd;

    fn by<S: Subject>(&self) -> Crowd {
        let authority = Authority::new();
        let subject = match self.to {
            Cache::Empty => S::new(Arc::clone(&authority)),
            Cache::Due => due::<S>(&authority),
        };
        authority.millis.store(self.millis, Ordering::Relaxed);
        authority.failing.store(self.failing, Ordering::Relaxed);
        Crowd::of(&authority, &subject)
    }
}

fn due<S: Subject>(authority: &Arc<Authority>) -> S {
    let subject = S::new(Arc::clone(authority));
    authority.life.store(S::AHEAD + 200, Ordering::Relaxed);
    assert!(one_thread().block_on(subject.get(SCOPE)));
    authority.life.store(3600, Ordering::Relaxed);
    authority.ahead.store(S::AHEAD, Ordering::Relaxed);
    subject
}

fn herd(table: &mut Table) {
    let seen = play(&Comes { to: Cache::Empty, millis: 50, failing: false });
    let what = "10,000 callers on an empty cache; the authority takes 50 ms";
    table.count(what, told(&seen), "1 request", seen.ours.is(CALLERS));
}

fn window(table: &mut Table) {
    let seen = play(&Comes { to: Cache::Due, millis: 50, failing: false });
    let what = "10,000 callers while a token that is due is renewed; the authority takes 50 ms";
    table.count(what, told(&seen), "1 request, median 1 ms", seen.ours.is(CALLERS));
    table.in_time(what, seen.ours.median, Duration::from_millis(1));
}

fn failure(table: &mut Table) {
    let seen = play(&Comes { to: Cache::Empty, millis: 5, failing: true });
    let what = "10,000 callers on an empty cache; the authority refuses in 5 ms";
    table.count(what, told(&seen), "1 request", seen.ours.is(0));
}

fn renewals_fail(table: &mut Table) {
    let seen = play(&Comes { to: Cache::Due, millis: 0, failing: true });
    let what = "10,000 callers with a token of 200 s left, whose renewal is refused at once";
    table.count(what, told(&seen), "all served", seen.ours.is(CALLERS));
}
