//! The `claims` parameter (OpenID Connect Core, section 5.5) and `acr` (section 5.5.1.1).

use countersign_oauth::acr::{RequestedAcr, acr_of};
use countersign_oauth::claims::{
    ClaimsByScope, ClaimsParameter, ClaimsParameterFault, Wanted, release, releasing_scope,
};
use countersign_oauth::scope::Scope;
use serde_json::{Map, Value, json};

fn read(value: &Value) -> Result<ClaimsParameter, ClaimsParameterFault> {
    ClaimsParameter::parse(&value.to_string())
}

#[test]
fn the_example_of_section_5_5_asks_for_seven_claims() {
    let parameter = read(&json!({
        "userinfo": {
            "given_name": { "essential": true },
            "nickname": null,
            "email": { "essential": true },
            "email_verified": { "essential": true },
            "picture": null,
            "http://example.info/claims/groups": null,
        },
        "id_token": {
            "auth_time": { "essential": true },
            "acr": { "values": ["urn:mace:incommon:iap:silver"] },
        },
    }))
    .unwrap();
    let names = parameter.names();
    assert_eq!(names.userinfo.len(), 6);
    assert_eq!(names.id_token, ["acr", "auth_time"]);
    let acr = parameter.acr().unwrap().unwrap();
    assert_eq!(acr.values, ["urn:mace:incommon:iap:silver"]);
    assert!(!acr.essential);
    assert_eq!(parameter.subject(), Ok(None));
}

#[test]
fn members_that_no_one_defined_are_ignored() {
    let parameter = read(&json!({
        "id_token": { "name": { "essential": true, "purpose": "to greet" } },
        "verified_claims": [1, 2],
        "userinfo": null,
    }));
    assert_eq!(parameter.unwrap().names().id_token, ["name"]);
    let empty = read(&json!({})).unwrap();
    assert!(empty.names().is_empty());
}

#[test]
fn what_is_no_request_for_claims_is_refused() {
    let many: Map<String, Value> = (0..101)
        .map(|number| (format!("c{number}"), Value::Null))
        .collect();
    for malformed in [
        json!([]),
        json!("userinfo"),
        json!({ "userinfo": ["name"] }),
        json!({ "id_token": true }),
        json!({ "id_token": { "name": true } }),
        json!({ "id_token": { "name": { "essential": "yes" } } }),
        json!({ "id_token": { "name": { "values": "a" } } }),
        json!({ "userinfo": many }),
    ] {
        assert!(read(&malformed).is_err(), "{malformed}");
    }
    for text in ["", "{", "{\"userinfo\":{},\"userinfo\":{}}", "null", "{}{}"] {
        assert!(ClaimsParameter::parse(text).is_err(), "{text}");
    }
    let deep = format!(
        "{{\"id_token\":{{\"a\":{}{}}}}}",
        "[".repeat(500),
        "]".repeat(500)
    );
    assert!(ClaimsParameter::parse(&deep).is_err());
}

#[test]
fn one_subject_can_be_asked_for() {
    let subject = |value: Value| {
        let parameter = read(&value).unwrap();
        parameter
            .subject()
            .map(|subject| subject.map(str::to_owned))
    };
    let id_token = json!({ "id_token": { "sub": { "value": "248289761001" } } });
    assert_eq!(subject(id_token), Ok(Some("248289761001".to_owned())));
    let both = json!({
        "id_token": { "sub": { "value": "a" } }, "userinfo": { "sub": { "values": ["a"] } },
    });
    assert_eq!(subject(both), Ok(Some("a".to_owned())));
    for refused in [
        json!({ "id_token": { "sub": { "values": ["a", "b"] } } }),
        json!({ "id_token": { "sub": { "value": 1 } } }),
        json!({ "id_token": { "sub": { "value": "a" } }, "userinfo": { "sub": { "value": "b" } } }),
    ] {
        assert_eq!(
            subject(refused.clone()),
            Err(ClaimsParameterFault::Subject),
            "{refused}"
        );
    }
}

#[test]
fn an_essential_acr_is_met_by_one_of_its_values_or_a_higher_class() {
    let essential = RequestedAcr {
        values: vec!["1".to_owned(), "phr".to_owned()],
        essential: true,
    };
    for (acr, takes) in [
        (Some("1"), true),
        (Some("phr"), true),
        (Some("2"), true),
        (Some("0"), false),
        (None, false),
    ] {
        assert_eq!(essential.takes(acr), takes, "{acr:?}");
    }
    // OpenID Connect Core, section 3.1.2.1: acr_values are voluntary.
    let voluntary = RequestedAcr::voluntary(["gold", "", "silver"]).unwrap();
    assert_eq!(voluntary.values, ["gold", "silver"]);
    assert!(voluntary.takes(Some("1")) && voluntary.takes(None));
    assert_eq!(RequestedAcr::voluntary([""]), None);
    assert_eq!(acr_of(&["pwd"]), "1");
    assert_eq!(acr_of(&["pwd", "otp", "mfa"]), "2");
}

#[test]
fn a_claim_is_released_by_name_and_in_the_preferred_languages() {
    let claims = json!({
        "name": "Alice", "name#ja-Kana-JP": "アリス", "name#de": "Alice D", "email": "a@b.example",
        "groups": ["x"], "sub": "never", "nickname": "",
    });
    let claims = claims.as_object().unwrap();
    let openid = Scope::parse("openid").unwrap();
    let released = |names: &[&str], locales: &[&str]| {
        let owned = |texts: &[&str]| -> Vec<String> {
            texts.iter().map(|text| (*text).to_owned()).collect()
        };
        let (names, locales) = (owned(names), owned(locales));
        let wanted = Wanted {
            scope: &openid,
            names: &names,
            locales: &locales,
        };
        let mut names: Vec<String> = release(claims, wanted, &ClaimsByScope::new())
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        names.sort();
        names
    };
    assert!(released(&[], &[]).is_empty());
    assert_eq!(released(&["email"], &[]), ["email"]);
    assert_eq!(
        released(&["name"], &[]),
        ["name", "name#de", "name#ja-Kana-JP"]
    );
    assert_eq!(released(&["name"], &["ja"]), ["name", "name#ja-Kana-JP"]);
    assert_eq!(
        released(&["name"], &["ja-kana-jp", "fr"]),
        ["name", "name#ja-Kana-JP"]
    );
    assert_eq!(released(&["name"], &["j"]), ["name"]);
    // Asked for by this very name (section 5.2).
    assert_eq!(released(&["name#de"], &["fr"]), ["name#de"]);
    assert!(released(&["sub", "nickname", "unknown"], &[]).is_empty());
}

#[test]
fn a_claim_belongs_to_the_scope_that_releases_it() {
    let own = ClaimsByScope::from([("teams".to_owned(), vec!["groups".to_owned()])]);
    for (name, scope) in [
        ("email", Some("email")),
        ("name#de", Some("profile")),
        ("groups", Some("teams")),
        ("groups#en", Some("teams")),
        ("salary", None),
    ] {
        assert_eq!(releasing_scope(name, &own), scope, "{name}");
    }
}
