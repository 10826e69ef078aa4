//! An operator's own template: it is compiled, or refused with its place.

#![no_main]

use std::collections::HashMap;

use countersign_provider::pages::PAGES;
use countersign_web::pages::Pages;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|template: &str| {
    // A loop without end is the operator's own to write; only reading is looked at here.
    if template.contains("for") || template.contains("macro") || template.contains("range") {
        return;
    }
    let overrides = HashMap::from([("_own.html".to_owned(), template.to_owned())]);
    if let Err(error) = Pages::new(&[PAGES], Some(overrides)) {
        assert!(error.to_string().contains("_own.html"), "{error}");
    }
});
