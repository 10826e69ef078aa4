//! The folder of published vectors, named by VECTORS_DIR. The repository carries none of them.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::Value;

/// One file of the folder, or `None` with a visible line if there is no folder.
///
/// # Panics
/// With CI=true, if there is no folder: there a skipped vector is an error.
pub fn file(path: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("VECTORS_DIR") else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "VECTORS_DIR must name the folder of published vectors"
        );
        // Not eprintln: the test runner would swallow the line of a test that passes.
        let _ = writeln!(
            std::io::stderr().lock(),
            "SKIPPED: {path}: VECTORS_DIR is not set"
        );
        return None;
    };
    let path = PathBuf::from(folder).join(path);
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_slice(&text).unwrap())
}

/// The text of a member that must be there.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no text at {pointer}"))
}
