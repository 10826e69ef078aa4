//! The `claims` parameter: only what is asked for is remembered, and it is read as another reader
//! reads it.

#![no_main]

use countersign_oauth::claims::{ClaimsParameter, RequestedClaims};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let Ok(parameter) = ClaimsParameter::parse(text) else {
        return;
    };
    let theirs: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("it is JSON");
    let names = parameter.names();
    for (place, names) in [("userinfo", &names.userinfo), ("id_token", &names.id_token)] {
        let asked = theirs[place].as_object().map_or(0, serde_json::Map::len);
        assert_eq!(names.len(), asked);
        assert!(names.iter().all(|name| theirs[place].get(name).is_some()));
    }
    if let Ok(Some(subject)) = parameter.subject() {
        let said = |place: &str| theirs[place]["sub"].to_string();
        let quoted = Value::from(subject).to_string();
        assert!(said("userinfo").contains(&quoted) || said("id_token").contains(&quoted));
    }
    if let Ok(Some(acr)) = parameter.acr() {
        assert!(!acr.values.is_empty());
        let essential = theirs["id_token"]["acr"]["essential"] == true;
        assert_eq!(acr.essential, essential);
    }
    let stored = serde_json::to_string(&names).expect("it is stored");
    let read: RequestedClaims = serde_json::from_str(&stored).expect("and read");
    assert_eq!(read, names);
    assert!(names.only(|_| false).is_empty());
});
