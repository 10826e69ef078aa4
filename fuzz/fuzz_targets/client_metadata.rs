//! Client metadata as an operator or a client itself sends it: what is accepted is accepted again,
//! unchanged, and holds nothing that its sender may not say.

#![no_main]

use std::sync::LazyLock;

use countersign_oauth::client_metadata::{ClientMetadata, ClientPolicy};
use countersign_provider::offered;
use countersign_provider::settings::Settings;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static POLICIES: LazyLock<[ClientPolicy; 3]> = LazyLock::new(|| {
    let settings = Settings::default();
    [
        ClientPolicy::operator(offered::to_clients(&settings)),
        ClientPolicy::self_registered(offered::to_self_registered(&settings, true)),
        ClientPolicy::self_registered(offered::to_self_registered(&settings, false)),
    ]
});

fuzz_target!(|json: &[u8]| {
    let Ok(sent) = ClientMetadata::from_json(json) else {
        return;
    };
    for policy in &*POLICIES {
        let Ok(valid) = sent.validate(policy) else {
            continue;
        };
        let stored = serde_json::to_string(&valid.into_inner()).expect("it is stored");
        let object: Value = serde_json::from_str(&stored).expect("it is JSON");
        for issued in ["client_id", "client_secret", "registration_access_token"] {
            assert!(object.get(issued).is_none(), "{issued}");
        }
        for member in ["redirect_uris", "post_logout_redirect_uris"] {
            for uri in object[member].as_array().into_iter().flatten() {
                is_an_address(uri.as_str().expect("a text"));
            }
        }
        if !policy.operator {
            let weakens = |name: &&String| name.starts_with("insecure_");
            let names = object.as_object().expect("an object").keys();
            assert_eq!(names.filter(weakens).count(), 0, "{object}");
            assert!(object.get("may_introspect").is_none(), "{object}");
        }
        let read = ClientMetadata::from_json(stored.as_bytes()).expect("what we store we read");
        let again = read.validate(policy).expect("and it is valid still");
        let again = serde_json::to_string(&again.into_inner()).expect("it is stored");
        assert_eq!(stored, again);
    }
});

fn is_an_address(uri: &str) {
    assert!(!uri.contains('#'), "{uri}");
    assert!(
        !uri.chars().any(|c| c.is_control() || c.is_whitespace()),
        "{uri}"
    );
    let url = url::Url::parse(uri).expect("it is a URL");
    let runs = ["javascript", "data", "vbscript", "file", "blob", "about"];
    assert!(!runs.contains(&url.scheme()), "{uri}");
    assert!(
        url.username().is_empty() && url.password().is_none(),
        "{uri}"
    );
}
