//! Locks that somebody holds.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entrada_core::effect::{StoreAction, StoreFailure};
use entrada_host::store::{FileLock, Patience, Protection};

use super::support::{
    LIMIT, NOW, Named as _, beside, file, heard, name, places, plain, sign_in, stores, uids,
};

#[test]
fn a_lock_that_was_waited_for_in_vain_is_only_tried_from_then_on() {
    let home = tempfile::tempdir().unwrap();
    let (store, said) = heard(places(home.path(), Protection::Plaintext)).unwrap();
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
