//! Which workspace is meant: a file that is there and cannot be used is never passed by.

use entrada_core::flow::BoxFlow;
use entrada_core::ml::{ChooseWorkspace, ChosenWorkspace, FindConfig, Job, WorkspaceConfig, WorkspaceOrigin};
use entrada_core::{Environment, Error, ErrorKind, Run, Step};
use entrada_emulator::{Config, world as w};
use entrada_tests::choices::{Choices, Seeded};
use entrada_tests::sim::START;
use entrada_tests::world::files::Node;
use entrada_tests::world::{Answer, Files, World};

const START_FOLDER: &str = "/home/ada/project";

/// What comes of a flow where these files are.
fn run<T>(files: &[(&str, Node)], flow: BoxFlow<T>) -> Result<T, Error> {
    let mut world = World::fair(Config::default(), 1, START);
    world.files = Files::default();
    world.files.put(START_FOLDER, Node::Folder);
    for (path, node) in files {
        world.files.put(*path, node.clone());
    }
    let (mut run, mut entropy) = (Run::new(flow), Seeded(3));
    let mut step = run.start(START, &mut entropy);
    loop {
        match step {
            Step::Done(result) => return result,
            Step::Do(effect) => match world.answer(effect, START, &mut Choices::new(&[0])) {
                Answer::Reply { reply, .. } => step = run.resume(START, &mut entropy, reply),
                Answer::Silence { effect, .. } => panic!("no answer to {effect:?}"),
            },
        }
    }
}

fn names(workspace: &str) -> WorkspaceConfig {
    WorkspaceConfig::new(w::SUBSCRIPTION, w::RESOURCE_GROUP, workspace).unwrap()
}

fn file(workspace: &str) -> Node {
    Node::File(names(workspace).to_json().into_bytes())
}

fn search() -> ChooseWorkspace {
    ChooseWorkspace::by(FindConfig::from_path(START_FOLDER))
}

/// A job in a workspace of this name.
fn job(workspace: &str) -> Option<Job> {
    let environment = Environment::new()
        .with("AZUREML_RUN_ID", "run_1")
        .with("AZUREML_ARM_SUBSCRIPTION", w::SUBSCRIPTION)
        .with("AZUREML_ARM_RESOURCEGROUP", w::RESOURCE_GROUP)
        .with("AZUREML_ARM_WORKSPACE_NAME", workspace);
    Job::of_environment(&environment)
}

fn chosen(result: Result<ChosenWorkspace, Error>) -> (String, &'static str) {
    let chosen = result.unwrap();
    let origin = match chosen.origin {
        WorkspaceOrigin::Named => "named",
        WorkspaceOrigin::File(_) => "file",
        WorkspaceOrigin::Job => "job",
        _ => "another",
    };
    (chosen.config.workspace_name, origin)
}

#[test]
fn a_file_comes_before_other_names_and_nothing_is_passed_by() {
    let here = "/home/ada/project/.azureml/config.json";
    let job = || search().or_of_job(job("of-job")).or_named(names("named"));
    assert_eq!(chosen(run(&[(here, file("of-file"))], Box::new(job()))), ("of-file".into(), "file"));
    assert_eq!(chosen(run(&[], Box::new(job()))), ("of-job".into(), "job"));
    assert_eq!(
        chosen(run(&[], Box::new(search().or_of_job(None).or_named(names("named"))))),
        ("named".into(), "named")
    );
    assert_eq!(
        chosen(run(&[(here, file("x"))], Box::new(ChooseWorkspace::named(names("n"))))),
        ("n".into(), "named")
    );
    // As the document's `except` would have it, these would be written over.
    for broken in
        [Node::File(b"{".to_vec()), Node::File(br#"{"subscription_id":"<ID>"}"#.to_vec()), Node::Denied]
    {
        let error = run(&[(here, broken)], Box::new(job())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(here), "{error}");
    }
    let nothing = run(&[], Box::new(search())).unwrap_err();
    assert!(nothing.remedy().unwrap().contains("workspace init"), "{nothing}");
}

#[test]
fn a_job_s_variables_hinder_nobody_who_does_not_need_them() {
    let here = "/home/ada/project/.azureml/config.json";
    let broken = || search().or_of_job(job("<WORKSPACE>"));
    assert_eq!(chosen(run(&[(here, file("of-file"))], Box::new(broken()))), ("of-file".into(), "file"));
    let error = run(&[], Box::new(broken().or_named(names("named")))).unwrap_err();
    assert!(error.to_string().contains("AZUREML_ARM_WORKSPACE_NAME"), "{error}");
    // A job that does not tell is passed by.
    let silent = Job::of_environment(&Environment::new().with("AZUREML_RUN_ID", "run_1"));
    let choice = search().or_of_job(silent).or_named(names("named"));
    assert_eq!(chosen(run(&[], Box::new(choice))), ("named".into(), "named"));
}

#[test]
fn an_explanation_tells_every_place() {
    let above = "/home/ada/.azureml/config.json";
    let told = run(&[(above, file("above"))], Box::new(search().explained())).unwrap();
    assert_eq!(chosen(told.chosen).0, "above");
    let (last, before) = told.looks.split_last().unwrap();
    assert!(last.found && last.path.as_os_str() == above);
    assert!(before.iter().all(|look| !look.found));
    let told = run(&[], Box::new(search().or_named(names("n")).explained())).unwrap();
    assert_eq!(chosen(told.chosen), ("n".into(), "named"));
    assert_eq!(told.looks.len(), 6 * 4, "three folders, two names, four levels");
    let told = run(&[], Box::new(search().explained())).unwrap();
    assert!(told.chosen.is_err() && told.looks.len() == 24);
}
