//! What cannot be read, and what was left behind.

use std::fs;

use entrada_core::effect::{StoreAction, StoreFailure};
use entrada_host::store::{FileLock, Patience, Protection};

use super::support::{
    LIMIT, NOW, Named as _, beside, file, heard, name, places, plain, sign_in, stores, uids,
};

#[test]
fn what_cannot_be_read_is_set_aside_and_said() {
    for at in 0..2 {
        for garbage in ["{\"Account\":", "[1,2]", "\0\0\0", "ey.not.a.document.!"] {
            let home = tempfile::tempdir().unwrap();
            let Some((store, path)) = stores(home.path()).into_iter().nth(at) else { continue };
            let protection = [Protection::Plaintext, Protection::Encrypted][at];
            store.change(&name(), &sign_in("before"), NOW, LIMIT).unwrap();
            let (store, said) = heard(places(home.path(), protection)).unwrap();
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
    use entrada_core::effect::StoreName;
    use linux_keyutils::{KeyRing, KeyRingIdentifier};
    let home = tempfile::tempdir().unwrap();
    let Ok((store, said)) = heard(places(home.path(), Protection::Kernel)) else {
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
        let others = [draft("cae.0123456789abcdef"), draft("0123456789abcde"), draft("0123456789abcdE0")];
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
    let (store, said) = heard(places(home.path(), Protection::Plaintext)).unwrap();
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
