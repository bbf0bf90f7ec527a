//! No way to a token without its simulation: what the core has, read off its sources, is what is played.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use entrada_tests::choices::Choices;
use entrada_tests::setups::{Kind, Output, Setup};
use entrada_tests::sim::simulate;

fn flows() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/src/flows")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The names of the credentials in these sources.
fn names() -> BTreeSet<String> {
    let (mut files, mut names) = (Vec::new(), BTreeSet::new());
    sources(&flows(), &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        // What only remembers for another has the other's name, as has a part of one.
        let borrowed =
            text.contains(".name()\n    }\n\n    fn begin") || text.contains("\nuse super::super::NAME;");
        let own = text.contains("\nimpl Credential for ") && !borrowed;
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
    let missing: Vec<_> = names.difference(&played).collect();
    assert!(missing.is_empty(), "no simulation gives a token of {missing:?}");
}

#[test]
fn every_host_of_managed_identities_is_played() {
    let text = std::fs::read_to_string(flows().join("managed/source.rs")).unwrap();
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
