//! Servers in one process come and go, and leave nothing behind.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::command::Deployment;
use crate::running::Running;

/// In a process of its own, where no other test's threads are.
#[test]
fn servers_that_have_ended_leave_no_thread_behind() {
    let program = std::env::current_exe().unwrap();
    let part = "cli::threads::the_threads_of_four_servers";
    let run = Command::new(program)
        .args(["--exact", part, "--ignored", "--test-threads", "1"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "a child process's part; servers_that_have_ended_leave_no_thread_behind starts it"]
fn the_threads_of_four_servers() {
    let before = threads();
    for _ in 0..2 {
        let deployment = Deployment::new("");
        let server = Running::serve(&deployment);
        assert!(threads() > before);
        assert_eq!(server.end(), 0);
        let deployment = Deployment::empty();
        let port = deployment.port.to_string();
        let words = ["quickstart", "--port", &port, "--demo-port", "0"];
        let quickstart = Running::start(&deployment, &words);
        assert_eq!(quickstart.end(), 0);
        // A thread that was joined may stand in the list for another moment.
        let start = Instant::now();
        while threads() > before {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{} threads",
                threads()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}
