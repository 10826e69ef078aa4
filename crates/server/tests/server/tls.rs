//! TLS of the server itself, from the socket to the token: handshakes, files and their changes, and
//! client certificates.

mod certificates;
mod client;
mod files;
mod handshakes;
mod mtls;
mod reload;

use std::time::{Duration, Instant};

use crate::command::{Deployment, free_port};
use crate::running::Running;

use certificates::{Authority, Identity};
use client::Client;

/// The host of the issuer in these tests; the client connects to loopback all the same.
const HOST: &str = "id.example.com";

/// A deployment with a certificate for [`HOST`], and the authority that issued it.
struct Site {
    deployment: Deployment,
    authority: Authority,
    mtls_port: u16,
}

impl Site {
    /// With `more` of configuration, and a listener for client certificates on a port of its own.
    fn new(more: &str) -> Self {
        let authority = Authority::new("servers");
        let site = Self {
            deployment: Deployment::empty(),
            mtls_port: free_port(),
            authority,
        };
        let identity = site.authority.issue(&[HOST]);
        site.install(&identity);
        site.configure(more);
        site
    }

    /// Writes the configuration; `more` may begin with further fields of `[tls]`.
    fn configure(&self, more: &str) {
        let port = self.deployment.port;
        self.deployment.write(
            "countersign.toml",
            &format!(
                "issuer = \"https://{HOST}\"\nlisten = \"127.0.0.1:{port}\"\ndata_dir = \"data\"\n[tls]\ncertificate_file = \"chain.pem\"\nkey_file = \"key.pem\"\n{more}"
            ),
        );
    }

    fn install(&self, identity: &Identity) {
        self.deployment.write("chain.pem", &identity.certificate);
        self.deployment.write("key.pem", &identity.key);
        self.deployment.set_mode("key.pem", 0o600);
    }

    fn serve(&self) -> Running {
        let client = self.client();
        let port = self.deployment.port;
        Running::start_when(&self.deployment, &["serve"], || {
            client
                .get(port, "/readyz")
                .is_ok_and(|response| response.starts_with("HTTP/1.1 200 "))
        })
    }

    /// A client that trusts the site's authority and no other.
    fn client(&self) -> Client {
        Client::trusting(&self.authority)
    }
}

/// Waits until something holds.
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
