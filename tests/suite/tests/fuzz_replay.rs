//! Every input that the fuzz targets have in their corpora, and some bytes of chance, on stable.

use std::path::Path;

use entrada_core::Entropy;
use entrada_tests::choices::Seeded;
use entrada_tests::fuzz::{TARGETS, Target};

fn replay((name, body): Target) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 5, "{name} has a corpus of {} files", files.len());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        println!("{}", file.display());
        body(&bytes);
        // What a fuzzer does first: cut it, and change a byte.
        body(&bytes[..bytes.len() / 2]);
        let mut changed = bytes.clone();
        if let Some(byte) = changed.get_mut(bytes.len() / 3) {
            *byte ^= 0x20;
        }
        body(&changed);
    }
    let mut entropy = Seeded(17);
    for length in 0..200 {
        let mut bytes = vec![0; length * 3];
        entropy.fill(&mut bytes);
        body(&bytes);
    }
}

#[test]
fn every_corpus() {
    for target in TARGETS.iter().copied() {
        println!("{}", target.0);
        replay(target);
    }
}
