//! A keyring that asks a person, who types, or will not, or is away.

use std::io::Write as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::super::bus::other_side::{Called, told};
use super::super::bus::{Address, Body, Signal};
use super::*;
use crate::files::tests::Folder;

/// What whoever is asked does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Person {
    Unlocks,
    Declines,
    IsAway,
}

/// One item, locked, of a service that is spoken to without a bus in between.
struct Keyring {
    _folder: Folder,
    service: SecretService,
    called: Arc<Mutex<Vec<String>>>,
}

const ITEM: &str = "/org/freedesktop/secrets/collection/login/1";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/p1";
const SESSION: &str = "/org/freedesktop/secrets/session/s1";

impl Keyring {
    fn new(person: Person, text: &str) -> Keyring {
        let folder = Folder::new("keyring");
        let path = folder.path().join("bus");
        let listener = UnixListener::bind(&path).unwrap();
        let called = Arc::new(Mutex::new(Vec::new()));
        let (list, text) = (Arc::clone(&called), text.to_owned());
        thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            serve(stream, person, &text, &list);
        });
        let service = SecretService { bus: Addresses(vec![Address::Path(path)]) };
        Keyring { _folder: folder, service, called }
    }

    fn keys(&self, patience: Duration) -> Result<Vec<Key>, Unheld> {
        self.service.keys("name", Instant::now() + patience)
    }

    fn was_called(&self, member: &str) -> bool {
        self.called.lock().unwrap().iter().any(|called| called == member)
    }
}

fn serve(mut stream: UnixStream, person: Person, text: &str, list: &Mutex<Vec<String>>) {
    use std::io::{BufRead as _, BufReader};
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let line = |reader: &mut BufReader<UnixStream>| reader.read_until(b'\n', &mut Vec::new()).unwrap();
    line(&mut reader);
    stream.write_all(b"OK 1234\r\n").unwrap();
    line(&mut reader);
    let mut key = None;
    while let Some(called) = Called::next(&mut reader) {
        list.lock().unwrap().push(called.member.clone());
        let body = match called.member.as_str() {
            "Hello" => Body::new("s", |writer| writer.string(":1.1")),
            "SearchItems" => Body::new("aoao", |writer| {
                writer.strings(&[""; 0]);
                writer.strings(&[ITEM]);
            }),
            "Unlock" => Body::new("aoo", |writer| {
                writer.strings(&[""; 0]);
                writer.string(PROMPT);
            }),
            "OpenSession" => {
                let mut theirs = called.body("sv");
                assert_eq!(theirs.string(), Ok(session::ALGORITHM));
                theirs.variant("ay").unwrap();
                let half = Half::new(&[7; 128]);
                key = half.agree(theirs.blob().unwrap());
                Body::new("vo", |writer| {
                    writer.signature("ay");
                    writer.blob(&*half.public());
                    writer.string(SESSION);
                })
            }
            "GetSecret" => {
                assert_eq!(called.body("o").string(), Ok(SESSION));
                let sealed = key.as_ref().unwrap().seal(&[5; IV], text.as_bytes()).unwrap();
                Body::new("(oayays)", |writer| {
                    writer.structure();
                    writer.string(SESSION);
                    writer.blob(&[5; IV]);
                    writer.blob(&sealed);
                    writer.string("text/plain");
                })
            }
            _ => Body::default(),
        };
        stream.write_all(&called.answer(body)).unwrap();
        if called.member == "Prompt" && person != Person::IsAway {
            let signal = Signal {
                path: PROMPT.into(),
                interface: "org.freedesktop.Secret.Prompt".into(),
                member: "Completed".into(),
            };
            // Somebody else's prompt is none of ours.
            let other = Signal { path: format!("{PROMPT}0"), ..signal.clone() };
            stream.write_all(&told(&other, completed(Person::Declines))).unwrap();
            stream.write_all(&told(&signal, completed(person))).unwrap();
        }
    }
}

fn completed(person: Person) -> Body {
    Body::new("bv", |writer| match person {
        Person::Unlocks => {
            writer.boolean(false);
            writer.signature("ao");
            writer.strings(&[ITEM]);
        }
        // What stands in the variant then, the services do not agree upon.
        _ => {
            writer.boolean(true);
            writer.signature("s");
            writer.string("");
        }
    })
}

const LATER: Duration = Duration::from_secs(60);

#[test]
fn who_unlocks_the_keyring_gets_the_key() {
    let key = Key::generate().unwrap();
    let keyring = Keyring::new(Person::Unlocks, &BASE64URL.encode(key.bytes()));
    let keys = keyring.keys(LATER).unwrap();
    assert_eq!(keys.iter().map(Key::id).collect::<Vec<_>>(), [key.id()]);
    assert!(!keyring.was_called("Dismiss"));
}

#[test]
fn who_will_not_or_is_away_gets_none() {
    let keyring = Keyring::new(Person::Declines, "");
    let Err(Unheld::Silent(why)) = keyring.keys(LATER) else { panic!() };
    assert!(why.contains("was not unlocked when asked"), "{why}");
    let keyring = Keyring::new(Person::IsAway, "");
    let Err(Unheld::Silent(why)) = keyring.keys(Duration::from_millis(300)) else { panic!() };
    assert!(why.contains("was not unlocked when asked"), "{why}");
    assert!(keyring.was_called("Dismiss"), "the prompt does not stay on the screen");
}

#[test]
fn what_is_no_key_is_passed_over() {
    for text in ["", "not base64 !", "c2hvcnQ"] {
        assert!(Keyring::new(Person::Unlocks, text).keys(LATER).unwrap().is_empty());
    }
}
