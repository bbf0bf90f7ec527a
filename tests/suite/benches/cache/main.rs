//! entrada and the official `azure_identity` in the same run, as ratios:
//!
//! ```text
//! cargo bench -p entrada-tests --features peers --bench cache
//! ```
//!
//! Both get their answers in process, so that what is measured is the library. Exits with 1 when a figure
//! is not reached. Names of scenes after `--` choose among them.
//!
//! Without the feature `peers` entrada is alone, and only that is looked at which does not depend on the machine's
//! speed: requests, allocations, callers served.

mod crowd;
mod entrada;
#[cfg(feature = "peers")]
mod floor;
#[cfg(feature = "peers")]
mod measure;
#[cfg(feature = "peers")]
mod peer;
mod table;

use std::alloc::System;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::{Builder, Runtime};

/// What is asked for again and again.
const SCOPE: &str = "https://management.azure.com/.default";

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// One of the two libraries, with an authority of its own.
trait Subject: Clone + Send + Sync + 'static {
    /// By how many seconds its clock can be set ahead, see [`Authority::ahead`].
    const AHEAD: u64;
    fn new(authority: Arc<Authority>) -> Self;
    /// A token, or whether it failed.
    fn get(&self, scope: &str) -> impl Future<Output = bool> + Send;
}

/// What the authority does.
struct Authority {
    asked: AtomicUsize,
    failing: AtomicBool,
    life: AtomicU64,
    millis: AtomicU64,
    /// By how many seconds the clock is ahead, where a library has a clock that can be set: a token is not due as soon
    /// as it came.
    ahead: AtomicU64,
}

impl Authority {
    fn new() -> Arc<Authority> {
        Arc::new(Authority {
            asked: AtomicUsize::new(0),
            failing: AtomicBool::new(false),
            life: AtomicU64::new(3600),
            millis: AtomicU64::new(0),
            ahead: AtomicU64::new(0),
        })
    }

    async fn answer(&self) -> (u16, String) {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.millis.load(Ordering::Relaxed) {
            0 => {}
            millis => tokio::time::sleep(Duration::from_millis(millis)).await,
        }
        if self.failing.load(Ordering::Relaxed) {
            let text = r#"{"error":"invalid_client","error_description":"AADSTS7000222: expired","error_codes":[7000222]}"#;
            return (401, text.to_owned());
        }
        let life = self.life.load(Ordering::Relaxed);
        (200, format!(r#"{{"token_type":"Bearer","expires_in":{life},"access_token":"{}"}}"#, table::TOKEN))
    }
}

/// One of the things that are measured.
type Scene = fn(&mut table::Table);

/// What either library does in a scene.
trait Play {
    type Seen;
    fn by<S: Subject>(&self) -> Self::Seen;
}

/// What was seen of entrada, and of the official SDK where that is built in.
struct Both<T> {
    ours: T,
    theirs: Option<T>,
}

#[cfg(feature = "peers")]
fn play<P: Play>(play: &P) -> Both<P::Seen> {
    Both { ours: play.by::<entrada::Entrada>(), theirs: Some(play.by::<peer::Peer>()) }
}

#[cfg(not(feature = "peers"))]
fn play<P: Play>(play: &P) -> Both<P::Seen> {
    Both { ours: play.by::<entrada::Entrada>(), theirs: None }
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn two_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
}

/// A subject that has its token.
fn warm<S: Subject>(runtime: &Runtime) -> S {
    let subject = S::new(Authority::new());
    assert!(runtime.block_on(subject.get(SCOPE)));
    subject
}

fn main() {
    let mut scenes = Vec::new();
    #[cfg(feature = "peers")]
    scenes.extend(measure::SCENES);
    scenes.extend(crowd::SCENES);
    let mut table = table::Table::default();
    let wanted: Vec<_> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    for (name, scene) in scenes {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            scene(&mut table);
        }
    }
    std::process::exit(table.print());
}
