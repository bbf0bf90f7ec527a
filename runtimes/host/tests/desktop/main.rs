//! Keys in the keyring of a desktop: GNOME Keyring on a session bus, as it runs on people's machines.

#![cfg(all(target_os = "linux", feature = "secret-service"))]

mod fixture;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use entrada_core::cache::accounts::{AccountCache, AccountSource, Arrival, Change};
use entrada_core::effect::{StoreAction, StoreFailure, StoreName};
use entrada_core::token::TokenResponse;
use entrada_core::{AccessToken, EntraClient, Environment, Mono, Now, TokenRequest, Unix};
use entrada_host::store::{Patience, Places, Protection, TokenStore};
use fixture::Desktop;
use linux_keyutils::{KeyRing, KeyRingIdentifier};

const NOW: Unix = Unix(1_700_000_000);
const LIMIT: Duration = Duration::from_secs(120);

/// A document by a name of its own, since the keyring of the kernel is that of all of the user's processes.
struct Document {
    name: StoreName,
    home: tempfile::TempDir,
    bus: Option<String>,
}

impl Document {
    fn new(desktop: Option<&Desktop>) -> Document {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        Document {
            name: StoreName::new(format!("entrada.test.{}.{next}.nocae", std::process::id())).unwrap(),
            home: tempfile::tempdir().unwrap(),
            bus: desktop.map(|desktop| desktop.address().to_owned()),
        }
    }

    /// As another process of the same user opens it.
    fn store(&self, protection: Protection) -> Arc<dyn TokenStore> {
        let home = ("HOME", self.home.path().to_str().unwrap());
        let bus = self.bus.as_deref().map(|address| ("DBUS_SESSION_BUS_ADDRESS", address));
        let environment: Environment = [home].into_iter().chain(bus).collect();
        Places::of(&environment).protected_by(protection).open().unwrap()
    }

    fn encrypted(&self) -> Arc<dyn TokenStore> {
        self.store(Protection::Encrypted)
    }

    fn sign_in(&self, store: &dyn TokenStore, uid: &str, limit: Duration) -> Result<(), StoreFailure> {
        store
            .perform(&self.name, &StoreAction::Change(Box::new(sign_in(uid))), NOW, &Patience::within(limit))
            .map(|_| ())
    }

    fn who(&self, store: &dyn TokenStore) -> Result<Vec<String>, StoreFailure> {
        let bytes = store.perform(&self.name, &StoreAction::Read, NOW, &Patience::within(LIMIT))?;
        let accounts = AccountCache::parse(bytes.expose()).unwrap().accounts("login.microsoftonline.com");
        Ok(accounts.into_iter().map(|account| account.local_account_id).collect())
    }

    fn key(&self) -> &str {
        self.name.as_str().strip_suffix(".nocae").unwrap()
    }

    fn file(&self) -> PathBuf {
        self.home.path().join(".cache/.IdentityService").join(self.key())
    }

    /// What a restart of the machine does to the keyring of the kernel.
    fn restart(&self) {
        let user = KeyRing::from_special_id(KeyRingIdentifier::User, true).unwrap();
        let ring = KeyRing::get_persistent(KeyRingIdentifier::User).unwrap_or(user);
        let key = ring.search(self.key()).expect("a copy of the key");
        ring.unlink_key(key).unwrap();
    }

    fn is_in_kernel(&self) -> bool {
        let user = KeyRing::from_special_id(KeyRingIdentifier::User, true).unwrap();
        KeyRing::get_persistent(KeyRingIdentifier::User).unwrap_or(user).search(self.key()).is_ok()
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        if self.is_in_kernel() {
            self.restart();
        }
    }
}

fn sign_in(uid: &str) -> Change {
    use base64::Engine as _;
    let encoded = |json: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json);
    let asked = Now { mono: Mono(0), unix: NOW };
    let response = TokenResponse {
        access: AccessToken::new("at".into(), Unix(NOW.0 + 3600), asked, "test").unwrap(),
        refresh_token: Some("a refresh token".into()),
        id_token: Some(
            format!("{}.{}.", encoded("{}".into()), encoded(format!(r#"{{"oid":"{uid}"}}"#))).into(),
        ),
        client_info: Some(encoded(format!(r#"{{"uid":"{uid}","utid":"home"}}"#)).into()),
        family: None,
    };
    let app = EntraClient::new("home", "app").unwrap();
    let request = TokenRequest::new(["scope"]).unwrap();
    Change::Keep(Arrival::of_sign_in(&app, &request, AccountSource::DeviceCode, &response).unwrap())
}

/// Whether the kernel lets this process use its keyring, which containers often may not.
fn kernel_is_there() -> bool {
    let there = KeyRing::from_special_id(KeyRingIdentifier::User, true).is_ok();
    if !there {
        eprintln!("SKIPPED, the copy in the kernel: it has no keyring for this process");
    }
    there
}

#[track_caller]
fn unavailable<T: std::fmt::Debug>(result: Result<T, StoreFailure>, says: &str) {
    let Err(StoreFailure::Unavailable(why)) = result else { panic!("{result:?}") };
    assert!(why.contains(says), "{why}");
}

#[test]
fn a_sign_in_outlives_a_restart() {
    let Some(mut desktop) = Desktop::unlocked() else { return };
    if !kernel_is_there() {
        return;
    }
    let document = Document::new(Some(&desktop));
    let store = document.encrypted();
    document.sign_in(&*store, "jo", LIMIT).unwrap();
    assert!(
        store.describe().contains("in the keyring of the desktop (Secret Service), a copy"),
        "{}",
        store.describe()
    );
    assert_eq!(desktop.items(), 1);
    let file = fs::read_to_string(document.file()).unwrap();
    assert!(file.starts_with("ey") && !file.contains("refresh"), "the file stays the sealed one");

    document.restart();
    desktop.end_keyring();
    desktop.start_keyring(Some("a password"));
    assert_eq!(document.who(&*document.encrypted()).unwrap(), ["jo"]);
    assert!(document.is_in_kernel(), "there is a copy again");

    // From now on the desktop is not asked for anything that is only read.
    desktop.freeze();
    assert_eq!(document.who(&*document.encrypted()).unwrap(), ["jo"]);
    desktop.thaw();
    document.sign_in(&*document.encrypted(), "kim", LIMIT).unwrap();
    assert_eq!(desktop.items(), 1, "the key is kept once");
}

#[test]
fn without_the_kernels_keyring_the_desktops_does() {
    let Some(desktop) = Desktop::unlocked() else { return };
    let document = Document::new(Some(&desktop));
    for uid in ["jo", "kim"] {
        document.sign_in(&*document.store(Protection::Keyring), uid, LIMIT).unwrap();
    }
    let store = document.store(Protection::Keyring);
    assert_eq!(document.who(&*store).unwrap(), ["jo", "kim"]);
    assert!(
        store.describe().ends_with("in the keyring of the desktop (Secret Service)"),
        "{}",
        store.describe()
    );
    assert!(!kernel_is_there() || !document.is_in_kernel());
}

#[test]
fn a_session_of_before_is_moved() {
    let Some(desktop) = Desktop::unlocked() else { return };
    if !kernel_is_there() {
        return;
    }
    let document = Document::new(Some(&desktop));
    document.sign_in(&*document.store(Protection::Kernel), "jo", LIMIT).unwrap();
    assert_eq!((document.who(&*document.encrypted()).unwrap(), desktop.items()), (vec!["jo".to_owned()], 0));
    document.sign_in(&*document.encrypted(), "kim", LIMIT).unwrap();
    assert_eq!(desktop.items(), 1);
    document.restart();
    assert_eq!(document.who(&*document.encrypted()).unwrap(), ["jo", "kim"]);
}

#[test]
fn what_is_locked_is_told_and_kept() {
    let Some(mut desktop) = Desktop::unlocked() else { return };
    let document = Document::new(Some(&desktop));
    document.sign_in(&*document.store(Protection::Keyring), "jo", LIMIT).unwrap();
    let before = fs::read(document.file()).unwrap();
    desktop.lock();
    for protection in [Protection::Keyring, Protection::Encrypted] {
        let store = document.store(protection);
        // Nobody is there to ask a person for the password: the prompt ends at once.
        unavailable(document.who(&*store), "locked");
        unavailable(document.sign_in(&*store, "kim", LIMIT), "locked");
    }
    assert_eq!(fs::read(document.file()).unwrap(), before, "nothing was lost");
    desktop.end_keyring();
    desktop.start_keyring(Some("a password"));
    assert_eq!(document.who(&*document.store(Protection::Keyring)).unwrap(), ["jo"]);
}

#[test]
fn a_session_that_cannot_be_opened_from_here_is_not_replaced() {
    let Some(desktop) = Desktop::unlocked() else { return };
    let mut document = Document::new(Some(&desktop));
    document.sign_in(&*document.store(Protection::Keyring), "jo", LIMIT).unwrap();
    let before = fs::read(document.file()).unwrap();
    let bus = document.bus.take();
    if kernel_is_there() {
        // As by SSH, after a restart.
        unavailable(document.who(&*document.encrypted()), "there is no session bus");
        unavailable(document.sign_in(&*document.encrypted(), "kim", LIMIT), "there is no session bus");
    }
    assert_eq!(fs::read(document.file()).unwrap(), before);
    document.bus = bus;
    assert_eq!(document.who(&*document.store(Protection::Keyring)).unwrap(), ["jo"]);
}

/// Whatever is wrong with the desktop, the kernel does until that is mended, and it is said why.
#[test]
fn a_desktop_that_does_not_do_is_done_without() {
    let Some(mut desktop) = Desktop::bare() else { return };
    if !kernel_is_there() {
        return;
    }
    let kept_in_kernel = |desktop: &Desktop, limit: Duration, since: &str| {
        let document = Document::new(Some(desktop));
        let store = document.encrypted();
        document.sign_in(&*store, "jo", limit).unwrap();
        let told = store.describe();
        assert!(told.contains("until this machine restarts, since ") && told.contains(since), "{told}");
        assert_eq!(document.who(&*store).unwrap(), ["jo"]);
        document
    };
    kept_in_kernel(&desktop, LIMIT, "nobody on the session bus keeps secrets");
    desktop.start_keyring(None);
    kept_in_kernel(&desktop, LIMIT, "no collection");
    desktop.end_keyring();
    desktop.start_keyring(Some("a password"));
    desktop.freeze();
    kept_in_kernel(&desktop, Duration::from_secs(1), "did not answer in time");
    desktop.thaw();
    desktop.lock();
    let document = kept_in_kernel(&desktop, LIMIT, "is locked");
    desktop.end_keyring();
    desktop.start_keyring(Some("a password"));
    let store = document.encrypted();
    document.sign_in(&*store, "kim", LIMIT).unwrap();
    assert!(store.describe().contains("(Secret Service), a copy in"), "moved as soon as it could be");
    let mut gone = Document::new(None);
    gone.bus = Some("unix:path=/nowhere/bus".to_owned());
    let store = gone.encrypted();
    gone.sign_in(&*store, "jo", LIMIT).unwrap();
    assert!(store.describe().contains("the session bus cannot be reached"), "{}", store.describe());
}

/// Without the kernel there is nothing to fall back on: then it is an error, and nothing is written.
#[test]
fn nothing_is_written_where_no_key_can_be_kept() {
    let Some(mut desktop) = Desktop::bare() else { return };
    let refused = |desktop: &Desktop, limit: Duration, why: &str| {
        let document = Document::new(Some(desktop));
        unavailable(document.sign_in(&*document.store(Protection::Keyring), "jo", limit), why);
        assert!(!document.file().exists());
        assert!(!document.home.path().join(".IdentityService").exists());
    };
    refused(&desktop, LIMIT, "nobody on the session bus keeps secrets");
    desktop.start_keyring(None);
    refused(&desktop, LIMIT, "no collection");
    desktop.end_keyring();
    desktop.start_keyring(Some("a password"));
    desktop.freeze();
    refused(&desktop, Duration::from_secs(1), "did not answer in time");
    desktop.thaw();
    desktop.lock();
    refused(&desktop, LIMIT, "is locked");
    let nowhere = Document::new(None);
    let environment: Environment = [("HOME", nowhere.home.path().to_str().unwrap())].into_iter().collect();
    let opened = Places::of(&environment).protected_by(Protection::Keyring).open();
    unavailable(opened.map(|_| ()), "there is no session bus");
}

#[test]
fn the_kernel_alone_where_that_is_wished() {
    let Some(desktop) = Desktop::unlocked() else { return };
    if !kernel_is_there() {
        return;
    }
    let document = Document::new(Some(&desktop));
    let store = document.store(Protection::Kernel);
    document.sign_in(&*store, "jo", LIMIT).unwrap();
    assert!(desktop.items() == 0 && store.describe().contains("is not to be used"), "{}", store.describe());
}
