//! The properties of the fuzz targets on inputs made up from their corpora: parts of several, changed here
//! and there.

use std::path::Path;

use entrada_tests::fuzz::TARGETS;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

/// Words that one of the readers looks at.
const WORDS: [&str; 24] = [
    "\"",
    "\\u0000",
    "{",
    "[",
    "null",
    "-1",
    "99999999999999999999",
    "\r\n",
    "\0",
    "\u{feff}",
    "\u{e9}",
    "%00",
    "&",
    "=",
    "eyJ",
    "AADSTS50076",
    "http://",
    "//",
    "../",
    "-----BEGIN ",
    "-----END ",
    "<![CDATA[",
    " ",
    "\n\n",
];

#[derive(Clone, Debug)]
enum Edit {
    Change(Index, u8),
    Cut(Index, u8),
    Double(Index, u8),
    Word(Index, usize),
    Other(Index, Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Change(at, byte)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, length)| Edit::Cut(at, length)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, length)| Edit::Double(at, length)),
        (any::<Index>(), 0..WORDS.len()).prop_map(|(at, word)| Edit::Word(at, word)),
        (any::<Index>(), any::<Index>(), any::<Index>())
            .prop_map(|(at, file, from)| Edit::Other(at, file, from)),
    ]
}

fn edited(corpus: &[Vec<u8>], first: Index, edits: &[Edit]) -> Vec<u8> {
    let mut bytes = first.get(corpus).clone();
    for edit in edits {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match edit {
            Edit::Change(at, byte) => {
                let at = place(at);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
            Edit::Cut(at, length) => {
                let at = place(at);
                bytes.drain(at..bytes.len().min(at + usize::from(*length)));
            }
            Edit::Double(at, length) => {
                let at = place(at);
                let part = bytes[at..bytes.len().min(at + usize::from(*length))].to_vec();
                bytes.splice(at..at, part);
            }
            Edit::Word(at, word) => {
                let at = place(at);
                bytes.splice(at..at, WORDS[*word].bytes());
            }
            Edit::Other(at, file, from) => {
                let (at, other) = (place(at), file.get(corpus));
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
    }
    bytes
}

#[test]
fn every_target() {
    for (name, body) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        let corpus: Vec<_> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
        let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
        let inputs =
            (any::<Index>(), vec(edit(), 1..7)).prop_map(|(first, edits)| edited(&corpus, first, &edits));
        let tried = TestRunner::new(config).run(&inputs, |bytes| {
            body(&bytes);
            Ok(())
        });
        tried.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
}
