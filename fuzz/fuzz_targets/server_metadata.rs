//! What a client reads of a provider: its metadata and its issuer.

#![no_main]

use countersign_oauth::issuer::Issuer;
use countersign_oauth::server_metadata::{ServerMetadata, well_known_uris};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = std::str::from_utf8(input) {
        issuer(text);
    }
    let Ok(metadata) = ServerMetadata::from_json(input) else {
        return;
    };
    assert!(metadata.check_issuer(&metadata.issuer).is_ok());
    let other = format!("{}/", metadata.issuer);
    assert!(metadata.check_issuer(&other).is_err());
    let written = serde_json::to_vec(&metadata).expect("it is written");
    let again = ServerMetadata::from_json(&written).expect("what we write we read");
    assert_eq!(serde_json::to_vec(&again).expect("it is written"), written);
});

fn issuer(text: &str) {
    let Ok(issuer) = Issuer::parse(text) else {
        return;
    };
    assert_eq!(issuer.as_str(), text);
    assert!(text.starts_with(issuer.origin()));
    // Without the slash at its end (OpenID Connect Discovery, section 4).
    let whole = format!("{}{}", issuer.origin(), issuer.path_prefix());
    assert_eq!(whole, text.strip_suffix('/').unwrap_or(text));
    let url = url::Url::parse(text).expect("a URL");
    assert!(url.query().is_none() && url.fragment().is_none());
    assert!(url.username().is_empty() && url.password().is_none());
    for address in well_known_uris(&issuer).all() {
        let address = url::Url::parse(address).expect("a URL");
        assert_eq!(address.origin(), url.origin());
        assert!(address.query().is_none() && address.fragment().is_none());
    }
}
