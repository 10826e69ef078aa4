use super::*;

const NOTICE: i64 = 360;

fn key(kid: &str, created_at: i64, state: KeyState) -> SigningKeyRecord {
    SigningKeyRecord {
        kid: kid.to_owned(),
        thumbprint: kid.to_owned(),
        alg: "ES256".to_owned(),
        sealed: vec![1],
        created_at,
        state,
    }
}

fn new(kid: &str, created_at: i64) -> SigningKeyRecord {
    key(kid, created_at, KeyState::Standby)
}

/// The keys after an act, and its outcome.
fn after(
    keys: &[SigningKeyRecord],
    act: &ChangeKeys,
    now: i64,
) -> (Vec<SigningKeyRecord>, ChangeKeysOutcome) {
    let decision = decide_keys(keys, act, now);
    let mut keys = keys.to_vec();
    for put in decision.put {
        match keys.iter_mut().find(|key| key.kid == put.kid) {
            Some(key) => *key = put,
            None => keys.push(put),
        }
    }
    keys.retain(|key| decision.delete.as_ref() != Some(&key.kid));
    (keys, decision.outcome)
}

fn rotate(signing: &str, standby: &str, now: i64) -> ChangeKeys {
    ChangeKeys::Rotate {
        alg: "ES256".to_owned(),
        signing: Some(signing.to_owned()),
        successor: None,
        standby: Some(new(standby, now)),
        notice_seconds: NOTICE,
    }
}

fn signing_at(keys: &[SigningKeyRecord], now: i64) -> Vec<&str> {
    let signing = keys.iter().filter(|key| key.signs(now));
    signing.map(|key| key.kid.as_str()).collect()
}

/// "a" signs since 0, "b" is standby since `standby_since`.
fn two(standby_since: i64) -> Vec<SigningKeyRecord> {
    vec![
        key("a", 0, KeyState::Signing { from: 0 }),
        new("b", standby_since),
    ]
}

#[test]
fn a_standby_that_was_published_for_long_enough_signs_at_once() {
    let (keys, outcome) = after(&two(0), &rotate("a", "c", 1_000), 1_000);
    let (kid, from) = ("b".to_owned(), 1_000);
    assert_eq!(outcome, ChangeKeysOutcome::Signs { kid, from });
    let expected = [
        key(
            "a",
            0,
            KeyState::Retired {
                from: 0,
                until: from,
            },
        ),
        key("b", 0, KeyState::Signing { from }),
        key("c", 1_000, KeyState::Standby),
    ];
    assert_eq!(keys, expected);
}

#[test]
fn one_key_signs_at_any_time_and_none_before_it_was_published_for_long_enough() {
    let (keys, _) = after(&two(900), &rotate("a", "c", 1_000), 1_000);
    for (now, expected) in [(1_000, "a"), (1_259, "a"), (1_260, "b"), (9_000, "b")] {
        assert_eq!(signing_at(&keys, now), [expected], "{now}");
    }
    let late = rotate("a", "d", 1_100);
    let (_, outcome) = after(&keys, &late, 1_100);
    assert_eq!(outcome, ChangeKeysOutcome::ChangedMeanwhile);
    let early = rotate("b", "d", 1_100);
    let (_, outcome) = after(&keys, &early, 1_100);
    assert_eq!(
        outcome,
        ChangeKeysOutcome::ChangedMeanwhile,
        "b is not signing yet"
    );
}

#[test]
fn an_imported_key_waits_its_notice_and_leaves_the_standby() {
    let act = ChangeKeys::Rotate {
        alg: "ES256".to_owned(),
        signing: None,
        successor: Some(new("imported", 1_000)),
        standby: Some(new("c", 1_000)),
        notice_seconds: NOTICE,
    };
    let (keys, _) = after(&two(0), &act, 1_000);
    assert_eq!(signing_at(&keys, 1_359), ["a"]);
    assert_eq!(signing_at(&keys, 1_360), ["imported"]);
    let standby: Vec<_> = keys
        .iter()
        .filter(|key| key.state == KeyState::Standby)
        .collect();
    assert_eq!(standby, [&new("b", 0)]);
}

#[test]
fn a_revoked_key_is_out_of_use_at_once_and_another_signs() {
    let fresh = || new("fresh", 1_000);
    let (pending, _) = after(&two(900), &rotate("a", "c", 1_000), 1_000);
    let table = [
        // keys, revoked, signing at 1,000 and much later, the standby then
        (two(0), "a", "b", "b", "fresh"),
        (two(0), "b", "a", "a", "fresh"),
        (
            vec![key("a", 0, KeyState::Signing { from: 0 })],
            "a",
            "fresh",
            "fresh",
            "",
        ),
        // "a" is retiring, "b" is to sign from 1,260, "c" is standby.
        (pending.clone(), "a", "b", "b", "c"),
        (pending.clone(), "b", "a", "c", "fresh"),
        (pending, "c", "a", "b", "fresh"),
    ];
    for (keys, revoked, now, later, standby) in table {
        let act = ChangeKeys::Revoke {
            kid: revoked.to_owned(),
            fresh: fresh(),
            notice_seconds: NOTICE,
        };
        let (keys, outcome) = after(&keys, &act, 1_000);
        assert!(
            matches!(outcome, ChangeKeysOutcome::Revoked { .. }),
            "{outcome:?}"
        );
        assert_eq!(signing_at(&keys, 1_000), [now], "{revoked} of {keys:?}");
        assert_eq!(signing_at(&keys, 9_000), [later], "{revoked} of {keys:?}");
        for now in 1_000..2_000 {
            assert_eq!(signing_at(&keys, now).len(), 1, "{now} {keys:?}");
        }
        let waits = keys.iter().find(|key| key.state == KeyState::Standby);
        assert_eq!(
            waits.map_or("", |key| &key.kid),
            standby,
            "{revoked} of {keys:?}"
        );
        let gone = keys
            .iter()
            .find(|key| key.kid == revoked)
            .expect("it is kept");
        assert!(!gone.is_published(i64::MAX, 1_000) && gone.sealed.is_empty());
        let (_, outcome) = after(&keys, &act, 1_000);
        let successor = None;
        assert_eq!(outcome, ChangeKeysOutcome::Revoked { successor }, "again");
    }
}
