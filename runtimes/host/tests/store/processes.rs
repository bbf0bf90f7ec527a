//! Many processes, and some that are killed.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use entrada_core::effect::StoreFailure;
use entrada_host::store::{FileLock, Patience, Protection};

use super::support::{
    HOST, LIMIT, NOW, Named as _, file, name, places, plain, read, refresh, sign_in, stores, uids,
};

/// Tells a process that it is a helper of the test, and where its home is.
const ROLE: &str = "ENTRADA_STORE_TEST_ROLE";
const HOME: &str = "ENTRADA_STORE_TEST_HOME";

/// Not a test by itself: what the helpers of the tests below do.
#[test]
fn helper() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let home = PathBuf::from(std::env::var_os(HOME).unwrap());
    match role.split_once(' ') {
        Some(("hold", _)) => {
            let lock = home.join(".IdentityService").join(format!("{}.lockfile", file()));
            let _held = FileLock::take(&lock, &Patience::within(LIMIT)).unwrap();
            println!("\nheld");
            std::io::stdout().flush().unwrap();
            // Until the test ends this process.
            std::thread::park_timeout(LIMIT);
        }
        Some((protection, uid)) => {
            let protection =
                if protection == "plain" { Protection::Plaintext } else { Protection::Encrypted };
            let store = places(&home, protection).open().unwrap();
            store.change(&name(), &sign_in(uid), NOW, LIMIT).unwrap();
            let change = refresh(&read(&*store), uid, &format!("rt-{uid}-next"));
            store.change(&name(), &change, NOW, LIMIT).unwrap();
            let change = refresh(&read(&*store), "shared", &format!("rt-shared-{uid}"));
            store.change(&name(), &change, NOW, LIMIT).unwrap();
        }
        None => panic!("no such role"),
    }
}

fn helper_in(role: &str, home: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::helper", "--nocapture"])
        .env(ROLE, role)
        .env(HOME, home)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_hundred_processes_lose_nothing() {
    let home = tempfile::tempdir().unwrap();
    for (store, path) in stores(home.path()) {
        let kind = if store.describe().contains("NOT encrypted") { "plain" } else { "encrypted" };
        store.change(&name(), &sign_in("shared"), NOW, LIMIT).unwrap();
        let helpers: Vec<_> =
            (0..100).map(|at| helper_in(&format!("{kind} u{at:02}"), home.path())).collect();
        for helper in helpers {
            let output = helper.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let cache = read(&*store);
        let kept = uids(&*store);
        let expected: Vec<_> =
            std::iter::once("shared".to_owned()).chain((0..100).map(|at| format!("u{at:02}"))).collect();
        assert_eq!(kept, expected);
        for uid in &kept {
            let tokens = cache.refresh_tokens(HOST, &format!("{uid}.home"), "app");
            let token = tokens[0].secret.expose();
            assert!(token == format!("rt-{uid}-next") || token.starts_with("rt-shared-u"), "{token}");
        }
        let left: Vec<_> =
            fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, [path.file_name().unwrap()], "no draft and no lock is left behind");
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_holder_that_was_killed_holds_nothing() {
    let home = tempfile::tempdir().unwrap();
    let store = plain(home.path());
    store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
    let mut holder = helper_in("hold it", home.path());
    let lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "held"));
    let refused = store.change(&name(), &sign_in("kim"), NOW, Duration::ZERO);
    assert_eq!(refused.unwrap_err(), StoreFailure::Locked);
    holder.kill().unwrap();
    holder.wait().unwrap();
    store.change(&name(), &sign_in("kim"), NOW, Duration::ZERO).unwrap();
    assert_eq!(uids(&*store), ["jo", "kim"]);
}
