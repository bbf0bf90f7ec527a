//! `.env` files against python-dotenv itself, on files made by hand and on files made by chance. One Python
//! process (`ENTRADA_PYTHON`) reads them all.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use entrada_core::Environment;
use entrada_core::dotenv::DotEnv;
use entrada_tests::scratch::Scratch;
use proptest::prelude::*;
use serde_json::{Value, json};

/// What is set already, for both.
fn environment() -> Environment {
    Environment::new().with("HOME", "/root").with("EMPTY", "").with("B", "of the environment")
}

type Read = (Vec<(String, String)>, usize);

/// python-dotenv, at work.
struct Peer {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    file: PathBuf,
    _scratch: Scratch,
}

impl Peer {
    fn start() -> Option<Peer> {
        let Some(python) = std::env::var_os("ENTRADA_PYTHON") else {
            eprintln!("SKIPPED: ENTRADA_PYTHON names no Python with python-dotenv");
            return None;
        };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/dotenv_reader.py");
        let mut child = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let scratch = Scratch::new();
        let mut peer = Peer {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().expect("it is piped")),
            child,
            file: scratch.path().join("file.env"),
            _scratch: scratch,
        };
        peer.tell(&json!(environment().variables()));
        Some(peer)
    }

    fn tell(&mut self, what: &Value) {
        let input = self.input.as_mut().expect("it is open until the end");
        writeln!(input, "{what}").expect("Python listens");
        input.flush().expect("Python listens");
    }

    /// What python-dotenv makes of a file of this text.
    fn read(&mut self, text: &str) -> Read {
        std::fs::write(&self.file, text).expect("the scratch folder can be written to");
        let path = self.file.to_str().expect("it is text").to_owned();
        self.tell(&json!(path));
        let mut line = String::new();
        self.output.read_line(&mut line).expect("Python answers");
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{text:?}: {line:?}"));
        let pairs = answer["values"].as_array().expect("a list").iter();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        // A key without a value sets nothing.
        let set = pairs.filter_map(|pair| Some((text(&pair[0])?, text(&pair[1])?)));
        (set.collect(), usize::try_from(answer["bad"].as_u64().expect("a number")).expect("a small one"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

fn ours(text: &str) -> Read {
    let file = DotEnv::parse(text);
    (file.variables(environment().variables()), file.bad_lines.len())
}

const BY_HAND: [&str; 42] = [
    "",
    "\u{feff}A=1\nB=2\nC=3\n",
    "A=1\n\u{feff}B=2\n",
    "A=1\r\nC=2\r\n",
    "A=1\rC=2\r\rD='a\rb'\r\n",
    "export A=1\nexport\tC=2\nexport  D = 3\nexport\nexportE=1\nexport=7\nexport =8\n",
    "# all of it\n  # a comment\nA=1 # one\nC=a#c\nD=#c\nE= # c\nF =  #c\nG= \n",
    "A=a b  \nC=  padded\t\nD=\ta\u{b}\n",
    "A='it\\'s'\nC=\"say \\\"hi\\\"\"\nD='a\\nb'\nE=\"a\\nb\"\n",
    "A=\"\\a\\b\\f\\n\\r\\t\\v\\q\\\\\"\nC='\\a\\\\\\''\n",
    "A='one\ntwo'\nC=\"one\r\ntwo\"\nD='a\\\nb'\n",
    "A='open\nC=2\nD=\"open\nE='shut' # and\nF='shut' x\nG='shut'#x\n",
    "A='a\\'\nC='b'\n",
    "A='a\\\\' # it's\nC=1\n",
    "A=1\nA=2\nA\nC\nC=3\nD=4\nD\n",
    "A: 1\nC 2\nD==3\n=4\n'E'=5\n'F G'=6\n''=7\n\"H\"=8\n",
    "A-B=1\n1A=1\nA.C=2\n'A=B'=3\nÄ=4\n",
    "A=${HOME}/x\nC=${A}${A}\nD='${HOME}'\nE=\"${HOME}\"\nF=$HOME\nG=\\${HOME}\n",
    "A=${NO}\nC=${NO:-d}\nD=${EMPTY:-d}\nE=${EMPTY}\nF=${NO:-}\nG=${NO:-a:-b}\n",
    "A=${X-d}\nC=${X:d}\nD=${X:?d}\nE=${\nF=${}\nG=${X\nH=${:-d}\nI=${X:-\n",
    "A=${B}\nB=x\nC=${B}\nD\nE=${D}\nF=${D:-d}\n",
    "X=1\nX=${X}2\nX=${X}3\nC=${X}\n",
    "A=${A}\nC=${D}\nD=1\n",
    "A=${X:-${HOME}}\nC=${X:-a}b}\nD=$${HOME}\nE={${HOME}}\n",
    "A=p$5w#0~\\x\nC={\"a\":\"b\"}\nD=a\"b\nE=ab\"cd\"\nF=a'b'\n",
    "A=\u{a0}x\u{a0}\nC=x\u{a0}#y\nD=x\u{2003}#y\n\u{a0}E=1\nF\u{a0}=\u{a0}1\n",
    "A=x\u{1c}#y\nC\u{1c}=1\nD=1\u{1f}\n\u{1d}E=2\n",
    "A=x\u{85}#y\nC=x\u{2028}y\nD='x'\u{2028}\nE=x\u{c}y\n",
    "A=x\u{200b}#y\nC=\u{200b}\nD=x\u{feff}#y\n",
    "A=1",
    "A='1'",
    "A",
    "A=",
    "A= ",
    "#",
    "'",
    "A='",
    "A=\"\\",
    "\n\n\n  \n\t\nA=1\n\n",
    "A=1\n\n  C=2\n   'D'  =  'x'  #y\n",
    "export 'A'=1\nexport #x\nexport A\nexport A B=1\n",
    "A='x'C='y'\nD='x' C='y'\n",
];

#[test]
fn files_made_by_hand() {
    let Some(mut peer) = Peer::start() else { return };
    for text in BY_HAND {
        assert_eq!(ours(text), peer.read(text), "{text:?}");
    }
}

/// Texts of the pieces that mean something, so that most of them are nearly a file.
fn texts() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "A",
        "B",
        "C",
        "A=",
        "B=",
        "\nC=",
        "export ",
        "export",
        "=",
        " = ",
        "'",
        "'",
        "\"",
        "\"",
        "\\",
        "\\'",
        "\\\"",
        "\\\\",
        "\\n",
        "#",
        " #",
        " ",
        "\t",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "${",
        "${A}",
        "${B}",
        "${HOME}",
        "${EMPTY:-",
        "${NO:-",
        "}",
        ":-",
        ":",
        "$",
        "é",
        "\u{feff}",
        "\u{1c}",
        "\u{1f}",
        "\u{b}",
        "\u{c}",
        "\u{85}",
        "\u{a0}",
        "\u{2028}",
        "\u{200b}",
        "x",
        "y z",
    ]);
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

#[test]
fn files_made_by_chance() {
    let Some(peer) = Peer::start() else { return };
    let peer = RefCell::new(peer);
    let config = ProptestConfig { cases: 6000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(text in texts())| {
        prop_assert_eq!(ours(&text), peer.borrow_mut().read(&text), "{:?}", text);
    });
}
