//! The suite on the memory backend, and that no test of it is forgotten.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_store::Store;
use countersign_store::memory::Memory;

async fn fresh() -> Option<(Arc<dyn Store>, ())> {
    Some((Arc::new(Memory::new()), ()))
}

countersign_store::grant_store_tests!(crate::fresh);
countersign_store::store_tests!(crate::fresh);

#[test]
fn every_test_of_the_suite_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/suite");
    let mut paths = Vec::new();
    add_files(Path::new(folder), &mut paths);
    let listed = include_str!("../src/suite.rs");
    let mut found = 0;
    for path in paths {
        let source = std::fs::read_to_string(&path).expect("a file");
        let tests = source.lines().filter_map(|line| {
            let (name, arguments) = line.strip_prefix("pub async fn ")?.split_once('(')?;
            // `processes::race` takes more than a store.
            let is_test = ["store: Grants) {", "store: Whole) {"].contains(&arguments);
            is_test.then_some(name)
        });
        for name in tests {
            found += 1;
            assert!(
                listed.contains(&format!(" {name},\n")),
                "{name} in {path:?}"
            );
        }
    }
    assert!(found > 100, "{found} tests");
}

fn add_files(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the suite's folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => add_files(&path, paths),
            false => paths.push(path),
        }
    }
}
