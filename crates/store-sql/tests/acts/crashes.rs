//! kill -9 under load: what was acknowledged is still so afterwards.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign_jose::random;
use countersign_store::grants::{EndCause, Grants, RedeemOutcome, RotateOutcome, WhatEnded};

use crate::children::{Lines, command, grant_id, say};
use crate::fixtures::{Folder, GRACE_SECONDS, NOW, World, open, sealed, world};

const TASKS: usize = 8;
const ROTATIONS: u64 = 12;

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let runs = match std::env::var_os("COUNTERSIGN_TEST_LONG") {
        Some(_) => 100,
        None => 10,
    };
    let folder = Folder::new();
    let mut checked = 0;
    for _ in 0..runs {
        let acknowledged = run_and_kill(&folder.database());
        checked += acknowledged.len();
        check(&folder.database(), &acknowledged).await;
    }
    assert!(
        checked >= runs,
        "the children did some work: {checked} grants"
    );
}

/// The last acknowledged refresh token of each grant.
struct Acknowledged {
    client_id: String,
    grants: HashMap<String, u64>,
}

impl Acknowledged {
    fn len(&self) -> usize {
        self.grants.len()
    }
}

fn run_and_kill(path: &Path) -> Acknowledged {
    let mut child = command(&[], "work", path).spawn().expect("a child");
    let mut lines = Lines::of(&mut child);
    let client_id = lines.next().expect("the child starts");
    let [low, high] = random::bytes();
    let life = Duration::from_millis(30 + u64::from(u16::from_le_bytes([low, high]) % 300));
    let killer = std::thread::spawn(move || {
        std::thread::sleep(life);
        child.kill().expect("kill -9");
        child.wait().expect("it is gone");
    });
    let mut grants = HashMap::new();
    for line in lines {
        let (grant, n) = line.split_once(' ').expect("a grant and its token");
        grants.insert(grant.to_owned(), n.parse().expect("a number"));
    }
    killer.join().expect("killed");
    Acknowledged { client_id, grants }
}

async fn check(path: &Path, acknowledged: &Acknowledged) {
    let store = open(path);
    let world = World {
        client_id: acknowledged.client_id.clone(),
        ..World::stranger()
    };
    for (grant, last) in &acknowledged.grants {
        let id = grant_id(grant);
        // The act whose response the kill cut off may already have been durable: then a retry
        // within the grace period gets the same successor.
        let outcome = store
            .rotate_refresh_token(&world.rotate(id, *last, NOW), NOW)
            .await;
        match outcome.expect("returns") {
            RotateOutcome::Rotated => {}
            RotateOutcome::Repeated { sealed_successor } => {
                assert_eq!(sealed_successor, sealed(last + 1));
            }
            outcome => panic!("the last refresh token that was answered is refused: {outcome:?}"),
        }
        let later = NOW + GRACE_SECONDS + 1;
        if let Some(rotated) = last.checked_sub(1) {
            let outcome = store
                .rotate_refresh_token(&world.rotate(id, rotated, later), later)
                .await;
            let outcome = outcome.expect("returns");
            assert!(
                matches!(outcome, RotateOutcome::Reused { .. }),
                "{outcome:?}"
            );
        }
        let outcome = store.redeem(&world.redeem(id), NOW).await.expect("returns");
        match outcome {
            RedeemOutcome::Replayed { .. } => assert_eq!(*last, 0),
            RedeemOutcome::Ended(WhatEnded::Grant(EndCause::RefreshTokenReused)) => {
                assert!(*last > 0)
            }
            outcome => panic!("a used code is accepted again: {outcome:?}"),
        }
    }
}

/// The child: redeems and rotates until it is killed, and says what was acknowledged.
pub async fn work(path: &Path) {
    let store = Arc::new(open(path));
    let world = Arc::new(world(store.as_ref()).await);
    say(&world.client_id);
    let tasks = (0..TASKS).map(|_| {
        let (store, world) = (Arc::clone(&store), Arc::clone(&world));
        tokio::spawn(async move {
            loop {
                live(store.as_ref(), &world).await;
            }
        })
    });
    // Nothing but the kill ends them, or a failed promise.
    let (ended, ..) = futures_util::future::select_all(tasks).await;
    ended.expect("every act is answered well");
}

async fn live(store: &impl Grants, world: &World) {
    let act = world.issue();
    let id = act.grant.id;
    store.issue_code(&act, NOW).await.expect("issued");
    let outcome = store.redeem(&world.redeem(id), NOW).await.expect("returns");
    assert!(matches!(outcome, RedeemOutcome::Redeemed(_)));
    say(&format!("{id} 0"));
    for n in 0..ROTATIONS {
        let outcome = store
            .rotate_refresh_token(&world.rotate(id, n, NOW), NOW)
            .await;
        assert_eq!(outcome.expect("returns"), RotateOutcome::Rotated);
        say(&format!("{id} {}", n + 1));
    }
}
