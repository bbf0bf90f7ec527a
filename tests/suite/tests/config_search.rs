//! The search for the workspace's file, against a model of the SDK's.

use std::path::{Path, PathBuf};

use entrada_core::effect::{Effect, FileFailure};
use entrada_core::ml::FindConfig;
use entrada_core::{Error, Run, Step};
use entrada_tests::choices::Seeded;
use entrada_tests::sim::START;
use entrada_tests::world::Files;
use entrada_tests::world::files::Node;
use proptest::prelude::*;

fn config() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

/// What a search from this folder must find, read off azureml.md 1.2: places by kind, and within a kind
/// by nearness, in the start folder and twenty above.
fn expected(files: &Files, start: &Path) -> Option<Result<PathBuf, ()>> {
    let directories: Vec<&Path> = start.ancestors().take(21).collect();
    for folder in [".azureml", "aml_config", ""] {
        for name in ["config.json", "project.json"] {
            for directory in &directories {
                let place = directory.join(folder).join(name);
                match files.read(&place, 256 << 10) {
                    Ok(contents) => return Some(Ok(contents.resolved)),
                    // What Python's `os.path.isfile` says no to.
                    Err(
                        FileFailure::NotFound
                        | FileFailure::Hidden
                        | FileFailure::Folder(_)
                        | FileFailure::NotAFile,
                    ) => {}
                    Err(_) => return Some(Err(())),
                }
            }
        }
    }
    None
}

fn find(files: &Files, start: &Path) -> Result<PathBuf, Error> {
    let (mut run, mut entropy) = (Run::new(Box::new(FindConfig::from_path(start))), Seeded(1));
    let mut step = run.start(START, &mut entropy);
    loop {
        match step {
            Step::Do(Effect::ReadFile(read)) => {
                let (limit, (path, ticket)) = (read.limit(), read.split());
                step = run.resume(START, &mut entropy, ticket.reply(files.read(&path, limit)));
            }
            Step::Do(other) => panic!("{other:?}"),
            Step::Done(result) => return result.map(|found| found.path),
        }
    }
}

const FILE: &str =
    r#"{"subscription_id":"c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09","resource_group":"g","workspace_name":"w"}"#;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_search_is_that_of_the_sdk(
        depth in 0usize..26,
        placed in proptest::collection::vec((0usize..26, 0usize..6, 0usize..7), 0..6),
        closed in proptest::option::of((0usize..26, 0usize..2)),
        through_link in any::<bool>(),
    ) {
        let folders: Vec<PathBuf> = (0..=depth).map(|n| {
            let below: PathBuf = (0..n).map(|level| format!("d{level}")).collect();
            Path::new("/").join(below)
        }).collect();
        let start = &folders[depth];
        let mut files = Files::default();
        files.put(start.clone(), Node::Folder);
        for (at, kind, what) in placed {
            let folder = &folders[at.min(depth)];
            let place = [".azureml/config.json", ".azureml/project.json", "aml_config/config.json", "aml_config/project.json", "config.json", "project.json"][kind];
            files.put(folder.join(place), match what {
                0 => Node::Folder,
                1 => Node::Device,
                2 => Node::Denied,
                _ => Node::File(FILE.as_bytes().to_vec()),
            });
        }
        if let Some((at, kind)) = closed {
            files.put(folders[at.min(depth)].join([".azureml", "aml_config"][kind]), Node::Closed);
        }
        files.put("/entry", Node::Link(start.clone()));
        let asked = if through_link { Path::new("/entry") } else { start.as_path() };
        let found = find(&files, asked);
        match expected(&files, start) {
            None => prop_assert!(found.is_err()),
            Some(Err(())) => prop_assert!(found.is_err()),
            Some(Ok(path)) => prop_assert_eq!(found.ok(), Some(path)),
        }
    }
}

#[test]
fn twenty_folders_above_and_no_further() {
    for (above, wanted) in [(19, true), (20, true), (21, false), (22, false)] {
        let start: PathBuf = (0..30).fold(PathBuf::from("/"), |path, n| path.join(format!("d{n}")));
        let mut files = Files::default();
        files.put(start.clone(), Node::Folder);
        let holder = start.ancestors().nth(above).unwrap();
        files.put(holder.join(".azureml/config.json"), Node::File(FILE.as_bytes().to_vec()));
        assert_eq!(find(&files, &start).is_ok(), wanted, "{above} folders above");
    }
}

#[test]
fn odd_starts_are_taken_as_the_sdk_takes_them() {
    let mut files = Files::default();
    let home = Path::new("/home/ada/project");
    files.put(home.join("sub"), Node::Folder);
    files.put(home.join("sub/config.json"), Node::File(FILE.as_bytes().to_vec()));
    files.put("/dev/null", Node::Device);
    files.put("/dev/.azureml/config.json", Node::File(FILE.as_bytes().to_vec()));
    let wanted = home.join("sub/config.json");
    for start in [
        "sub/config.json",
        "sub/config.json/",
        "sub/config.json/x",
        "sub/config.json/x/y",
        "old/../sub",
        "old/older/../../sub",
        "sub/missing/../other",
        "./sub/./",
    ] {
        assert_eq!(find(&files, Path::new(start)).as_deref().ok(), Some(&*wanted), "{start}");
    }
    assert_eq!(find(&files, Path::new("/dev/null")).unwrap(), Path::new("/dev/.azureml/config.json"));
    assert!(find(&files, Path::new("old/../../../..")).is_err());
}

#[test]
fn kind_of_place_before_nearness() {
    let put = |places: &[&str]| {
        let mut files = Files::default();
        files.put("/a/b/c", Node::Folder);
        places.iter().for_each(|place| files.put(*place, Node::File(FILE.as_bytes().to_vec())));
        find(&files, Path::new("/a/b/c")).unwrap()
    };
    assert_eq!(put(&["/a/b/c/config.json", "/a/.azureml/config.json"]), Path::new("/a/.azureml/config.json"));
    assert_eq!(
        put(&["/a/b/c/config.json", "/a/.azureml/project.json"]),
        Path::new("/a/.azureml/project.json")
    );
    assert_eq!(
        put(&["/a/b/c/config.json", "/a/aml_config/project.json"]),
        Path::new("/a/aml_config/project.json")
    );
    assert_eq!(
        put(&["/a/b/c/.azureml/config.json", "/a/b/.azureml/config.json"]),
        Path::new("/a/b/c/.azureml/config.json")
    );
    assert_eq!(put(&["/config.json"]), Path::new("/config.json"));
}
