//! A user code as a person types it.

#![no_main]

use countersign_provider::UserCode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|typed: &str| {
    let Some(code) = UserCode::parse(typed) else {
        return;
    };
    let shown = code.shown();
    assert_eq!(shown.len(), 9);
    assert!(
        shown
            .bytes()
            .all(|byte| byte == b'-' || b"BCDFGHJKLMNPQRSTVWXZ".contains(&byte))
    );
    let same = |typed: &str| UserCode::parse(typed).is_some_and(|read| read == code);
    assert!(same(&shown), "{shown}");
    assert!(same(&shown.to_lowercase()) && same(&shown.replace('-', " ")));
    assert!(!same(&format!("{shown}B")) && !same(&shown[1..]));
    assert_eq!(format!("{code:?}"), "UserCode(…)");
    // Nothing was read into it that was not typed.
    let letters = typed.chars().filter(|c| c.is_alphanumeric()).count();
    assert_eq!(letters, 8, "{typed}");
});
