//! The generated histories: sound, within bounds, and rich enough to tell backends apart.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::acts::Outcome;
use countersign_model::history::{History, exhaustive, random};

/// Every outcome that a history can expect, as it prints without its number.
const OUTCOMES: [&str; 38] = [
    "CheckToken(Active)",
    "CheckToken(Denied)",
    "CheckToken(Ended)",
    "CheckToken(Expired)",
    "CodesDeleted",
    "Done",
    "Enable(ChangedMeanwhile)",
    "Enable(Enabled)",
    "EndClientSession(Ended)",
    "EndClientSession(Unknown)",
    "EndGrant(Ended)",
    "EndGrant(ForeignClient)",
    "EndGrant(Unknown)",
    "IssueCode(AlreadyUsed)",
    "IssueCode(Issued)",
    "IssueCode(Replaced)",
    "PresentCookie(Ended)",
    "PresentCookie(Live)",
    "PresentCookie(Superseded)",
    "PresentCookie(Unknown)",
    "RedeemCode(Invalidated)",
    "RedeemCode(Ended)",
    "RedeemCode(Expired)",
    "RedeemCode(ForeignClient)",
    "RedeemCode(Redeemed)",
    "RedeemCode(Replayed)",
    "RedeemCode(Unknown)",
    "RedeemCode(UsedWithWrongProof)",
    "RenewSession(Renewed)",
    "RenewSession(Unknown)",
    "RotateRefreshToken(Ended)",
    "RotateRefreshToken(Expired)",
    "RotateRefreshToken(ForeignClient)",
    "RotateRefreshToken(Kept)",
    "RotateRefreshToken(Repeated)",
    "RotateRefreshToken(Reused)",
    "RotateRefreshToken(Rotated)",
    "RotateRefreshToken(Withheld)",
];

#[test]
fn exhaustive_histories_are_sound_and_expect_every_outcome() {
    let histories = exhaustive(5);
    println!(
        "exhaustive(5): {} histories, {} steps",
        histories.len(),
        steps(&histories)
    );
    assert!(
        (5_000..=30_000).contains(&histories.len()),
        "{}",
        histories.len()
    );
    assert_sound(&histories);
    assert_eq!(missing(&histories), BTreeSet::new());
}

#[test]
fn random_histories_are_sound_and_expect_every_outcome_often() {
    let histories = random(7, 200, 100);
    println!("random(7, 200, 100): {:?}", outcomes(&histories));
    assert_sound(&histories);
    assert_eq!(steps(&histories), 20_000);
    // All codes are deleted in a store of one's own only, which these histories share.
    for outcome in OUTCOMES
        .into_iter()
        .filter(|outcome| *outcome != "CodesDeleted")
    {
        let seen = outcomes(&histories).get(outcome).copied().unwrap_or(0);
        assert!(seen >= 10, "{outcome} is expected {seen} times");
    }
}

#[test]
fn the_same_seed_gives_the_same_histories_and_another_seed_others() {
    assert_eq!(random(1, 3, 50), random(1, 3, 50));
    assert_ne!(random(1, 1, 50)[0].steps, random(2, 1, 50)[0].steps);
}

#[test]
fn a_history_keeps_its_meaning_as_json() {
    for history in random(3, 5, 60) {
        let json = serde_json::to_string(&history).unwrap();
        assert_eq!(serde_json::from_str::<History>(&json).unwrap(), history);
    }
}

#[test]
fn a_wrong_expectation_is_found() {
    let mut history = random(3, 1, 60).remove(0);
    let (first, second) = (history.steps[0].expected, Outcome::Done);
    assert_ne!(first, second);
    history.steps[0].expected = second;
    let found = history
        .first_deviation()
        .map(|(index, step)| (index, step.expected));
    assert_eq!(found, Some((0, first)));
}

fn assert_sound(histories: &[History]) {
    let names: BTreeSet<&str> = histories
        .iter()
        .map(|history| history.name.as_str())
        .collect();
    assert_eq!(names.len(), histories.len(), "two histories have one name");
    for history in histories {
        assert_eq!(history.first_deviation(), None, "{}", history.name);
    }
}

fn steps(histories: &[History]) -> usize {
    histories.iter().map(|history| history.steps.len()).sum()
}

fn missing(histories: &[History]) -> BTreeSet<&'static str> {
    let seen = outcomes(histories);
    OUTCOMES
        .into_iter()
        .filter(|outcome| !seen.contains_key(*outcome))
        .collect()
}

fn outcomes(histories: &[History]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for step in histories.iter().flat_map(|history| &history.steps) {
        let printed = format!("{:?}", step.expected);
        let outcome = match (printed.split_once(" {"), step.expected) {
            (_, Outcome::CodesDeleted(_)) => "CodesDeleted".to_owned(),
            (Some((name, _)), _) => format!("{name})"),
            (None, _) => printed,
        };
        *counts.entry(outcome).or_default() += 1;
    }
    counts
}
