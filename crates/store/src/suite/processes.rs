//! Races between two processes with connections of their own: this test binary, started again.
//!
//! ```ignore
//! #[tokio::test(flavor = "multi_thread")]
//! async fn of_64_racers_in_two_processes_one_wins() {
//!     let place = a_fresh_place();
//!     processes::race(open(&place).await, &place, "racers").await;
//! }
//!
//! #[test]
//! #[ignore = "a child process's part; the test above starts it"]
//! fn racers() {
//!     processes::racers(|place| async move { open(&place).await });
//! }
//! ```

mod parents;

use std::collections::HashMap;
use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use super::races::RACERS;
use super::world::{Grants, World, code, new_code, redeem, refresh_token, rotate, sealed, view};
use crate::GrantId;
use crate::grants::{
    EndCause, EndGrantOutcome, IssueOutcome, RedeemOutcome, RotateOutcome, WhatEnded,
};

/// Where a child finds the store; it plays no part without.
const PLACE: &str = "COUNTERSIGN_SUITE_PLACE";
const PROCESSES: usize = 2;
const KINDS: [&str; 7] = [
    "redeem", "rotate", "reuse", "repeat", "end", "storm", "replace",
];
const RACES: usize = 6;
/// A child's own lines begin with it, to tell them from the test harness's lines.
const MARK: char = '@';

/// The parent's side: 32 racers in each of two processes at every single-use act. `store` is at
/// `place`, and `child_test` is the whole name of the ignored test that calls [`racers`].
pub async fn race(store: Grants, place: &str, child_test: &str) {
    let world = World::new(&store).await;
    let mut lines = format!("{} {}\n", world.client_id, world.now);
    let mut grants = Vec::new();
    for kind in KINDS {
        for _ in 0..RACES {
            let id = match kind {
                "redeem" | "replace" => world.issued(&store).await,
                _ => world.redeemed(&store).await,
            };
            if kind == "repeat" {
                world.rotated(&store, id, 0, world.now).await;
            }
            lines += &format!("{kind} {id}\n");
            grants.push((kind, id));
        }
    }
    for kind in parents::KINDS {
        for _ in 0..RACES {
            let id = parents::prepare(&store, &world, kind).await;
            lines += &format!("{kind} {id}\n");
            grants.push((kind, id));
        }
    }
    lines += "end of list\n";

    let mut children: Vec<Child> = (0..PROCESSES)
        .map(|_| command(place, child_test).spawn().expect("a child"))
        .collect();
    let mut answers: Vec<Lines> = children.iter_mut().map(Lines::of).collect();
    let mut inputs: Vec<_> = children
        .iter_mut()
        .map(|child| child.stdin.take().expect("a pipe"))
        .collect();
    for (input, answer) in inputs.iter_mut().zip(&mut answers) {
        input.write_all(lines.as_bytes()).expect("it listens");
        assert_eq!(answer.next().as_deref(), Some("ready"), "the child opens");
    }
    for input in &mut inputs {
        input.write_all(b"go\n").expect("it listens");
    }
    drop(inputs);
    let mut outcomes: HashMap<String, Vec<String>> = HashMap::new();
    for line in answers.into_iter().flatten() {
        let (race, outcome) = line.split_once(": ").expect("a race and its outcome");
        let outcomes = outcomes.entry(race.to_owned()).or_default();
        outcomes.push(outcome.to_owned());
    }
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    for (kind, id) in grants {
        let outcomes = outcomes.remove(&format!("{kind} {id}"));
        let outcomes = outcomes.unwrap_or_default();
        assert_eq!(outcomes.len(), PROCESSES * (RACERS / PROCESSES), "{kind}");
        match parents::KINDS.contains(&kind) {
            true => parents::judge(&store, &world, kind, &id, &outcomes).await,
            false => judge(&store, kind, &id, &outcomes).await,
        }
    }
    assert_eq!(outcomes.len(), 0, "no one raced for anything else");
}

async fn judge(store: &Grants, kind: &str, id: &GrantId, outcomes: &[String]) {
    let count = |wanted: &str| outcomes.iter().filter(|outcome| *outcome == wanted).count();
    let found = view(store, id).await;
    let all = outcomes.len();
    match kind {
        "redeem" => {
            let counted = (count("won"), count("replayed"), count("ended"));
            assert_eq!(counted, (1, 1, all - 2), "{outcomes:?}");
            assert_eq!(
                found.what_ended,
                Some(WhatEnded::Grant(EndCause::CodeReplayed))
            );
        }
        "rotate" => {
            let family = found.grant.refresh.expect("a family");
            let winner = family.predecessor.expect("a predecessor").sealed_successor;
            let repeated = count(&format!("repeated {}", String::from_utf8_lossy(&winner)));
            assert_eq!((count("won"), repeated), (1, all - 1), "{outcomes:?}");
            assert_eq!(found.what_ended, None);
        }
        "reuse" => {
            let counted = (count("won"), count("reused"), count("ended"));
            assert_eq!(counted, (1, 1, all - 2), "{outcomes:?}");
            assert_eq!(
                found.what_ended,
                Some(WhatEnded::Grant(EndCause::RefreshTokenReused))
            );
        }
        "repeat" => {
            let successor = sealed(id, 1);
            let repeated = count(&format!("repeated {}", String::from_utf8_lossy(&successor)));
            assert_eq!(repeated, all, "{outcomes:?}");
            assert_eq!(found.what_ended, None);
        }
        "storm" => {
            // Everyone refreshes until the grant has ended; one racer in each process ends it.
            let counted = (count("won"), count("already"), count("ended"));
            assert_eq!(counted, (1, PROCESSES - 1, all - PROCESSES), "{outcomes:?}");
            assert_eq!(found.what_ended, Some(WhatEnded::Grant(EndCause::Revoked)));
        }
        "end" => {
            let counted = (count("won"), count("already"));
            assert_eq!(counted, (1, all - 1), "{outcomes:?}");
        }
        _ => {
            // Half of them redeem the first code, half replace it: one kind only succeeds.
            let (won, replaced) = (count("won"), count("replaced"));
            let either = (won == 1 && replaced == 0) || (won == 0 && replaced == all / 2);
            assert!(either, "{outcomes:?}");
        }
    }
}

/// The child's side: opens the store at the place that it is told, and races. By itself it has
/// nothing to do.
pub fn racers<F>(open: impl FnOnce(String) -> F)
where
    F: Future<Output = Grants>,
{
    let Ok(place) = std::env::var(PLACE) else {
        println!("SKIPPED: no part to play");
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let store = open(place).await;
        run(&store).await;
    });
}

async fn run(store: &Grants) {
    let mut lines = std::io::stdin().lock().lines();
    let mut line = move || lines.next().expect("a line").expect("a line");
    let first = line();
    let (client_id, now) = first.split_once(' ').expect("a client and an instant");
    // The racers know no more than a request does.
    let racer = World::stranger(client_id, now.parse().expect("an instant"));
    let mut races = Vec::new();
    loop {
        let line = line();
        match line.split_once(' ') {
            Some((kind, id)) if line != "end of list" => {
                races.push((kind.to_owned(), id.parse().expect("a grant's id")));
            }
            _ => break,
        }
    }
    say("ready");
    assert_eq!(line(), "go");
    let mut racers = Vec::new();
    for (kind, id) in races {
        for number in 0..RACERS / PROCESSES {
            let (store, racer, kind) = (Arc::clone(store), racer.clone(), kind.clone());
            racers.push(tokio::spawn(async move {
                let outcome = one(&store, &racer, &kind, id, number).await;
                say(&format!("{kind} {id}: {outcome}"));
            }));
        }
    }
    for racer in racers {
        racer.await.expect("a racer ends well");
    }
}

async fn one(store: &Grants, racer: &World, kind: &str, id: GrantId, number: usize) -> String {
    let now = racer.now;
    let own = u64::from(std::process::id()) << 8 | number as u64;
    if parents::KINDS.contains(&kind) {
        return parents::one(store, racer, kind, id, number, own).await;
    }
    match kind {
        "rotate" | "repeat" | "reuse" => {
            let mut act = racer.rotate(id, 0, now);
            if let Some(successor) = &mut act.successor {
                successor.hash = refresh_token(&id, own);
                successor.sealed = match kind {
                    "reuse" => Vec::new(),
                    _ => sealed(&id, own),
                };
            }
            word_of(rotate(store, &act, now).await)
        }
        "storm" if number > 0 => {
            let mut act = racer.rotate(id, 0, now);
            act.successor = None;
            loop {
                match rotate(store, &act, now).await {
                    RotateOutcome::Kept => tokio::task::yield_now().await,
                    outcome => return word_of(outcome),
                }
            }
        }
        "end" | "storm" => {
            let outcome = store.end_grant(&id, None, EndCause::Revoked, now).await;
            match outcome.expect("returns") {
                EndGrantOutcome::Ended => "won".to_owned(),
                EndGrantOutcome::AlreadyEnded => "already".to_owned(),
                outcome => format!("{outcome:?}"),
            }
        }
        "replace" if number % 2 == 1 => {
            let mut act = racer.issue();
            act.grant.id = id;
            new_code(&mut act).hash = code(&id, 1);
            match store.issue_code(&act, now).await.expect("returns") {
                IssueOutcome::Replaced { .. } => "replaced".to_owned(),
                outcome => format!("{outcome:?}"),
            }
        }
        _ => match redeem(store, &racer.redeem(id), now).await {
            RedeemOutcome::Redeemed(_) => "won".to_owned(),
            RedeemOutcome::Replayed { .. } => "replayed".to_owned(),
            RedeemOutcome::Ended(WhatEnded::Grant(EndCause::CodeReplayed)) => "ended".to_owned(),
            outcome => format!("{outcome:?}"),
        },
    }
}

fn word_of(outcome: RotateOutcome) -> String {
    match outcome {
        RotateOutcome::Rotated => "won".to_owned(),
        RotateOutcome::Repeated { sealed_successor } => {
            format!("repeated {}", String::from_utf8_lossy(&sealed_successor))
        }
        RotateOutcome::Reused { .. } => "reused".to_owned(),
        RotateOutcome::Ended(WhatEnded::Grant(_)) => "ended".to_owned(),
        outcome => format!("{outcome:?}"),
    }
}

fn command(place: &str, child_test: &str) -> Command {
    let binary = std::env::current_exe().expect("the test binary knows itself");
    let mut command = Command::new(binary);
    command
        .args(["--exact", child_test, "--ignored", "--nocapture"])
        .env(PLACE, place)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// What a child says, from the parent's side.
struct Lines(BufReader<ChildStdout>);

impl Lines {
    fn of(child: &mut Child) -> Lines {
        Lines(BufReader::new(child.stdout.take().expect("a pipe")))
    }
}

impl Iterator for Lines {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            // The harness writes the test's name without a line break before the first.
            if let Some((_, said)) = line.trim_end().split_once(MARK) {
                return Some(said.to_owned());
            }
        }
    }
}

/// One write, past the harness's capture.
fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(format!("{MARK}{line}\n").as_bytes());
    written.expect("the parent listens");
    stdout.flush().expect("the parent listens");
}
