//! No way to a token without its simulation: what the core has, read off its sources, is what is played.

use std::collections::BTreeSet;

use entrada_tests::choices::Choices;
use entrada_tests::setups::{Kind, Output, Setup};
use entrada_tests::sim::simulate;
use entrada_tests::sources;

/// What only a broker could give a token of: it is played where it fails.
const NEVER: &str = "visual-studio-code";

/// The names of the credentials in these sources.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in sources::below("core/src/flows") {
        let text = std::fs::read_to_string(&file).unwrap();
        // What only remembers for another has the other's name, as has a part of one.
        let borrowed =
            text.contains(".name()\n    }\n\n    fn begin") || text.contains("\nuse super::super::NAME;");
        let written = ["\nimpl Credential for ", "\nacts_as_itself!("];
        let own = written.iter().any(|it| text.contains(it)) && !borrowed;
        if !own {
            continue;
        }
        let name = text.split_once("const NAME: &str = \"").and_then(|(_, rest)| rest.split('"').next());
        names.insert(name.unwrap_or_else(|| panic!("{} names no credential", file.display())).to_owned());
    }
    names
}

#[test]
fn every_credential_is_played() {
    let names = names();
    assert!(names.len() >= 16, "{names:?}");
    let played: BTreeSet<_> = Kind::ALL
        .into_iter()
        .filter_map(|kind| match simulate(Setup::fair(kind), &mut Choices::new(&[3])).result {
            Ok(Output::Token(token)) => Some(token.source().to_owned()),
            _ => None,
        })
        .collect();
    let missing: Vec<_> = names.difference(&played).map(String::as_str).collect();
    assert_eq!(missing, [NEVER], "no simulation gives a token of these");
    let cases = entrada_tests::model::cases();
    let nothing = cases.iter().find(|case| case.name == "chain-nothing").unwrap().run();
    let Err(error) = nothing.result else { panic!("somebody answered") };
    assert!(error.attempts().iter().any(|attempt| attempt.source == NEVER), "{error}");
}

#[test]
fn every_host_of_managed_identities_is_played() {
    let files = sources::below("core/src/flows/managed");
    let file = files.iter().find(|file| file.ends_with("source.rs")).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let (_, body) = text.split_once("pub enum Source {").unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let variants: Vec<&str> =
        body.lines().filter_map(|line| line.strip_prefix("    ")?.strip_suffix(" {")).collect();
    assert!(variants.len() >= 6, "{variants:?}");
    let kinds = Kind::ALL.map(Kind::name);
    for variant in variants {
        let mut name = String::new();
        for c in variant.chars() {
            if c.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(c.to_ascii_lowercase());
        }
        let name = if name == "imds" { "managed-identity" } else { &name };
        assert!(kinds.contains(&name), "{variant} is not played");
    }
}

/// What `OpenEndpoint` and `ChooseWorkspace` become, without being named.
const BECOMES: [&str; 2] = ["AccessEndpoint", "ExplainWorkspace"];

/// What is asked of the services is played by itself or as a part of something that is, or has tests of its own.
#[test]
fn every_call_to_a_service_is_played_or_tested() {
    let text = |folder: &str| -> Vec<String> {
        sources::below(folder).iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
    };
    let core: Vec<_> =
        ["graph", "arm", "ml"].iter().flat_map(|part| text(&format!("core/src/{part}"))).collect();
    let played = [text("tests/suite/src/setups"), text("tests/suite/tests")].concat().concat();
    let (mut seen, mut missing) = (0, Vec::new());
    for (at, file) in core.iter().enumerate() {
        for name in file.split("\nimpl Flow for ").skip(1).filter_map(|rest| rest.split_once(" {")) {
            let begun = format!("{}::", name.0);
            let others = core.iter().enumerate().filter(|(other, _)| *other != at);
            let is_part = others.into_iter().any(|(_, other)| other.contains(&begun));
            seen += 1;
            if !(played.contains(&begun) || is_part || BECOMES.contains(&name.0)) {
                missing.push(name.0.to_owned());
            }
        }
    }
    assert!(seen >= 25, "{seen}");
    assert!(missing.is_empty(), "nothing plays or tests {missing:?}");
}

#[test]
fn every_kind_has_a_name_and_a_transcript_of_its_own() {
    let names: BTreeSet<_> = Kind::ALL.into_iter().map(Kind::name).collect();
    assert_eq!(names.len(), Kind::ALL.len());
    for name in names {
        let golden = entrada_tests::transcript::golden(name);
        let text = std::fs::read_to_string(&golden).unwrap_or_default();
        assert!(text.contains("{\"end\":\"ok\"}"), "{} shows no good end", golden.display());
    }
}

/// The examples are compiled, as every example in a comment is.
#[test]
fn every_credential_has_an_example() {
    let (mut seen, mut without) = (0, Vec::new());
    for file in sources::below("core/src") {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<_> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let name = line.strip_prefix("pub struct ").and_then(|rest| rest.split_once("Credential {"));
            // What the directory knows of an app's credentials gives no token.
            let Some((name, _)) = name.filter(|(name, _)| *name != "Known") else { continue };
            seen += 1;
            let before = lines[..number].iter().rev();
            let mut about = before.take_while(|line| line.starts_with("///") || line.starts_with("#["));
            if !about.any(|line| line.starts_with("/// ```")) {
                without.push(name.to_owned());
            }
        }
    }
    assert!(seen >= 17, "{seen}");
    assert!(without.is_empty(), "no example shows {without:?}");
}
