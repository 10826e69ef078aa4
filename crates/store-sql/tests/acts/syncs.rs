//! What the kernel is asked for: the log is written and synced, and only then is the response sent.

use std::path::Path;
use std::process::Command;

use countersign_store::grants::{Grants, RedeemOutcome};
use countersign_store::{Housekeeping, StoreError};

use crate::children::{Lines, command, grant_id, say};
use crate::fixtures::{Folder, NOW, World, open, world};

const GRANT: &str = "COUNTERSIGN_TEST_GRANT";
const CLIENT: &str = "COUNTERSIGN_TEST_CLIENT";
const SYNCS: &str = "fdatasync,fsync";

#[tokio::test]
async fn one_users_redemption_is_written_then_synced_then_answered() {
    if strace_is_missing() {
        return;
    }
    let folder = Folder::new();
    let (world, grant) = prepared(&folder.database()).await;
    let trace = folder.database().with_extension("trace");
    let calls = "trace=pwrite64,write,fdatasync,fsync";
    let under = [
        "strace",
        "-f",
        "-y",
        "-s",
        "64",
        "-e",
        calls,
        "-o",
        text(&trace),
    ];
    let said = run(&under, "one user", &folder.database(), &world, &grant);
    assert_eq!(said, ["asking", "answered Redeemed"]);

    let trace = std::fs::read_to_string(&trace).expect("the trace");
    let mut written = None;
    let mut synced = None;
    let mut asking = false;
    let mut answered = false;
    for (number, line) in trace.lines().enumerate() {
        let is_log = line.contains(".db-wal>");
        if line.contains("@asking") {
            asking = true;
        } else if asking && line.contains("pwrite64(") && is_log {
            written = Some(number);
            synced = None;
        } else if asking && (line.contains("fdatasync(") || line.contains("fsync(")) && is_log {
            assert!(written.is_some(), "a sync with nothing written");
            synced = Some(number);
        } else if line.contains("@answered") {
            answered = true;
            break;
        }
    }
    assert!(answered, "no answer in the trace:\n{trace}");
    let (Some(written), Some(synced)) = (written, synced) else {
        panic!("answered without a log write and a sync after it:\n{trace}");
    };
    assert!(
        written < synced,
        "the last log write is synced before the answer:\n{trace}"
    );
    let sync = trace.lines().nth(synced).unwrap_or_default();
    let thread = sync.split_whitespace().next().unwrap_or_default();
    let finished = sync.ends_with("= 0")
        || trace
            .lines()
            .skip(synced)
            .take_while(|line| !line.contains("@answered"))
            .any(|line| {
                line.starts_with(thread) && line.contains("sync resumed") && line.ends_with("= 0")
            });
    assert!(finished, "the sync succeeded before the answer:\n{trace}");
}

#[tokio::test]
async fn while_syncs_fail_nothing_is_acknowledged() {
    if strace_is_missing() {
        return;
    }
    let folder = Folder::new();
    let (world, grant) = prepared(&folder.database()).await;
    let inject = format!("inject={SYNCS}:error=EIO");
    let trace = format!("trace={SYNCS}");
    let under = [
        "strace",
        "-f",
        "-o",
        "/dev/null",
        "-e",
        &trace,
        "-e",
        &inject,
    ];
    let said = run(&under, "one user", &folder.database(), &world, &grant);
    assert_eq!(said, ["asking", "answered Unavailable"]);

    // It was not acknowledged, so it may have happened or not; but it happens once at most.
    let store = open(&folder.database());
    let outcome = store
        .redeem(&world.redeem(grant_id(&grant)), NOW)
        .await
        .expect("returns");
    assert!(
        matches!(
            outcome,
            RedeemOutcome::Redeemed(_) | RedeemOutcome::Replayed { .. }
        ),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn when_syncs_succeed_again_the_store_serves_again() {
    if strace_is_missing() {
        return;
    }
    let folder = Folder::new();
    let (world, grant) = prepared(&folder.database()).await;
    let inject = format!("inject={SYNCS}:error=EIO:when=1..3");
    let trace = format!("trace={SYNCS}");
    let under = [
        "strace",
        "-f",
        "-o",
        "/dev/null",
        "-e",
        &trace,
        "-e",
        &inject,
    ];
    let said = run(
        &under,
        "until acknowledged",
        &folder.database(),
        &world,
        &grant,
    );
    let (last, refused) = said.split_last().expect("it says something");
    assert!(
        !refused.is_empty(),
        "the failing sync was answered: {said:?}"
    );
    assert!(refused.iter().all(|line| line == "Unavailable"), "{said:?}");
    assert_eq!(
        last, "Redeemed",
        "what was rolled back is not kept: {said:?}"
    );

    let store = open(&folder.database());
    let outcome = store
        .redeem(&world.redeem(grant_id(&grant)), NOW)
        .await
        .expect("returns");
    assert!(
        matches!(outcome, RedeemOutcome::Replayed { .. }),
        "{outcome:?}"
    );
}

/// A database with one unused code, whose log is copied and gone.
async fn prepared(path: &Path) -> (World, String) {
    let store = open(path);
    let world = world(&store).await;
    let act = world.issue();
    store.issue_code(&act, NOW).await.expect("issued");
    store.close().await.expect("closes");
    (world, act.grant.id.to_string())
}

fn run(under: &[&str], part: &str, path: &Path, world: &World, grant: &str) -> Vec<String> {
    let mut command = command(under, part, path);
    let mut child = command
        .env(GRANT, grant)
        .env(CLIENT, &world.client_id)
        .spawn()
        .expect("strace starts the child");
    let said = Lines::of(&mut child).collect();
    child.wait().expect("it ends");
    said
}

/// The child: one redemption, with a line before it and one after it.
pub async fn one_user(path: &Path) {
    let store = open(path);
    say("asking");
    say(&format!("answered {}", redeem(&store).await));
}

/// The child: asks until it is acknowledged.
pub async fn until_acknowledged(path: &Path) {
    let store = open(path);
    for _ in 0..20 {
        let answer = redeem(&store).await;
        say(answer);
        if answer != "Unavailable" {
            return;
        }
    }
}

async fn redeem(store: &impl Grants) -> &'static str {
    let variable = |name: &str| std::env::var(name).expect("the child is told");
    let grant = grant_id(&variable(GRANT));
    // Only the client's id matters to a redemption; the rest of the world is the database's.
    let act = countersign_store::grants::Redeem {
        client_id: variable(CLIENT),
        ..World::stranger().redeem(grant)
    };
    match store.redeem(&act, NOW).await {
        Ok(RedeemOutcome::Redeemed(_)) => "Redeemed",
        Ok(_) => "another outcome",
        Err(StoreError::Unavailable(_)) => "Unavailable",
        Err(_) => "another error",
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn strace_is_missing() -> bool {
    let found = Command::new("strace")
        .arg("-V")
        .output()
        .is_ok_and(|out| out.status.success());
    if !found {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "strace is not installed"
        );
        println!("SKIPPED: strace is not installed, so no system call is looked at");
    }
    !found
}
