//! Child processes: found safely, limited, and gone when they should be.
#![cfg(unix)]

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use entrada_core::effect::{CommandFailure, CommandOutput, MAX_OUTPUT};
use entrada_core::environment::Environment;
use entrada_tests::probes::program;
use entrada_tests::scratch::Scratch;

const LONG: Duration = Duration::from_secs(60);

/// A script that is being written must not be inherited, open for writing, by another test's child.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

type Ran = Result<CommandOutput, CommandFailure>;

fn on_tokio<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn blocking(path: &str) -> entrada_blocking::Driver {
    let environment = Environment::new().with("PATH", path);
    entrada_blocking::Driver::builder().environment(environment).build().unwrap()
}

fn asynchronous(path: &str) -> entrada_tokio::Driver {
    let environment = Environment::new().with("PATH", path);
    entrada_tokio::Driver::builder().environment(environment).build().unwrap()
}

/// Runs `az` by both drivers.
fn both(path: &str, limit: Duration) -> [Ran; 2] {
    let one = blocking(path).run(program("az", limit)).unwrap();
    [one, on_tokio(asynchronous(path).run(program("az", limit))).unwrap()]
}

fn az(body: &str) -> (Scratch, String) {
    let scratch = Scratch::new();
    scratch.script("az", body);
    let path = format!("{}:/usr/bin:/bin", scratch.path().display());
    (scratch, path)
}

#[test]
fn outputs_and_the_code() {
    let _alone = alone();
    let (_scratch, path) = az("echo out; echo err >&2; read line || exit 7");
    for ran in both(&path, LONG) {
        let output = ran.unwrap();
        assert_eq!(output.code, Some(7), "there was something to read");
        assert_eq!((output.stdout.expose(), output.stderr.expose()), (&b"out\n"[..], &b"err\n"[..]));
        assert!(!format!("{output:?}").contains("err\n"));
    }
    let (_scratch, path) = az("kill -9 $$");
    for ran in both(&path, LONG) {
        assert_eq!(ran.unwrap().code, None);
    }
}

#[test]
fn a_flood_is_cut_and_does_not_dam_up() {
    let _alone = alone();
    let (_scratch, path) = az("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 0");
    for ran in both(&path, LONG) {
        let output = ran.unwrap();
        assert_eq!(
            (output.code, output.stdout.len(), output.stderr.len()),
            (Some(0), MAX_OUTPUT, MAX_OUTPUT)
        );
    }
}

#[test]
fn nothing_is_run_from_where_it_should_not_be() {
    let _alone = alone();
    let here = Scratch::new();
    here.script("az", "echo planted");
    // The working directory is the process's own, so this is the only test that changes it.
    let before = std::env::current_dir().unwrap();
    std::env::set_current_dir(here.path()).unwrap();
    for path in ["", ":", ".", "./", "/no-such-folder::", here.path().to_str().unwrap()] {
        for ran in both(path, LONG) {
            assert_eq!(ran.unwrap_err(), CommandFailure::NotFound, "{path:?}");
        }
    }
    std::env::set_current_dir(before).unwrap();
    let broken = Scratch::new();
    std::fs::remove_file(broken.script("az", "")).unwrap();
    broken.script("az", "");
    std::fs::write(broken.path().join("az"), "#!/no/such/interpreter\n").unwrap();
    for ran in both(broken.path().to_str().unwrap(), LONG) {
        assert_eq!(ran.unwrap_err(), CommandFailure::CannotStart);
    }
}

#[test]
fn past_the_limit_the_whole_family_is_gone() {
    let _alone = alone();
    let (scratch, path) = az(
        "cd ${0%/*}; sleep 600 & echo $! > child.new; echo $$ > own.new; mv child.new child; mv own.new own; wait",
    );
    for run in [run_blocking, run_tokio] {
        assert_eq!(run(&path, Duration::from_secs(1)).unwrap_err(), CommandFailure::TimedOut);
        for name in ["child", "own"] {
            assert_gone(&scratch.path().join(name));
        }
    }
}

fn run_blocking(path: &str, limit: Duration) -> Ran {
    blocking(path).run(program("az", limit)).unwrap()
}

fn run_tokio(path: &str, limit: Duration) -> Ran {
    on_tokio(asynchronous(path).run(program("az", limit))).unwrap()
}

#[test]
fn a_grandchild_that_keeps_the_outputs_does_not_keep_us() {
    let _alone = alone();
    let (scratch, path) = az("cd ${0%/*}; sleep 600 & echo $! > child; echo done");
    for run in [run_blocking, run_tokio] {
        let output = run(&path, LONG).unwrap();
        assert_eq!((output.code, output.stdout.expose()), (Some(0), &b"done\n"[..]));
        assert_gone(&scratch.path().join("child"));
    }
}

#[test]
fn cancelled_and_dropped_calls_leave_nobody_behind() {
    let _alone = alone();
    let (scratch, path) = az("cd ${0%/*}; sleep 600 & echo $! > child.new; mv child.new child; wait");
    let child = scratch.path().join("child");

    let cancel = entrada_blocking::Cancel::new();
    let (given, driver) = (cancel.clone(), blocking(&path));
    let call = std::thread::spawn(move || {
        let options = entrada_blocking::RunOptions { cancel: Some(&given), ..Default::default() };
        driver.run_with(program("az", LONG), options)
    });
    until(|| child.exists());
    cancel.cancel();
    let error = call.join().unwrap().unwrap_err();
    assert_eq!(error.kind(), entrada_blocking::ErrorKind::Cancelled);
    assert_gone(&child);

    let driver = asynchronous(&path);
    on_tokio(async {
        let call = tokio::spawn(async move { driver.run(program("az", LONG)).await });
        while !child.exists() {
            tokio::task::yield_now().await;
        }
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
    });
    assert_gone(&child);
}

/// Waits until the process whose id the file holds is gone, or a zombie that its parent has yet to
/// collect; then forgets the file.
fn assert_gone(file: &Path) {
    let id = std::fs::read_to_string(file).unwrap();
    let stat = format!("/proc/{}/stat", id.trim());
    until(|| match std::fs::read_to_string(&stat) {
        Err(_) => true,
        Ok(stat) => stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')),
    });
    std::fs::remove_file(file).unwrap();
}

/// Waits for what has to become true, up to a time in which anything on this machine would have.
fn until(done: impl Fn() -> bool) {
    let end = Instant::now() + LONG;
    while !done() {
        assert!(Instant::now() < end, "it did not come about");
        std::thread::yield_now();
    }
}
