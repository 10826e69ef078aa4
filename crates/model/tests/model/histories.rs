//! The generated histories: sound, within bounds, and rich enough to tell backends apart.

use std::collections::{BTreeMap, BTreeSet};

use countersign_model::history::{History, exhaustive, random};

/// Every answer that a history can expect, as it prints without its number.
const ANSWERS: [&str; 26] = [
    "CheckToken(Active)",
    "CheckToken(Denied)",
    "CheckToken(Ended)",
    "CheckToken(Expired)",
    "Done",
    "EndGrant(Ended)",
    "EndGrant(ForeignClient)",
    "EndGrant(Unknown)",
    "IssueCode(AlreadyUsed)",
    "IssueCode(Issued)",
    "IssueCode(Replaced)",
    "RedeemCode(Burnt)",
    "RedeemCode(Ended)",
    "RedeemCode(Expired)",
    "RedeemCode(ForeignClient)",
    "RedeemCode(Redeemed)",
    "RedeemCode(Replayed)",
    "RedeemCode(Unknown)",
    "RedeemCode(UsedWithWrongProof)",
    "RotateRefreshToken(Ended)",
    "RotateRefreshToken(Expired)",
    "RotateRefreshToken(ForeignClient)",
    "RotateRefreshToken(Kept)",
    "RotateRefreshToken(Repeated)",
    "RotateRefreshToken(Reused)",
    "RotateRefreshToken(Rotated)",
];

#[test]
fn exhaustive_histories_are_sound_and_expect_every_answer() {
    let histories = exhaustive(5);
    println!(
        "exhaustive(5): {} histories, {} steps",
        histories.len(),
        steps(&histories)
    );
    assert!(
        (5_000..=20_000).contains(&histories.len()),
        "{}",
        histories.len()
    );
    assert_sound(&histories);
    assert_eq!(missing(&histories), BTreeSet::new());
}

#[test]
fn random_histories_are_sound_and_expect_every_answer_often() {
    let histories = random(7, 200, 100);
    println!("random(7, 200, 100): {:?}", answers(&histories));
    assert_sound(&histories);
    assert_eq!(steps(&histories), 20_000);
    for answer in ANSWERS {
        let seen = answers(&histories).get(answer).copied().unwrap_or(0);
        assert!(seen >= 20, "{answer} is expected {seen} times");
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
    let (first, second) = (
        history.steps[0].expected,
        countersign_model::acts::Outcome::Done,
    );
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
    let seen = answers(histories);
    ANSWERS
        .into_iter()
        .filter(|answer| !seen.contains_key(*answer))
        .collect()
}

fn answers(histories: &[History]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for step in histories.iter().flat_map(|history| &history.steps) {
        let printed = format!("{:?}", step.expected);
        let answer = match printed.split_once(" {") {
            Some((name, _)) => format!("{name})"),
            None => printed,
        };
        *counts.entry(answer).or_default() += 1;
    }
    counts
}
