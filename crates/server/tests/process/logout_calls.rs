//! Applications are told of every ending that was acknowledged, though the server is killed before
//! it has told them.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use countersign_testing::{Receiver, Taken, claims_of};
use tokio::runtime::Runtime;

use crate::command::Deployment;
use crate::person::{APP, Person, redeem};
use crate::server::{CHEAP, Server, deployment};

/// Longer than the claims of a process that was killed.
const LIMIT: Duration = Duration::from_secs(40);

/// A deployment whose application is told at this address, where nothing listens yet.
fn with_application() -> (Deployment, SocketAddr) {
    let free = TcpListener::bind("127.0.0.1:0").expect("binds");
    let address = free.local_addr().expect("an address");
    let configuration = format!("{CHEAP}[outbound]\nallow = [\"127.0.0.0/8\"]\n");
    let deployment = deployment(&configuration, &["alice"]);
    let uri = format!("http://{address}/logout");
    let words = ["client", "update", APP, "--backchannel-logout-uri", &uri];
    deployment.json_with(&words, "");
    (deployment, address)
}

/// Alice signs in and opens the application: her browser and the ID token.
fn opened(server: &Server) -> (Person, String) {
    let mut alice = Person::new(server.port, "alice");
    let back = alice.sign_in().expect("signs in");
    let code = back.location_parameter("code").expect("a code");
    let tokens = redeem(&mut alice.connection, &code)
        .expect("redeems")
        .tokens();
    (alice, tokens.id_token.expect("an ID token"))
}

fn told(address: SocketAddr) -> Vec<Taken> {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let app = Receiver::start_at(address).await;
        app.wait_at_most(LIMIT, 1).await;
        // A second call would have come by now.
        tokio::time::sleep(Duration::from_secs(1)).await;
        app.taken()
    })
}

#[test]
fn a_sign_out_is_told_of_after_kill_9() {
    let (deployment, address) = with_application();
    for pause in [Duration::ZERO, Duration::from_millis(700)] {
        let server = Server::start(&deployment);
        let (mut alice, id_token) = opened(&server);
        let back = alice.sign_out(&id_token).expect("signs out");
        assert_eq!(back.status, 303, "{back:?}");
        // Before the ending was read, or after the first call has failed.
        std::thread::sleep(pause);
        server.kill();
        let _server = Server::start(&deployment);
        let told = told(address);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].claims()["sid"], claims_of(&id_token)["sid"]);
    }
}

#[test]
fn what_the_command_line_ends_is_told_of_by_the_server_that_runs() {
    let (deployment, address) = with_application();
    let server = Server::start(&deployment);
    let (_, id_token) = opened(&server);
    deployment.json_with(&["user", "disable", "alice"], "");
    let told = told(address);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].claims()["sid"], claims_of(&id_token)["sid"]);
    assert!(!server.log().contains(told[0].token()));
}

#[test]
fn what_the_command_line_ends_while_no_server_runs_is_told_of_by_the_next() {
    let (deployment, address) = with_application();
    let server = Server::start(&deployment);
    let (_, id_token) = opened(&server);
    server.kill();
    deployment.json_with(&["restored", "--with-wal", "--yes"], "");
    let _server = Server::start(&deployment);
    let told = told(address);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].claims()["sid"], claims_of(&id_token)["sid"]);
}
