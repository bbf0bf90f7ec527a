//! The core does no IO: not by its words, not by its dependencies.

use std::path::{Path, PathBuf};

fn core() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core")
}

/// What no line of the core may say. Comments and tests may: a manual shows how a driver does it.
const WORDS: [&str; 28] = [
    "std::env",
    "env::var",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::os",
    "std::io",
    "time::Instant",
    "Instant::now",
    "SystemTime",
    "HashMap",
    "HashSet",
    "thread_local",
    "static mut",
    "OnceLock",
    "LazyLock",
    "println!",
    "eprintln!",
    ".exists()",
    ".try_exists()",
    ".is_file()",
    ".is_dir()",
    ".metadata()",
    ".symlink_metadata()",
    ".canonicalize()",
    ".read_dir()",
    ".read_link()",
];

#[test]
fn no_line_of_the_core_does_anything_outside() {
    let files = entrada_tests::sources::below("core/src");
    assert!(files.len() > 40);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        // What the clones of one credential remember together is in one place, what callers share in another, and
        // what a handle was given last in a third.
        let locks = [
            "core/src/memo.rs",
            "core/src/cache/shared.rs",
            "core/src/cache/sync.rs",
            "core/src/cache/recent.rs",
        ];
        let may_lock = locks.iter().any(|place| file.ends_with(place));
        assert!(!text.contains("Mutex") || may_lock, "{}", file.display());
        // What a token, an answer or an address tells of itself is read off it when somebody asks, once for each.
        let read_off = ["core/src/token/access.rs", "core/src/exchange/answer.rs", "core/src/endpoint.rs"];
        let of_itself = read_off.iter().any(|place| file.ends_with(place));
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let line = line.split("//").next().unwrap_or_default();
            for word in WORDS {
                let field = of_itself && word == "OnceLock" && !line.contains("static");
                assert!(field || !line.contains(word), "{}:{}: {line}", file.display(), number + 1);
            }
        }
    }
}

/// What of the core may not know of what: a service's calls not of the services, Azure Resource Manager not of the
/// directory, neither of Azure Machine Learning.
#[test]
fn no_two_services_of_the_core_need_each_other() {
    for (room, strangers) in [
        ("call", &["arm", "graph", "ml"][..]),
        ("arm", &["graph", "ml"]),
        ("graph", &["ml"]),
        ("ml", &["graph"]),
    ] {
        let files = entrada_tests::sources::below(&format!("core/src/{room}"));
        assert!(files.len() > 5, "{room}");
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (number, line) in code.lines().enumerate() {
                let line = line.split("//").next().unwrap_or_default();
                let meets = |stranger: &&&str| line.contains(&format!("crate::{stranger}"));
                let met = strangers.iter().find(meets);
                assert!(met.is_none(), "{}:{}: {line}", file.display(), number + 1);
            }
        }
    }
}

#[test]
fn the_core_has_seven_dependencies() {
    let manifest = std::fs::read_to_string(core().join("Cargo.toml")).unwrap();
    let section = manifest.split("\n[").find(|section| section.starts_with("dependencies]")).unwrap();
    let names: Vec<_> = section
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split(['.', '=', ' ']).next().unwrap_or_default())
        .collect();
    assert_eq!(names, ["base64", "http", "serde", "serde_json", "sha2", "url", "zeroize"]);
    assert!(!manifest.contains("build ="), "a build script could do anything");
    assert!(!core().join("build.rs").exists());
}
