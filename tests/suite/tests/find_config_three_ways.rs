//! The search for the workspace file: the same places in the same order with real files, under the
//! blocking driver and under tokio, and with the world's files.

#![cfg(unix)]

use std::path::Path;
use std::sync::{Arc, Mutex};

use entrada_core::effect::Effect;
use entrada_core::ml::{FindConfig, FoundConfig};
use entrada_core::{Error, Now, Run, Step};
use entrada_tests::choices::Seeded;
use entrada_tests::world::Files;
use entrada_tests::world::files::Node;

const CONFIG: &str = r#"{"subscription_id":"6a8f0f4e-3b8e-4b61-a8a8-1f1a5e2f9d10","resource_group":"rg","workspace_name":"ws"}"#;

type Told = Arc<Mutex<Vec<String>>>;

/// What was found, as text, and every step on the way.
type Story = (String, Vec<String>);

fn ending(result: Result<FoundConfig, Error>) -> String {
    match result {
        Ok(found) => {
            format!("{:?} in {} after {} looks", found.config, found.path.display(), found.looks.len())
        }
        Err(error) => format!("{error}"),
    }
}

fn simulated(files: &Files, start: &Path) -> Story {
    let mut run = Run::new(Box::new(FindConfig::from_path(start)));
    let (now, mut entropy, mut told) = (Now::default(), Seeded(7), Vec::new());
    let mut step = run.start(now, &mut entropy);
    loop {
        let effect = match step {
            Step::Done(result) => return (ending(result), told),
            Step::Do(effect) => effect,
        };
        told.push(effect.summary());
        let Effect::ReadFile(read) = effect else { panic!("a search only reads") };
        let limit = read.limit();
        let (path, ticket) = read.split();
        let reply = ticket.reply(files.read(&path, limit));
        told.push(reply.summary());
        step = run.resume(now, &mut entropy, reply);
    }
}

fn noted(told: &Told) -> impl Fn(&entrada_host::TraceLine) + Send + Sync + 'static {
    let told = told.clone();
    move |line| {
        told.lock().unwrap().push(match line {
            entrada_host::TraceLine::Effect { summary, .. }
            | entrada_host::TraceLine::Reply { summary, .. } => summary.clone(),
            other => other.to_string(),
        });
    }
}

fn blocking(start: &Path) -> Story {
    let told = Told::default();
    let driver = entrada_blocking::Driver::builder().trace(noted(&told)).build().unwrap();
    let result = driver.run(Box::new(FindConfig::from_path(start)));
    (ending(result), told.lock().unwrap().clone())
}

fn tokio(start: &Path) -> Story {
    let told = Told::default();
    let driver = entrada_tokio::Driver::builder().trace(noted(&told)).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(driver.run(Box::new(FindConfig::from_path(start))));
    (ending(result), told.lock().unwrap().clone())
}

#[test]
fn real_files_and_the_worlds_files_tell_the_same() {
    let scratch = entrada_tests::scratch::Scratch::new();
    let root = std::fs::canonicalize(scratch.path()).unwrap();
    let deep = root.join("project/a/b");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::create_dir_all(root.join("project/.azureml/project.json")).unwrap();
    let mut files = Files::default();
    for folder in deep.ancestors() {
        files.put(folder, Node::Folder);
    }
    files.put(root.join("project/.azureml"), Node::Folder);
    files.put(root.join("project/.azureml/project.json"), Node::Folder);

    // First nothing but a folder in the file's place; then a far file, then one that is broken.
    let project = root.join("project/config.json");
    for contents in [None, Some(CONFIG), Some("{")] {
        if let Some(contents) = contents {
            std::fs::write(&project, contents).unwrap();
            files.put(&project, Node::File(contents.into()));
        }
        for start in [deep.clone(), deep.join("typing/mistake.json"), project.clone()] {
            let wanted = simulated(&files, &start);
            assert!(!wanted.1.is_empty());
            assert_eq!(blocking(&start), wanted, "{}", start.display());
            assert_eq!(tokio(&start), wanted, "{}", start.display());
        }
    }
}
