//! Golden transcripts: what each flow asks for, in which order, with which parameters.
//! `ENTRADA_BLESS=1` writes them anew.

use entrada_tests::choices::Choices;
use entrada_tests::model;
use entrada_tests::setups::{Kind, Setup};
use entrada_tests::sim::{Outcome, simulate};
use entrada_tests::transcript;

fn golden(name: &str, outcome: &Outcome) {
    outcome.assert_clean();
    let mut lines = outcome.transcript.clone();
    lines.push(transcript::result(&outcome.result));
    for line in &lines {
        assert_eq!(outcome.world.canaries.leak(line), None, "{name}: {line}");
    }
    transcript::compare(name, &lines);
}

#[test]
fn every_flow_as_it_should_go() {
    for kind in Kind::ALL {
        golden(kind.name(), &simulate(Setup::fair(kind), &mut Choices::new(&[3])));
    }
}

#[test]
fn some_flows_as_they_should_not_go() {
    for case in model::with_transcript() {
        golden(case.name, &case.run());
    }
}

#[test]
fn no_transcript_is_left_over() {
    let mut names: Vec<_> = Kind::ALL.map(Kind::name).into();
    names.extend(model::with_transcript().iter().map(|case| case.name));
    let folder = transcript::golden("x");
    for entry in std::fs::read_dir(folder.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(names.contains(&name), "nothing makes {}", path.display());
    }
}
