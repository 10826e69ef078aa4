//! `scope`, `prompt` and resource indicators: sets of words, and names.

#![no_main]

use std::collections::BTreeSet;

use countersign_oauth::prompt::Prompt;
use countersign_oauth::resource::{check_resource, is_same_resource};
use countersign_oauth::scope::Scope;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|input: &str| {
    let (one, other) = input.split_once('\n').unwrap_or((input, ""));
    scopes(one, other);
    resources(one, other);
    if let Ok(prompt) = Prompt::parse(Some(one)) {
        let words: Vec<&str> = prompt.words().collect();
        let again = Prompt::parse(Some(&words.join(" "))).expect("what we write we read");
        assert!(again == prompt);
        assert!(!prompt.none || words.len() == 1, "none comes alone");
    }
});

fn scopes(one: &str, other: &str) {
    let (Ok(one), Ok(other)) = (Scope::parse(one), Scope::parse(other)) else {
        return;
    };
    let again = Scope::parse(&one.to_string()).expect("what we write we read");
    assert!(again == one);
    let stored = serde_json::to_string(&one).expect("it is stored");
    let read: Scope = serde_json::from_str(&stored).expect("and read");
    assert!(read == one);
    let words = |scope: &Scope| -> BTreeSet<String> { scope.iter().map(str::to_owned).collect() };
    let (a, b) = (words(&one), words(&other));
    assert_eq!(a.len(), one.len());
    assert_eq!(one.is_subset_of(&other), a.is_subset(&b));
    assert_eq!(one == other, a == b);
    assert_eq!(words(&one.union(&other)), &a | &b);
    assert_eq!(words(&one.intersection(&other)), &a & &b);
    assert_eq!(words(&one.difference(&other)), &a - &b);
    for word in &a {
        assert!(one.contains(word));
        assert!(!one.without(word).contains(word));
        assert!(
            word.bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
        );
    }
}

fn resources(one: &str, other: &str) {
    assert!(is_same_resource(one, one));
    let same = is_same_resource(one, other);
    assert_eq!(same, is_same_resource(other, one));
    let (Ok(()), Ok(())) = (check_resource(one), check_resource(other)) else {
        return;
    };
    let (Ok(first), Ok(second)) = (Url::parse(one), Url::parse(other)) else {
        panic!("a resource is a URI");
    };
    assert!(first.fragment().is_none());
    // What counts as one resource is one URI to everyone else.
    assert!(!same || first == second, "{one} and {other}");
}
