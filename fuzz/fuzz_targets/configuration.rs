//! The configuration file and the values of the environment: what is accepted is printed so that it
//! is accepted again, as the same.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use countersign::configuration::{Effective, MASK, Sources, as_json, as_toml};
use libfuzzer_sys::fuzz_target;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("countersign-fuzz-{}.toml", std::process::id());
    std::env::temp_dir().join(name)
});

fn read(text: &[u8]) -> Option<Effective> {
    std::fs::write(&*FILE, text).expect("writes");
    let sources = Sources {
        file: Some(FILE.clone()),
        // Defaults and the file are relative to one folder: what is printed means the same.
        folder: std::env::temp_dir(),
        ..Sources::default()
    };
    let (effective, problems) = Effective::read(&sources);
    for problem in &problems {
        assert!(!problem.to_string().is_empty());
    }
    problems.is_empty().then_some(effective)
}

fuzz_target!(|text: &[u8]| {
    let Some(effective) = read(text) else {
        return;
    };
    let values = |effective: &Effective| {
        let mut values = as_json(effective);
        for (_, field) in values.as_object_mut().expect("an object") {
            field.as_object_mut().expect("an object").remove("origin");
        }
        values
    };
    let printed = as_toml(&effective);
    if printed.contains(MASK) {
        return; // Secrets are masked: what is printed is not what was read.
    }
    let again = read(printed.as_bytes()).unwrap_or_else(|| panic!("refused again:\n{printed}"));
    assert_eq!(values(&effective), values(&again), "{printed}");
});
