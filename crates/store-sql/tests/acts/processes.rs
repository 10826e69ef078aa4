//! Two processes with connections of their own race for every single-use act.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;

use countersign_store::grants::{Dead, EndCause, Grants, RedeemOutcome, RotateOutcome};
use countersign_store::{GrantId, GrantStore};

use crate::children::{Lines, command, grant_id, say};
use crate::fixtures::{Folder, NOW, World, open, sealed, world};

const RACERS_PER_PROCESS: usize = 32;
const RACES: usize = 8;

#[tokio::test]
async fn of_64_racers_in_two_processes_one_redeems_and_one_rotates() {
    let folder = Folder::new();
    let store = open(&folder.database());
    start_races(&store, "race", &folder.database()).await;
}

/// Starts two processes that play `part` in `database`, and looks at who won.
pub async fn start_races(store: &impl GrantStore, part: &str, database: &Path) {
    let world = world(store).await;
    let mut start = format!("{}\n", world.client_id);
    for race in 0..2 * RACES {
        let act = world.issue();
        store.issue_code(&act, NOW).await.expect("issued");
        if race % 2 == 1 {
            let redeemed = store.redeem_code(&world.redeem(act.grant.id), NOW).await;
            assert!(matches!(redeemed, Ok(RedeemOutcome::Redeemed(_))));
            start += &format!("rotate {}\n", act.grant.id);
        } else {
            start += &format!("redeem {}\n", act.grant.id);
        }
    }
    start += "go\n";

    let mut children: Vec<_> = (0..2)
        .map(|_| command(&[], part, database).spawn().expect("a child"))
        .collect();
    let mut lines: Vec<Lines> = children.iter_mut().map(Lines::of).collect();
    for lines in &mut lines {
        assert_eq!(lines.next().as_deref(), Some("ready"));
    }
    for child in &mut children {
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin
            .write_all(start.as_bytes())
            .expect("the child listens");
    }
    let mut outcomes: HashMap<String, Vec<String>> = HashMap::new();
    for line in lines.into_iter().flatten() {
        let (race, outcome) = line.split_once(": ").expect("a race and its outcome");
        outcomes
            .entry(race.to_owned())
            .or_default()
            .push(outcome.to_owned());
    }
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }

    assert_eq!(outcomes.len(), 2 * RACES);
    for (race, outcomes) in outcomes {
        assert_eq!(outcomes.len(), 2 * RACERS_PER_PROCESS);
        let count = |wanted: &str| outcomes.iter().filter(|outcome| *outcome == wanted).count();
        if race.starts_with("redeem") {
            assert_eq!(count("won"), 1, "{race}: {outcomes:?}");
            assert_eq!(count("replayed"), 1, "the first loser ends the grant");
            assert_eq!(count("ended"), 2 * RACERS_PER_PROCESS - 2);
        } else {
            assert_eq!(count("won"), 1, "{race}: {outcomes:?}");
            assert_eq!(count("repeated"), 2 * RACERS_PER_PROCESS - 1);
        }
    }
}

/// The child: reads the races, then runs its racers of each at once.
pub async fn race(store: impl GrantStore + 'static) {
    let store = Arc::new(store);
    say("ready");
    let mut lines = std::io::stdin()
        .lock()
        .lines()
        .map(|line| line.expect("a line"));
    let client_id = lines.next().expect("the client");
    // The racers know no more than a request does.
    let racer = Arc::new(World {
        client_id,
        ..World::stranger()
    });
    let mut racers = Vec::new();
    for line in lines.take_while(|line| line != "go") {
        let (kind, id) = line.split_once(' ').expect("a kind and a grant");
        let id = grant_id(id);
        for _ in 0..RACERS_PER_PROCESS {
            let (store, racer, line) = (Arc::clone(&store), Arc::clone(&racer), line.clone());
            let redeems = kind == "redeem";
            racers.push(tokio::spawn(async move {
                let outcome = match redeems {
                    true => redeem(store.as_ref(), &racer, id).await,
                    false => rotate(store.as_ref(), &racer, id).await,
                };
                say(&format!("{line}: {outcome}"));
            }));
        }
    }
    for racer in racers {
        racer.await.expect("a racer ends well");
    }
}

async fn redeem(store: &impl Grants, racer: &World, id: GrantId) -> &'static str {
    match store
        .redeem_code(&racer.redeem(id), NOW)
        .await
        .expect("answers")
    {
        RedeemOutcome::Redeemed(_) => "won",
        RedeemOutcome::Replayed { .. } => "replayed",
        RedeemOutcome::Ended(Dead::Grant(EndCause::CodeReplayed)) => "ended",
        _ => "something else",
    }
}

async fn rotate(store: &impl Grants, racer: &World, id: GrantId) -> &'static str {
    match store
        .rotate_refresh_token(&racer.rotate(id, 0, NOW), NOW)
        .await
        .expect("answers")
    {
        RotateOutcome::Rotated => "won",
        RotateOutcome::Repeated { sealed_successor } if sealed_successor == sealed(1) => "repeated",
        _ => "something else",
    }
}
