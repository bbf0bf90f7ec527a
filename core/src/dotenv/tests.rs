use super::*;

fn read(text: &str) -> Vec<(String, String)> {
    let environment =
        BTreeMap::from([("HOME".to_owned(), "/root".to_owned()), ("EMPTY".to_owned(), String::new())]);
    DotEnv::parse(text).variables(&environment)
}

fn one(text: &str) -> Option<String> {
    read(text).pop().map(|(_, value)| value)
}

#[test]
fn values() {
    for (text, value) in [
        ("A=b", "b"),
        ("A = b ", "b"),
        ("export A=b", "b"),
        ("A=a#c", "a#c"),
        ("A=#c", "#c"),
        ("A= # c", ""),
        ("A=a b", "a b"),
        ("A=a #c", "a"),
        ("A=a\\tb", "a\\tb"),
        ("A='it\\'s'", "it's"),
        ("A='a'#c", "a"),
        ("A=\"x\\ty\"", "x\ty"),
        ("A=\"\\q\"", "\\q"),
        ("A='a\nb'", "a\nb"),
        ("A=\"a\r\nb\"", "a\nb"),
        ("A={\"a\":\"b\"}", "{\"a\":\"b\"}"),
        ("A=a\"b", "a\"b"),
        ("'A B'=1", "1"),
        ("A-B=1", "1"),
        ("1A=1", "1"),
        ("\u{feff}A=1", "1"),
        ("A=p$5w", "p$5w"),
        ("A=", ""),
        ("A=1\rB=2", "2"),
        ("A=1\nA=2", "2"),
        ("A=${HOME}x", "/rootx"),
        ("A='${HOME}'", "/root"),
        ("A=${NO:-d}", "d"),
        ("A=${EMPTY:-d}", ""),
        ("A=${NO}", ""),
        ("A=${X-d}", ""),
        ("A=${A:x}", "${A:x}"),
        ("A=${A", "${A"),
        ("B=1\nA=${B}", "1"),
        ("A=é ", "é"),
    ] {
        assert_eq!(one(text).as_deref(), Some(value), "{text:?}");
    }
    for text in ["A", "export A", "# A=1", "", "A: 1"] {
        assert_eq!(one(text), None, "{text:?}");
    }
}

#[test]
fn a_bad_line_costs_only_itself() {
    let file = DotEnv::parse("A=1\nB: 2\nC=\"open\nD=4\nE='x' y\n=5\n");
    assert_eq!(file.bad_lines, [2, 3, 5, 6]);
    assert_eq!(file.variables(&BTreeMap::new()), [("A".into(), "1".into()), ("D".into(), "4".into())]);
    // What was read within quotes before it went wrong is not read again.
    let file = DotEnv::parse("C='open\nD=4\nE='x' y\nF=5\n");
    assert_eq!(file.bad_lines, [1]);
    assert_eq!(file.variables(&BTreeMap::new()), [("F".into(), "5".into())]);
}

#[test]
fn what_is_set_wins() {
    let environment = Environment::new().with("A", "").with("B", "kept");
    let with = environment.with_dotenv(&DotEnv::parse("A=x\nB=y\nC=${B}\nD"));
    assert_eq!(
        (with.get("A"), with.get("B"), with.get("C"), with.get("D")),
        (None, Some("kept"), Some("kept"), None)
    );
}
