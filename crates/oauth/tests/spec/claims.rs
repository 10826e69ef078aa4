use countersign_oauth::claims::{
    ClaimFault, ClaimsByScope, STANDARD_CLAIMS, Wanted, is_reserved, release, standard_claim,
    validate_claims,
};
use countersign_oauth::scope::Scope;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn everything() -> Map<String, Value> {
    object(json!({
        "name": "Alice Adams", "given_name": "Alice", "family_name": "Adams", "middle_name": "B",
        "nickname": "al", "preferred_username": "alice", "profile": "https://a.example/alice",
        "picture": "https://a.example/alice.png", "website": "https://alice.example",
        "gender": "female", "birthdate": "1990-04-01", "zoneinfo": "Europe/Vienna",
        "locale": "de-AT", "updated_at": 1_700_000_000,
        "email": "alice@example.com", "email_verified": true,
        "phone_number": "+43 1 23456", "phone_number_verified": false,
        "address": { "locality": "Wien", "country": "AT" },
        "employee_number": 7, "groups": ["staff"],
    }))
}

fn released(scope: &str, by_scope: &ClaimsByScope) -> Vec<String> {
    let claims = release(
        &everything(),
        Wanted::by_scope(&Scope::parse(scope).unwrap()),
        by_scope,
    );
    claims.keys().cloned().collect()
}

#[test]
fn each_scope_releases_its_claims() {
    // OpenID Connect Core, section 5.4.
    let none = ClaimsByScope::new();
    assert!(released("openid offline_access", &none).is_empty());
    assert_eq!(released("email", &none), ["email", "email_verified"]);
    assert_eq!(
        released("phone", &none),
        ["phone_number", "phone_number_verified"]
    );
    assert_eq!(released("address", &none), ["address"]);
    let mut profile = [
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ];
    profile.sort_unstable();
    assert_eq!(released("profile", &none), profile);
    assert_eq!(
        released("profile email phone address", &none).len(),
        STANDARD_CLAIMS.len()
    );
}

#[test]
fn an_operators_scope_releases_what_its_map_says() {
    let map = ClaimsByScope::from([
        (
            "staff".to_owned(),
            vec!["employee_number".to_owned(), "groups".to_owned()],
        ),
        ("email".to_owned(), vec!["employee_number".to_owned()]),
        (
            "evil".to_owned(),
            vec!["sub".to_owned(), "nothing".to_owned()],
        ),
    ]);
    assert_eq!(released("staff", &map), ["employee_number", "groups"]);
    assert_eq!(
        released("email", &map),
        ["email", "email_verified", "employee_number"]
    );
    assert!(released("evil", &map).is_empty());
    let mut claims = everything();
    claims.insert("sub".to_owned(), json!("someone else"));
    let scope = Scope::parse("evil").unwrap();
    assert!(
        release(&claims, Wanted::by_scope(&scope), &map).is_empty(),
        "a reserved name is never released"
    );
}

#[test]
fn nothing_empty_is_released_and_language_tags_follow_their_claim() {
    // OpenID Connect Core, sections 5.3.2 and 5.2.
    let claims = object(json!({
        "name": "", "nickname": null, "address": {}, "given_name": "Alice",
        "given_name#ja-Kana-JP": "アリス", "email#de": "alice@example.com",
    }));
    let scope = Scope::parse("profile address").unwrap();
    let out = release(&claims, Wanted::by_scope(&scope), &ClaimsByScope::new());
    assert_eq!(
        Value::Object(out),
        json!({ "given_name": "Alice", "given_name#ja-Kana-JP": "アリス" })
    );
}

#[test]
fn standard_claims_have_their_types() {
    // OpenID Connect Core, sections 5.1 and 5.1.1.
    assert_eq!(validate_claims(&everything()), Ok(()));
    let good = [
        ("birthdate", json!("1990")),
        ("birthdate", json!("0000-12-31")),
        ("updated_at", json!(1.5)),
        ("email", json!("\"a@b\"@example.com")),
        ("name#de", json!("Alice")),
        (
            "address",
            json!({ "formatted": "Wien\nAT", "locality#de": "Wien" }),
        ),
        ("own", json!({ "anything": [null, 1] })),
    ];
    for (name, value) in good {
        let claims = object(json!({ name: value.clone() }));
        assert_eq!(validate_claims(&claims), Ok(()), "{name} {value}");
    }
    let bad = [
        ("name", json!(7)),
        ("name", json!(null)),
        ("name#de", json!(7)),
        ("email_verified", json!("true")),
        ("phone_number_verified", json!(1)),
        ("updated_at", json!("2024-01-01")),
        ("email", json!("alice")),
        ("email", json!("@example.com")),
        ("email", json!("alice@")),
        ("email", json!("a b@example.com")),
        ("picture", json!("javascript:alert(1)")),
        ("profile", json!("alice")),
        ("birthdate", json!("1990-13-01")),
        ("birthdate", json!("1990-00-01")),
        ("birthdate", json!("1990-01-00")),
        ("birthdate", json!("1990-01-32")),
        ("birthdate", json!("1990-04")),
        ("birthdate", json!("01.04.1990")),
        ("address", json!("Wien")),
        ("address", json!({ "locality": 7 })),
        ("address", json!({ "planet": "Earth" })),
    ];
    for (name, value) in bad {
        let fault = validate_claims(&object(json!({ name: value.clone() }))).unwrap_err();
        assert_eq!(fault.code(), "claim_wrong_type", "{name} {value}");
    }
}

#[test]
fn the_protocols_names_are_not_attributes() {
    let names = [
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "azp",
        "at_hash",
        "c_hash",
        "sid",
        "cnf",
        "client_id",
        "scope",
        "act",
        "events",
        "sub#de",
        "_claim_sources",
    ];
    for name in names {
        assert!(is_reserved(name), "{name}");
        let fault = validate_claims(&object(json!({ name: "x" }))).unwrap_err();
        assert_eq!(
            fault,
            ClaimFault::Reserved {
                name: name.to_owned()
            }
        );
        assert!(standard_claim(name).is_none(), "{name}");
    }
    for claim in STANDARD_CLAIMS {
        assert!(!is_reserved(claim.name), "{}", claim.name);
        assert_eq!(standard_claim(claim.name), Some(&claim));
    }
}

#[test]
fn names_and_values_have_bounds() {
    let long_name = "n".repeat(129);
    for name in ["", "a\nb", long_name.as_str()] {
        assert_eq!(
            validate_claims(&object(json!({ name: 1 }))),
            Err(ClaimFault::Name),
            "{name:?}"
        );
    }
    let fault = validate_claims(&object(json!({ "own": "x".repeat(20_000) }))).unwrap_err();
    assert_eq!(fault.code(), "claim_too_large");
}

proptest! {
    #[test]
    fn only_what_a_scope_names_goes_out(scope in "(openid|email|phone|own)( (email|address|own)){0,3}") {
        let scope = Scope::parse(&scope).unwrap();
        let map = ClaimsByScope::from([("own".to_owned(), vec!["groups".to_owned()])]);
        let out = release(&everything(), Wanted::by_scope(&scope), &map);
        for name in out.keys() {
            let standard = standard_claim(name).is_some_and(|claim| scope.contains(claim.scope));
            prop_assert!(standard || (name == "groups" && scope.contains("own")));
        }
    }

    #[test]
    fn any_claims_are_judged(name in "\\PC{0,20}", text in "\\PC{0,40}") {
        let _ = validate_claims(&object(json!({ name: text.clone() })));
        let _ = validate_claims(&object(json!({ "birthdate": text.clone(), "email": text })));
    }
}
