//! docs/reverse-proxy.md, run as it is written: real nginx and real Caddy before the real binary.

mod client_certificates;

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::command::{Deployment, free_port};

/// What visits the provider through the proxy; see its own description.
const VISITOR: &str = include_str!("reverse_proxy/visitor.py");

/// Ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        _ = Command::new("kill")
            .args(["-TERM", &self.0.id().to_string()])
            .status();
        _ = self.0.wait();
    }
}

/// Both proxies, each with the text of its configuration made fit for a test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Proxy {
    Nginx,
    Caddy,
}

impl Proxy {
    /// Debian keeps nginx off the PATH of ordinary users.
    fn program(self) -> Option<PathBuf> {
        let name = match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
        };
        let folders = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
        let found = folders
            .split(':')
            .map(|folder| Path::new(folder).join(name));
        found.into_iter().find(|path| path.is_file())
    }

    fn start(self, program: &Path, deployment: &Deployment, port: u16) -> Program {
        self.start_changed(program, deployment, port, |site| site)
    }

    /// The same, with the document's site changed.
    fn start_changed(
        self,
        program: &Path,
        deployment: &Deployment,
        port: u16,
        change: impl FnOnce(String) -> String,
    ) -> Program {
        let folder = deployment.folder.canonicalize().unwrap();
        let at = |name: &str| folder.join(name).display().to_string();
        let upstream = format!("127.0.0.1:{}", deployment.port);
        let mut command = Command::new(program);
        match self {
            Self::Nginx => {
                make_certificate(&folder);
                let site = snippet("nginx")
                    .replace("listen 443 ssl;", &format!("listen 127.0.0.1:{port} ssl;"))
                    .replace("listen 80;", &format!("listen 127.0.0.1:{};", free_port()))
                    .replace(
                        "/etc/letsencrypt/live/id.example.com/fullchain.pem",
                        &at("certificate.pem"),
                    )
                    .replace(
                        "/etc/letsencrypt/live/id.example.com/privkey.pem",
                        &at("key.pem"),
                    )
                    .replace("127.0.0.1:8080", &upstream);
                let site = change(site);
                let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                    .map(|kind| format!("{kind}_temp_path {};\n", at(&format!("{kind}-temp"))))
                    .concat();
                let whole = format!(
                    "daemon off;\npid {};\nerror_log {};\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{site}\n}}\n",
                    at("nginx.pid"),
                    at("nginx.log"),
                );
                deployment.write("nginx.conf", &whole);
                command.args([
                    "-e",
                    &at("nginx.log"),
                    "-p",
                    &at(""),
                    "-c",
                    &at("nginx.conf"),
                ]);
            }
            Self::Caddy => {
                // Its own authority in place of a public one, which could not see this machine.
                let site = snippet("caddyfile")
                    .replace(
                        "id.example.com {",
                        &format!(
                            "https://id.example.com:{port} {{\n    bind 127.0.0.1\n    tls internal"
                        ),
                    )
                    .replace("127.0.0.1:8080", &upstream);
                let site = change(site);
                let global = "{\n    admin off\n    auto_https disable_redirects\n    skip_install_trust\n    local_certs\n}\n";
                deployment.write("Caddyfile", &format!("{global}{site}"));
                command
                    .args([
                        "run",
                        "--adapter",
                        "caddyfile",
                        "--config",
                        &at("Caddyfile"),
                    ])
                    .env("HOME", &folder)
                    .env("XDG_DATA_HOME", at("caddy-data"))
                    .env("XDG_CONFIG_HOME", at("caddy-config"));
            }
        }
        let log = File::create(folder.join("proxy.log")).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let started = Program(command.spawn().unwrap());
        wait_for(port, &folder.join("proxy.log"));
        started
    }
}

/// The document's block of that language.
fn snippet(language: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reverse-proxy.md");
    let document = fs::read_to_string(path).unwrap();
    let (_, rest) = document.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

fn make_certificate(folder: &Path) {
    let made = rcgen::generate_simple_self_signed(["id.example.com".to_owned()]).unwrap();
    fs::write(folder.join("certificate.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
}

fn wait_for(port: u16, log: &Path) {
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = || fs::read_to_string(log).unwrap_or_default();
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "nothing listens: {}",
            log()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The document's settings before it, with few attempts by address, and a client to sign in to.
fn provider(with_trusted_proxies: bool) -> (Deployment, Program) {
    provider_with(with_trusted_proxies, "")
}

fn provider_with(with_trusted_proxies: bool, more: &str) -> (Deployment, Program) {
    let deployment = Deployment::empty();
    let mut text = snippet("toml")
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{}", deployment.port))
        .replace("/var/lib/countersign", "data");
    if !with_trusted_proxies {
        text = text
            .lines()
            .filter(|line| !line.starts_with("trusted_proxies"))
            .collect::<Vec<_>>()
            .join("\n");
    }
    text += "\n[login]\nattempts_per_address = 3\n[passwords]\nargon2_memory_kib = 8192\nargon2_iterations = 1\n[keys]\nalgorithms = [\"ES256\"]\n[logging]\nformat = \"json\"\n";
    text += more;
    deployment.write("countersign.toml", &text);
    let create = [
        "client",
        "create",
        "--client-id",
        "app",
        "--name",
        "App",
        "--public",
        "--redirect-uri",
        "https://app.example.com/callback",
        "--id-token-alg",
        "ES256",
    ];
    let created = deployment.run(&create);
    assert_eq!(created.code, 0, "{}", created.stderr);
    let log = File::create(deployment.folder.join("server.log")).unwrap();
    let mut command = deployment.binary(&["serve"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    let server = Program(command.spawn().unwrap());
    wait_for(deployment.port, &deployment.folder.join("server.log"));
    (deployment, server)
}

/// What a visitor from that address gets: the issuer in discovery, then each wrong sign-in's
/// status.
fn visit(port: u16, from: &str, sign_ins: usize) -> (String, Vec<u16>) {
    let output = Command::new("python3")
        .args([
            "-c",
            VISITOR,
            &port.to_string(),
            from,
            &sign_ins.to_string(),
        ])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    let issuer = lines.next().unwrap_or_default().to_owned();
    (issuer, lines.map(|line| line.parse().unwrap()).collect())
}

fn is_refused(statuses: &[u16]) -> Vec<bool> {
    statuses.iter().map(|status| *status == 429).collect()
}

fn each_visitor_has_an_allowance_of_its_own(proxy: Proxy) {
    let Some(program) = proxy.program() else {
        return println!("SKIPPED: {proxy:?} is not installed");
    };
    let (deployment, _server) = provider(true);
    let port = free_port();
    let _proxy = proxy.start(&program, &deployment, port);
    let (issuer, statuses) = visit(port, "127.0.0.5", 4);
    assert_eq!(issuer, "https://id.example.com");
    assert_eq!(
        is_refused(&statuses),
        [false, false, false, true],
        "{statuses:?}"
    );
    let (_, statuses) = visit(port, "127.0.0.6", 1);
    assert_eq!(is_refused(&statuses), [false], "another visitor");
    let log = fs::read_to_string(deployment.folder.join("server.log")).unwrap();
    assert!(!log.contains("ignored a forwarded client address"), "{log}");
}

#[test]
fn behind_nginx_each_visitor_has_an_allowance_of_its_own() {
    each_visitor_has_an_allowance_of_its_own(Proxy::Nginx);
}

#[test]
fn behind_caddy_each_visitor_has_an_allowance_of_its_own() {
    each_visitor_has_an_allowance_of_its_own(Proxy::Caddy);
}

#[test]
fn behind_a_proxy_that_no_setting_names_one_visitors_guesses_stop_no_one_else() {
    let Some(program) = Proxy::Nginx.program() else {
        return println!("SKIPPED: nginx is not installed");
    };
    let (deployment, _server) = provider(false);
    let port = free_port();
    let _proxy = Proxy::Nginx.start(&program, &deployment, port);
    let (_, statuses) = visit(port, "127.0.0.5", 6);
    assert_eq!(
        is_refused(&statuses),
        [false; 6],
        "made-up names share no allowance"
    );
    let log = fs::read_to_string(deployment.folder.join("server.log")).unwrap();
    let said: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("ignored a forwarded client address"))
        .collect();
    assert_eq!(said.len(), 1, "once a minute: {log}");
    let line: serde_json::Value = serde_json::from_str(said[0]).unwrap();
    assert_eq!(line["setting"], "http.trusted_proxies");
    assert_eq!(line["header"], "x-forwarded-for");
    assert_eq!(line["peer"], "127.0.0.1");
    let warned = log
        .lines()
        .filter(|line| line.contains("http.trusted_proxies is empty"));
    assert_eq!(warned.count(), 1, "{log}");
}
