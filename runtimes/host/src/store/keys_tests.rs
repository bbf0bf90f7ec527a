//! Every order in which holders may have, lack, lose or refuse a key.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::*;

/// Somebody who keeps keys in memory.
#[derive(Default)]
struct Fake {
    keys: Mutex<Vec<Key>>,
    refusing: Mutex<Option<Unheld>>,
    asked: Mutex<u32>,
    place: &'static str,
}

impl Fake {
    fn named(place: &'static str) -> Arc<Fake> {
        Arc::new(Fake { place, ..Fake::default() })
    }

    fn refuse(&self, why: Option<Unheld>) {
        *self.refusing.lock().unwrap() = why;
    }

    fn ids(&self) -> Vec<String> {
        self.keys.lock().unwrap().iter().map(Key::id).collect()
    }

    fn forget(&self) {
        self.keys.lock().unwrap().clear();
    }

    fn asked(&self) -> u32 {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn answer(&self) -> Result<(), Unheld> {
        *self.asked.lock().unwrap() += 1;
        self.refusing.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

impl Holder for Arc<Fake> {
    fn keys(&self, _: &str, _: Instant) -> Result<Vec<Key>, Unheld> {
        self.answer()?;
        Ok(self.keys.lock().unwrap().iter().filter_map(|key| Key::from_slice(key.bytes())).collect())
    }

    fn keep(&self, _: &str, key: &Key, _: Instant) -> Result<(), Unheld> {
        self.answer()?;
        let mut keys = self.keys.lock().unwrap();
        if !keys.iter().any(|kept| kept.id() == key.id()) {
            keys.extend(Key::from_slice(key.bytes()));
        }
        Ok(())
    }

    fn place(&self) -> &'static str {
        self.place
    }
}

fn absent() -> Unheld {
    Unheld::Absent("it is not there".into())
}

fn silent() -> Unheld {
    Unheld::Silent("it is locked".into())
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

struct Machine {
    near: Arc<Fake>,
    lasting: Arc<Fake>,
    holders: Holders,
}

impl Machine {
    fn new() -> Machine {
        let (near, lasting) = (Fake::named("the kernel"), Fake::named("the desktop"));
        let boxed = |fake: &Arc<Fake>| -> Result<Box<dyn Holder>, Unheld> { Ok(Box::new(Arc::clone(fake))) };
        let holders = Holders::new(boxed(&near), boxed(&lasting)).unwrap();
        Machine { near, lasting, holders }
    }

    /// The same machine, for another process, which may have other holders.
    fn holders(&self, near: bool, lasting: Result<(), Unheld>) -> Holders {
        let near: Result<Box<dyn Holder>, _> =
            if near { Ok(Box::new(Arc::clone(&self.near))) } else { Err(absent()) };
        let lasting: Result<Box<dyn Holder>, _> = lasting.map(|()| Box::new(Arc::clone(&self.lasting)) as _);
        Holders::new(near, lasting).unwrap()
    }

    /// Seals: the id of the key, and whether it lasts.
    fn seal(&self) -> (String, bool) {
        let (key, lasting) = self.holders.to_seal("name", soon()).unwrap();
        (key.id(), lasting)
    }
}

/// What becomes of a document that was sealed with the key of this id.
fn open(holders: &Holders, id: &str, lasting: bool) -> Result<&'static str, StoreFailure> {
    let open = |key: &Key| (key.id() == id).then(SecretBytes::default);
    Ok(match holders.open("name", lasting, soon(), open)? {
        Opened::Document(_) => "opened",
        Opened::Lost => "lost",
        Opened::Unreadable => "unreadable",
    })
}

#[test]
fn a_new_key_is_kept_by_both_and_the_desktop_is_not_asked_again_to_read() {
    let machine = Machine::new();
    assert_eq!(machine.holders.describe(), "in the desktop where that answers, and in the kernel");
    let (id, lasting) = machine.seal();
    assert!(lasting);
    assert_eq!([machine.near.ids(), machine.lasting.ids()].concat(), [id.as_str(), id.as_str()]);
    assert_eq!(machine.holders.describe(), "in the desktop, a copy in the kernel");
    machine.lasting.asked();
    assert_eq!(open(&machine.holders, &id, true), Ok("opened"));
    assert_eq!(machine.lasting.asked(), 0, "what is close by does");
}

#[test]
fn a_key_that_was_close_by_only_is_moved_with_the_next_change() {
    let machine = Machine::new();
    let alone = machine.holders(true, Err(absent()));
    let (key, lasting) = alone.to_seal("name", soon()).unwrap();
    assert!(!lasting);
    assert_eq!(alone.describe(), "in the kernel, since it is not there");
    assert_eq!(open(&machine.holders, &key.id(), false), Ok("opened"));
    assert_eq!(machine.seal(), (key.id(), true));
    assert_eq!(machine.lasting.ids(), [key.id()]);
}

#[test]
fn after_a_restart_the_desktops_key_is_used_and_copied() {
    let machine = Machine::new();
    let (id, _) = machine.seal();
    machine.near.forget();
    assert_eq!(open(&machine.holders, &id, true), Ok("opened"));
    assert_eq!(machine.near.ids(), [id.as_str()]);
    machine.near.forget();
    assert_eq!(machine.seal(), (id, true), "a change begins no other key either");
}

#[test]
fn what_is_locked_is_neither_given_up_nor_replaced() {
    let machine = Machine::new();
    let (id, _) = machine.seal();
    machine.near.forget();
    for refusal in [silent(), absent()] {
        machine.lasting.refuse(Some(refusal.clone()));
        let Err(StoreFailure::Unavailable(why)) = open(&machine.holders, &id, true) else { panic!() };
        assert!(why.contains(refusal.why()), "{why}");
    }
    let without_bus = machine.holders(true, Err(absent()));
    assert!(matches!(open(&without_bus, &id, true), Err(StoreFailure::Unavailable(_))));
    // A document that does not say that its key lasts may be older than the machine's last start. As long
    // as somebody may have its key, it is not given up.
    machine.lasting.refuse(Some(silent()));
    assert!(open(&machine.holders, &id, false).is_err());
    assert_eq!(open(&without_bus, &id, false), Ok("lost"));
    machine.lasting.refuse(Some(absent()));
    assert_eq!(open(&machine.holders, &id, false), Ok("lost"));
    machine.lasting.refuse(None);
    assert_eq!(open(&machine.holders, &id, true), Ok("opened"));
}

#[test]
fn a_desktop_that_refuses_is_done_without_and_that_is_told() {
    for refusal in [silent(), absent()] {
        let machine = Machine::new();
        machine.lasting.refuse(Some(refusal.clone()));
        let (id, lasting) = machine.seal();
        assert!(!lasting && machine.near.ids() == [id.as_str()]);
        assert_eq!(machine.lasting.asked(), 1, "who refused is not asked twice in a row");
        assert_eq!(machine.holders.describe(), format!("in the kernel, since {}", refusal.why()));
        machine.lasting.refuse(None);
        assert_eq!(machine.seal(), (id, true));
    }
}

#[test]
fn without_the_kernel_the_desktop_has_to_do() {
    let machine = Machine::new();
    let holders = machine.holders(false, Ok(()));
    let (key, lasting) = holders.to_seal("name", soon()).unwrap();
    assert!(lasting);
    assert_eq!(
        (open(&holders, &key.id(), true), holders.describe()),
        (Ok("opened"), "in the desktop".into())
    );
    machine.lasting.refuse(Some(silent()));
    let Err(StoreFailure::Unavailable(why)) = holders.to_seal("name", soon()) else { panic!() };
    assert_eq!(why, "it is locked");
    assert_eq!(holders.describe(), "in the desktop, which cannot be used: it is locked");
    let nowhere = Holders::new(Err(silent()), Err(absent())).err().unwrap();
    assert_eq!(nowhere.to_string(), "it is locked, and it is not there");
}

#[test]
fn no_key_displaces_another() {
    let machine = Machine::new();
    let (old, _) = machine.seal();
    machine.near.forget();
    // Another library begins a key of its own after the restart.
    let (new, _) = machine.holders(true, Err(absent())).to_seal("name", soon()).unwrap();
    assert_eq!(open(&machine.holders, &old, true), Ok("opened"));
    assert_eq!(machine.near.ids(), [new.id()], "that library's key stays");
    assert_eq!(machine.seal(), (new.id(), true), "and is gone on with, as that library does");
    assert_eq!(machine.lasting.ids(), [old.as_str(), &new.id()]);
    assert_eq!(open(&machine.holders, &old, true), Ok("opened"));
}

#[test]
fn what_no_key_opens_is_told_from_what_has_none() {
    let machine = Machine::new();
    assert_eq!(open(&machine.holders, "other", false), Ok("lost"));
    assert_eq!(open(&machine.holders, "other", true), Ok("unreadable"), "set aside, not overwritten");
    machine.seal();
    assert_eq!(open(&machine.holders, "other", false), Ok("unreadable"));
    machine.near.refuse(Some(silent()));
    assert!(open(&machine.holders, "other", false).is_err());
    assert!(machine.holders.to_seal("name", soon()).is_err());
}
