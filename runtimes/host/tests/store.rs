//! Accounts and tokens in files, changed by many processes at the same time.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entrada_core::cache::accounts::{AccountCache, AccountSource, Arrival, Change};
use entrada_core::effect::{StoreAction, StoreFailure, StoreName};
use entrada_core::token::TokenResponse;
use entrada_core::{
    AccessToken, EntraClient, Environment, Mono, Now, Secret, SecretBytes, TokenRequest, Unix,
};
use entrada_host::store::{AzureCliCache, FileLock, Patience, Places, Protection, TokenStore};

const NOW: Unix = Unix(1_700_000_000);
const LIMIT: Duration = Duration::from_secs(120);
const HOST: &str = "login.microsoftonline.com";

/// Tells a process that it is a helper of the test, and where its home is.
const ROLE: &str = "ENTRADA_STORE_TEST_ROLE";
const HOME: &str = "ENTRADA_STORE_TEST_HOME";

/// The environment of a person whose home this is, on each system.
fn at_home(home: &Path) -> Environment {
    ["HOME", "USERPROFILE", "LOCALAPPDATA"].map(|name| (name, home.to_str().unwrap())).into_iter().collect()
}

fn places(home: &Path, protection: Protection) -> Places {
    Places::of(&at_home(home)).protected_by(protection)
}

fn plain(home: &Path) -> Arc<dyn TokenStore> {
    places(home, Protection::Plaintext).open().unwrap()
}

/// A name of this test's own, since keyrings are shared by the user's processes.
fn name() -> StoreName {
    StoreName::new("entrada.test.cache.nocae").unwrap()
}

/// What the document's file is called where it is not encrypted.
fn file() -> String {
    if cfg!(target_os = "linux") { name().to_string() } else { format!("{}.json", name()) }
}

/// The file beside a document that has this at the end of its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    path.with_file_name(format!("{}{ending}", path.file_name().unwrap().to_str().unwrap()))
}

fn encoded(json: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json)
}

fn app() -> EntraClient {
    EntraClient::new("home", "app").unwrap()
}

fn request() -> TokenRequest {
    TokenRequest::new(["scope"]).unwrap()
}

fn response(uid: &str, refresh: &str) -> TokenResponse {
    let asked = Now { mono: Mono(0), unix: NOW };
    TokenResponse {
        access: AccessToken::new(format!("at-{uid}").into(), Unix(NOW.0 + 3600), asked, "test").unwrap(),
        refresh_token: Some(Secret::new(refresh)),
        id_token: Some(format!("{}.{}.", encoded("{}"), encoded(&format!(r#"{{"oid":"{uid}"}}"#))).into()),
        client_info: Some(encoded(&format!(r#"{{"uid":"{uid}","utid":"home"}}"#)).into()),
        family: None,
    }
}

fn sign_in(uid: &str) -> Change {
    let response = response(uid, &format!("rt-{uid}"));
    Change::Keep(Arrival::of_sign_in(&app(), &request(), AccountSource::DeviceCode, &response).unwrap())
}

fn refresh(cache: &AccountCache, uid: &str, refreshed: &str) -> Change {
    let with = cache.refresh_tokens(HOST, &format!("{uid}.home"), "app").remove(0);
    Change::Keep(Arrival::of_refresh(&app(), &request(), &with, &response(uid, refreshed)).unwrap())
}

/// The two things that a store does, each by its name.
trait Named: TokenStore {
    fn read(&self, name: &StoreName, limit: Duration) -> Result<SecretBytes, StoreFailure> {
        self.perform(name, &StoreAction::Read, NOW, &Patience::within(limit))
    }

    fn change(
        &self,
        name: &StoreName,
        change: &Change,
        now: Unix,
        limit: Duration,
    ) -> Result<SecretBytes, StoreFailure> {
        self.perform(name, &StoreAction::Change(Box::new(change.clone())), now, &Patience::within(limit))
    }
}

impl<S: TokenStore + ?Sized> Named for S {}

fn read(store: &dyn TokenStore) -> AccountCache {
    AccountCache::parse(store.read(&name(), LIMIT).unwrap().expose()).unwrap()
}

fn uids(store: &dyn TokenStore) -> Vec<String> {
    let accounts = read(store).signed_in(HOST, "app").into_iter();
    let mut uids: Vec<_> = accounts.map(|account| account.home_account_id.replace(".home", "")).collect();
    uids.sort();
    uids
}

/// Both stores, with the file that each keeps; the encrypted one only where the kernel lets it be.
fn stores(home: &Path) -> Vec<(Arc<dyn TokenStore>, PathBuf)> {
    let mut stores = vec![(plain(home), home.join(".IdentityService").join(file()))];
    match places(home, Protection::Encrypted).open() {
        Ok(store) if cfg!(target_os = "linux") => {
            stores.push((store, home.join(".cache/.IdentityService/entrada.test.cache")));
        }
        Ok(store) => stores.push((store, home.join(".IdentityService").join(format!("{}.jwe", name())))),
        Err(why) => eprintln!("SKIPPED, encrypted: {why}"),
    }
    stores
}

#[test]
fn what_is_kept_is_there_in_the_next_run() {
    let home = tempfile::tempdir().unwrap();
    for (store, path) in stores(home.path()) {
        assert!(store.read(&name(), LIMIT).unwrap().is_empty(), "{}", store.describe());
        let written = store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
        assert_eq!(store.read(&name(), LIMIT).unwrap().expose(), written.expose());
        assert_eq!(uids(&*store), ["jo"]);
        let change = refresh(&read(&*store), "jo", "rt-next");
        store.change(&name(), &change, NOW, LIMIT).unwrap();
        assert_eq!(read(&*store).refresh_tokens(HOST, "jo.home", "app")[0].secret.expose(), "rt-next");
        assert!(store.describe().contains(path.parent().unwrap().to_str().unwrap()), "{}", store.describe());
        let names: Vec<_> =
            fs::read_dir(path.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, [path.file_name().unwrap()], "nothing is left beside it");
        let on_disk = String::from_utf8(fs::read(&path).unwrap()).unwrap();
        assert_eq!(on_disk.contains("rt-next"), store.describe().contains("NOT encrypted"));
        // Where the one of either kind shares a folder with the other.
        fs::remove_file(&path).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    for (store, path) in stores(home.path()) {
        store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("elsewhere");
    fs::write(&target, "{}").unwrap();
    for (store, path) in stores(home.path()) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        assert!(matches!(store.read(&name(), LIMIT), Err(StoreFailure::Broken(_))));
        assert!(store.change(&name(), &sign_in("jo"), NOW, LIMIT).is_err());
        assert_eq!(fs::read(&target).unwrap(), b"{}");
    }
}

#[test]
fn what_cannot_be_read_is_set_aside_and_said() {
    for at in 0..2 {
        for garbage in ["{\"Account\":", "[1,2]", "\0\0\0", "ey.not.a.document.!"] {
            let home = tempfile::tempdir().unwrap();
            let said = Arc::new(Mutex::new(Vec::new()));
            let hear = Arc::clone(&said);
            let Some((store, path)) = stores(home.path()).into_iter().nth(at) else { continue };
            let protection = [Protection::Plaintext, Protection::Encrypted][at];
            store.change(&name(), &sign_in("before"), NOW, LIMIT).unwrap();
            let store = places(home.path(), protection)
                .warning(move |line| hear.lock().unwrap().push(line.to_owned()))
                .open()
                .unwrap();
            for reading in [true, false] {
                fs::write(&path, garbage).unwrap();
                match reading {
                    true => assert!(store.read(&name(), LIMIT).unwrap().is_empty(), "never fatal"),
                    false => drop(store.change(&name(), &sign_in("after"), NOW, LIMIT).unwrap()),
                }
                let mut said = said.lock().unwrap();
                assert_eq!(said.len(), 1, "{said:?}");
                let aside = beside(&path, ".unreadable");
                assert!(said[0].contains(aside.to_str().unwrap()), "{said:?}");
                assert_eq!(fs::read_to_string(&aside).unwrap(), garbage);
                assert_eq!(path.exists(), !reading, "it is out of the way, and a new one is begun");
                said.clear();
            }
            assert_eq!(uids(&*store), ["after"]);
        }
    }
}

/// The key is gone, as after a restart; whoever only looks moves nothing, since another place may have it.
#[cfg(all(target_os = "linux", feature = "encrypted-store"))]
#[test]
fn a_lost_key_is_said_and_what_it_sealed_is_kept_aside() {
    use linux_keyutils::{KeyRing, KeyRingIdentifier};
    let home = tempfile::tempdir().unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&said);
    let places = places(home.path(), Protection::Kernel);
    let Ok(store) = places.warning(move |line| hear.lock().unwrap().push(line.to_owned())).open() else {
        return eprintln!("SKIPPED: the kernel gives no keyring");
    };
    let name = StoreName::new("entrada.lost.cache.nocae").unwrap();
    let path = home.path().join(".cache/.IdentityService/entrada.lost.cache");
    store.change(&name, &sign_in("before"), NOW, LIMIT).unwrap();
    let sealed = fs::read(&path).unwrap();
    let user = KeyRing::from_special_id(KeyRingIdentifier::User, true).unwrap();
    let ring = KeyRing::get_persistent(KeyRingIdentifier::User).unwrap_or(user);
    let lose = || ring.unlink_key(ring.search("entrada.lost.cache").unwrap()).unwrap();
    lose();
    for _ in 0..2 {
        assert!(store.read(&name, LIMIT).unwrap().is_empty());
        assert_eq!(fs::read(&path).unwrap(), sealed);
    }
    store.change(&name, &sign_in("after"), NOW, LIMIT).unwrap();
    lose();
    assert_eq!(fs::read(beside(&path, ".unreadable")).unwrap(), sealed);
    let said = said.lock().unwrap();
    assert_eq!(said.len(), 2, "each is said once: {said:?}");
    assert!(said.iter().all(|line| line.contains("its key is gone")), "{said:?}");
    assert!(said[1].contains("entrada.lost.cache.unreadable"), "{said:?}");
}

#[test]
fn what_killed_writers_left_behind_goes_with_the_next_change() {
    let home = tempfile::tempdir().unwrap();
    for (store, path) in stores(home.path()) {
        store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
        let file = path.file_name().unwrap().to_str().unwrap();
        let draft = |rest: &str| path.with_file_name(format!(".{file}.{rest}"));
        let dead = [draft("0123456789abcdef"), draft("ffffffffffffffff")];
        let others = [draft("cae.0123456789abcdef"), draft("0123456789abcde"), draft("0123456789abcdeF")];
        let others = others.into_iter().chain([path.with_file_name(".other.0123456789abcdef")]);
        let others: Vec<_> = others.collect();
        dead.iter().chain(&others).for_each(|path| fs::write(path, "a part").unwrap());
        assert_eq!(uids(&*store), ["jo"]);
        assert!(dead.iter().all(|draft| draft.exists()), "whoever reads has no lock, and removes nothing");
        store.change(&name(), &sign_in("kim"), NOW, LIMIT).unwrap();
        assert!(!dead.iter().any(|draft| draft.exists()));
        assert!(others.iter().all(|other| other.exists()));
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}

#[test]
fn what_cannot_be_read_is_forgotten_when_that_is_wanted() {
    let home = tempfile::tempdir().unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&said);
    let places = places(home.path(), Protection::Plaintext);
    let store = places.warning(move |line| hear.lock().unwrap().push(line.to_owned())).open().unwrap();
    let forget = || store.perform(&name(), &StoreAction::ForgetUnreadable, NOW, &Patience::within(LIMIT));
    let path = home.path().join(".IdentityService").join(file());
    assert!(forget().unwrap().is_empty());
    assert!(!path.parent().unwrap().exists(), "nothing is made where there is nothing");
    store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
    let whole = forget().unwrap();
    assert_eq!(fs::read(&path).unwrap(), whole.expose(), "what can be read stays");
    let (aside, draft) =
        (beside(&path, ".unreadable"), path.with_file_name(format!(".{}.{:016x}", file(), 7)));
    for (document, left) in [(None, true), (Some(b"{\"Acc"), false), (Some(b"{\"Acc"), true)] {
        if left {
            fs::write(&aside, "rt-old").unwrap();
            fs::write(&draft, "rt-older").unwrap();
        }
        if let Some(garbage) = document {
            fs::write(&path, garbage).unwrap();
        }
        let held = FileLock::take(&beside(&path, ".lockfile"), &Patience::none()).unwrap();
        let other = plain(home.path());
        let refused = other.perform(&name(), &StoreAction::ForgetUnreadable, NOW, &Patience::none());
        assert_eq!(
            (refused.err(), aside.exists()),
            (Some(StoreFailure::Locked), left),
            "never without the lock"
        );
        drop(held);
        assert_eq!(forget().unwrap().is_empty(), document.is_some());
        assert_eq!((path.exists(), aside.exists(), draft.exists()), (document.is_none(), false, false));
    }
    let said = said.lock().unwrap();
    assert!(said.iter().any(|line| line.contains(aside.to_str().unwrap())), "{said:?}");
    assert!(said.iter().any(|line| line.contains(draft.to_str().unwrap())), "{said:?}");
}

#[test]
fn a_lock_that_was_waited_for_in_vain_is_only_tried_from_then_on() {
    let home = tempfile::tempdir().unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&said);
    let places = places(home.path(), Protection::Plaintext);
    let store = places.warning(move |line| hear.lock().unwrap().push(line.to_owned())).open().unwrap();
    store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
    let path = home.path().join(".IdentityService").join(file());
    let held = FileLock::take(&beside(&path, ".lockfile"), &Patience::none()).unwrap();
    let waited = Arc::new(Mutex::new(0));
    let change = |limit| {
        let noted = Arc::clone(&waited);
        // Whoever waits asks whether that is still wanted.
        let patience = Patience::within(limit).unless(move || {
            *noted.lock().unwrap() += 1;
            true
        });
        store.perform(&name(), &StoreAction::Change(Box::new(sign_in("kim"))), NOW, &patience).map(|_| ())
    };
    assert_eq!(change(LIMIT), Err(StoreFailure::Locked));
    assert_eq!((*waited.lock().unwrap(), said.lock().unwrap().len()), (1, 0), "given up is not in vain");
    assert_eq!(change(Duration::ZERO), Err(StoreFailure::Locked));
    for _ in 0..2 {
        assert_eq!(change(LIMIT), Err(StoreFailure::Locked));
    }
    assert_eq!(*waited.lock().unwrap(), 1, "nobody waits any more");
    let lines = said.lock().unwrap().clone();
    assert!(lines.len() == 1 && lines[0].contains("locked"), "it is said, and once: {lines:?}");
    drop(held);
    assert_eq!(change(LIMIT), Ok(()));
    let _held = FileLock::take(&beside(&path, ".lockfile"), &Patience::none()).unwrap();
    assert_eq!(change(LIMIT), Err(StoreFailure::Locked));
    assert_eq!(*waited.lock().unwrap(), 2, "after that it is worth waiting again");
}

#[test]
fn what_others_wrote_stays() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".IdentityService");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(file()), r#"{"AccessToken":{"x":{"foo":"bar"}},"Other":{"a":1}}"#).unwrap();
    let store = plain(home.path());
    store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
    let written = String::from_utf8(store.read(&name(), LIMIT).unwrap().expose().to_vec()).unwrap();
    assert!(written.contains(r#""x":{"foo":"bar"}"#) && written.contains(r#""Other":{"a":1}"#), "{written}");
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_not_for_ever() {
    let home = tempfile::tempdir().unwrap();
    for (store, path) in stores(home.path()) {
        store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
        let held = FileLock::take(&beside(&path, ".lockfile"), &Patience::none()).unwrap();
        let waiting =
            Arc::clone(&stores(home.path()).into_iter().find(|(_, other)| *other == path).unwrap().0);
        let refused = store.change(&name(), &sign_in("kim"), NOW, Duration::ZERO);
        assert_eq!(refused.unwrap_err(), StoreFailure::Locked);
        assert_eq!(uids(&*store), ["jo"], "who only reads does not wait");
        let waiter =
            std::thread::spawn(move || waiting.change(&name(), &sign_in("kim"), NOW, LIMIT).map(|_| ()));
        drop(held);
        waiter.join().unwrap().unwrap();
        assert_eq!(uids(&*store), ["jo", "kim"]);
    }
}

/// MSAL's extensions write in place: somebody who reads meanwhile sees a part.
#[test]
fn a_document_that_is_being_written_is_read_when_it_is_whole() {
    let home = tempfile::tempdir().unwrap();
    let store = plain(home.path());
    store.change(&name(), &sign_in("jo"), NOW, LIMIT).unwrap();
    let path = home.path().join(".IdentityService").join(file());
    let whole = fs::read(&path).unwrap();
    let held = FileLock::take(&beside(&path, ".lockfile"), &Patience::none()).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| uids(&*store));
        fs::write(&path, &whole).unwrap();
        drop(held);
        assert_eq!(reader.join().unwrap(), ["jo"]);
    });
}

#[test]
fn without_a_home_nothing_is_kept_and_it_is_said_why() {
    let nowhere = Places::of(&Environment::new()).protected_by(Protection::Plaintext);
    let Err(StoreFailure::Unavailable(why)) = nowhere.open().map(|_| ()) else { panic!("kept nowhere") };
    assert!(why.contains(if cfg!(windows) { "LOCALAPPDATA" } else { "HOME" }), "{why}");
}

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
        .args(["--exact", "helper", "--nocapture"])
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

#[test]
fn the_azure_clis_document_is_its_own() {
    let home = tempfile::tempdir().unwrap();
    let environment = at_home(home.path());
    let store = AzureCliCache::of(&environment).beside(plain(home.path()));
    let (document, folder) = (StoreName::azure_cli(), home.path().join(".azure"));
    assert!(store.read(&document, LIMIT).unwrap().is_empty());
    assert!(!folder.exists(), "looking makes nothing");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("msal_token_cache.json");
    store.change(&document, &sign_in("one"), NOW, LIMIT).unwrap();
    assert!(fs::read_to_string(&path).unwrap().contains("rt-one"));
    // The others are elsewhere.
    assert!(read(&store).signed_in(HOST, "app").is_empty());
    store.change(&name(), &sign_in("two"), NOW, LIMIT).unwrap();
    assert_eq!(uids(&store), ["two"]);
    assert!(!fs::read_to_string(&path).unwrap().contains("rt-two"));
    // While the tool writes, nothing is changed; what cannot be read is left as it is.
    let lock = FileLock::take(&folder.join("msal_token_cache.json.lockfile"), &Patience::none()).unwrap();
    let held = store.change(&document, &sign_in("three"), NOW, Duration::ZERO);
    assert_eq!(held.err(), Some(StoreFailure::Locked));
    drop(lock);
    fs::write(&path, "{ not json").unwrap();
    assert!(matches!(store.change(&document, &sign_in("three"), NOW, LIMIT), Err(StoreFailure::Broken(_))));
    assert_eq!(fs::read_to_string(&path).unwrap(), "{ not json");
    // Alone it has no other document.
    let alone = AzureCliCache::of(&environment);
    assert!(matches!(alone.read(&name(), LIMIT), Err(StoreFailure::Unavailable(_))));
}
