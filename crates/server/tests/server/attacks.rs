//! docs/attacks.md lists every test that is named after an attack, with its file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One test: its file, relative to the workspace, and what happens.
type Test = (String, String);

/// `UPDATE_DOCS=1` writes the lists; a new number's heading is written by hand.
#[test]
fn the_document_lists_every_test_of_an_attack() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("docs/attacks.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let tests = tests_below(&root);
    assert!(tests.len() > 40, "the sources were not found");
    let expected = with_lists(&document, &tests);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let document = std::fs::read_to_string(&path).unwrap();
    assert!(
        document == expected,
        "docs/attacks.md is out of date: UPDATE_DOCS=1 rewrites it"
    );
}

/// The document's introduction and headings, with the tests of each number below its own.
fn with_lists(document: &str, tests: &BTreeMap<u32, BTreeSet<Test>>) -> String {
    let (introduction, _) = document.split_once("\n## ").unwrap();
    let mut text = format!("{}\n", introduction.trim_end());
    let mut headings = BTreeMap::new();
    for heading in document.lines().filter_map(|line| line.strip_prefix("## ")) {
        let (number, _) = heading.split_once('.').unwrap();
        headings.insert(number.parse::<u32>().unwrap(), heading);
    }
    assert_eq!(
        headings.keys().collect::<Vec<_>>(),
        tests.keys().collect::<Vec<_>>(),
        "each number has a heading, and each heading a test"
    );
    for (number, heading) in headings {
        text.push_str(&format!("\n## {heading}\n\n"));
        for (file, what) in &tests[&number] {
            text.push_str(&format!("- {what} ({file})\n"));
        }
    }
    text
}

/// Every `fn attack_NN_what_happens` of the crates, by number.
fn tests_below(root: &Path) -> BTreeMap<u32, BTreeSet<Test>> {
    let mut tests: BTreeMap<u32, BTreeSet<Test>> = BTreeMap::new();
    for path in sources(&root.join("crates")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let file = path.strip_prefix(root).unwrap().display().to_string();
        for line in text.lines() {
            let line = line.trim_start();
            let line = line.strip_prefix("pub ").unwrap_or(line);
            let line = line.strip_prefix("async ").unwrap_or(line);
            let Some(name) = line.strip_prefix("fn attack_") else {
                continue;
            };
            let (number, what) = name.split_once('_').unwrap();
            let (what, _) = what.split_once(['(', '<']).unwrap();
            let test = (file.clone(), what.replace('_', " "));
            tests
                .entry(number.parse().unwrap())
                .or_default()
                .insert(test);
        }
    }
    tests
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(sources(&path)),
            false if path.extension().is_some_and(|extension| extension == "rs") => {
                found.push(path);
            }
            false => {}
        }
    }
    found
}
