//! Certificate files that change while the server runs.

use std::io::Read;
use std::process::{Command, Stdio};

use super::client::{Connection, ask_again};
use super::{HOST, Site, eventually};

fn certificate_of(connection: &Connection) -> Vec<u8> {
    let chain = connection.conn.peer_certificates().unwrap();
    chain.first().unwrap().to_vec()
}

fn served(site: &Site) -> Vec<u8> {
    certificate_of(&site.client().connect(site.deployment.port).unwrap())
}

#[test]
fn new_connections_get_a_new_certificate_and_open_ones_continue() {
    let site = Site::new("reload_interval_seconds = 1\n");
    let running = site.serve();
    let mut open = site.client().connect(site.deployment.port).unwrap();
    ask_again(&mut open, "/jwks").unwrap();
    let renewed = site.authority.issue(&[HOST]);
    site.install(&renewed);
    eventually("the new certificate is served", || {
        served(&site) == renewed.certificate_der
    });
    let head = ask_again(&mut open, "/jwks").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert_ne!(certificate_of(&open), renewed.certificate_der);
    let log = running.written.errors.text();
    assert!(
        log.contains("new connections use the changed certificate files"),
        "{log}"
    );
}

#[test]
fn files_that_do_not_belong_together_are_not_used() {
    let site = Site::new("reload_interval_seconds = 1\n");
    let running = site.serve();
    let before = served(&site);
    let renewed = site.authority.issue(&[HOST]);
    // As a renewal does it that writes one file after the other.
    site.deployment.write("chain.pem", &renewed.certificate);
    let refusals = || {
        let log = running.written.errors.text();
        log.matches("the earlier ones stay in use").count()
    };
    eventually("the mismatch is logged", || refusals() == 1);
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    assert_eq!(refusals(), 1, "once for the same files");
    assert_eq!(served(&site), before);
    site.deployment.write("key.pem", &renewed.key);
    eventually("the new certificate is served", || {
        served(&site) == renewed.certificate_der
    });
}

#[test]
fn a_hangup_makes_the_real_server_look_at_once() {
    let site = Site::new("reload_interval_seconds = 86400\n");
    let mut child = site
        .deployment
        .binary(&["serve"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    eventually("the server is ready", || {
        let response = site.client().get(site.deployment.port, "/readyz");
        response.is_ok_and(|response| response.starts_with("HTTP/1.1 200 "))
    });
    let renewed = site.authority.issue(&[HOST]);
    site.install(&renewed);
    let signal = |name: &str| {
        let id = child.id().to_string();
        Command::new("kill").args([name, &id]).status().unwrap()
    };
    assert!(signal("-HUP").success());
    eventually("the new certificate is served", || {
        served(&site) == renewed.certificate_der
    });
    assert!(signal("-TERM").success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut log = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    assert!(log.contains("changed certificate files"), "{log}");
}
