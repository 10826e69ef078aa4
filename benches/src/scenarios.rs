//! What is measured, in which order, and against which ceiling. A ceiling and what is compared with
//! it take turns, so that a machine that grows slower does so for both.

use std::path::PathBuf;
use std::time::Duration;

use crate::bars::{Bar, limit, ratio};
use crate::children::Server;
use crate::cores::Cores;
use crate::journeys::{CLIENT_ID, Journey, OPAQUE_CLIENT_ID, OPAQUE_SERVICE_ID, Plan, SERVICE_ID};
use crate::load::{Timing, drive};
use crate::report::{Comparison, Report, Row, line};
use crate::{Options, Result, footprint, hashing, machine};

/// The number of users for which the bars are set.
const USERS: usize = 16;

const HELLO: &str = "hello (ceiling)";
const REFRESH: &str = "refresh, rotated";

/// Runs the scenarios that `options` names, and prints the report.
///
/// # Errors
/// If a scenario cannot be set up, or fails.
pub fn run(options: &Options) -> Result<()> {
    // Before anything else: threads inherit the core of the one that starts them.
    let cores = Cores::take()?;
    let mut bench = Bench::new(cores, options)?;
    let wanted = |group: &str| options.only.as_deref().is_none_or(|only| only == group);
    eprintln!("{}", bench.report.machine);
    let before = bench.control("hello, before (control)")?;
    if wanted("documents") {
        bench.documents()?;
    }
    if wanted("client-credentials") {
        bench.client_credentials()?;
    }
    if wanted("durable") {
        bench.durable()?;
    }
    if wanted("passwords") {
        bench.passwords()?;
    }
    if wanted("footprint") {
        bench.footprint(options)?;
    }
    let after = bench.control("hello, after (control)")?;
    bench.report.notes.push(format!(
        "At the end, the control ran at {:.2} times its first speed.",
        after / before
    ));
    bench.spreads();
    bench.report.load_average[1] = machine::load_average();
    bench.report.print();
    if let Some(path) = &options.json {
        bench.report.write_json(path)?;
    }
    Ok(())
}

struct Bench {
    runtime: tokio::runtime::Runtime,
    cores: Cores,
    /// Databases and logs; deleted at the end.
    folder: Folder,
    timing: Timing,
    users: Vec<usize>,
    report: Report,
}

/// A scenario: its name, its server, what its users do.
struct Scenario<'a> {
    name: &'a str,
    server: &'a Server,
    plan: Plan,
}

impl Bench {
    fn new(cores: Cores, options: &Options) -> Result<Bench> {
        let own_core = cores.load_has_its_own();
        let timing = match options.quick {
            true => Timing {
                warm_up: Duration::from_millis(500),
                measure: Duration::from_millis(2000),
                own_core,
            },
            false => Timing {
                warm_up: Duration::from_millis(1500),
                measure: Duration::from_millis(4500),
                own_core,
            },
        };
        let users = match options.quick {
            true => vec![USERS],
            false => vec![1, USERS, 64],
        };
        let report = Report {
            machine: machine::describe(),
            pinned: cores.describe(),
            load_average: [machine::load_average(), f64::NAN],
            ..Report::default()
        };
        Ok(Bench {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?,
            folder: Folder::make()?,
            cores,
            timing,
            users,
            report,
        })
    }

    /// Documents that never change, and what is read per request.
    fn documents(&mut self) -> Result<()> {
        let hello = self.start(&["serve-hello"])?;
        let provider = self.start_countersign("ES256", "taken")?;
        let compared = [
            (
                "discovery",
                Plan::Get("/.well-known/openid-configuration"),
                ratio::DOCUMENTS,
            ),
            ("JWKS", Plan::Get("/jwks"), ratio::DOCUMENTS),
            (
                "userinfo, opaque token",
                Plan::Userinfo(OPAQUE_CLIENT_ID),
                ratio::OPAQUE_READ,
            ),
            (
                "introspection, opaque token",
                Plan::Introspect(OPAQUE_CLIENT_ID),
                ratio::OPAQUE_READ,
            ),
            ("userinfo, JWT", Plan::Userinfo(CLIENT_ID), ratio::JWT_READ),
            (
                "introspection, JWT",
                Plan::Introspect(CLIENT_ID),
                ratio::JWT_READ,
            ),
        ];
        let ceiling = Scenario {
            name: HELLO,
            server: &hello,
            plan: Plan::Get("/"),
        };
        self.compare(&ceiling, &provider, &compared)?;
        // A JWT has to be verified, whatever else is known of it.
        let verifier = self.start(&["serve-verify", "ES256"])?;
        let ceiling = Scenario {
            name: "hello and one verification (ceiling)",
            server: &verifier,
            plan: Plan::Verified,
        };
        let compared = [
            (
                "userinfo, JWT, again",
                Plan::Userinfo(CLIENT_ID),
                ratio::JWT_READ_VERIFIED,
            ),
            (
                "introspection, JWT, again",
                Plan::Introspect(CLIENT_ID),
                ratio::JWT_READ_VERIFIED,
            ),
        ];
        self.compare(&ceiling, &provider, &compared)
    }

    fn client_credentials(&mut self) -> Result<()> {
        for (algorithm, bar) in [
            ("ES256", ratio::SIGNED_ELLIPTIC),
            ("EdDSA", ratio::SIGNED_ELLIPTIC),
            ("RS256", ratio::SIGNED_RSA),
        ] {
            let signer = self.start(&["serve-sign", algorithm])?;
            let provider = self.start_countersign(algorithm, "taken")?;
            let ceiling = Scenario {
                name: &format!("sign {algorithm} (ceiling)"),
                server: &signer,
                plan: Plan::ClientCredentials("/token", SERVICE_ID),
            };
            let name = format!("client_credentials, {algorithm} JWT");
            let plan = Plan::ClientCredentials("/token", SERVICE_ID);
            self.compare(&ceiling, &provider, &[(&name, plan, bar)])?;
        }
        Ok(())
    }

    /// What is written to SQLite with synchronous=FULL before the response.
    fn durable(&mut self) -> Result<()> {
        let folder = self.folder.sub()?;
        let model = self.start(&["serve-model", &folder])?;
        let provider = self.start_countersign("ES256", "taken")?;
        let opaque = (
            "client_credentials, opaque",
            Plan::ClientCredentials("/token", OPAQUE_SERVICE_ID),
            ratio::OPAQUE_DURABLE,
        );
        let refresh = [
            (REFRESH, Plan::Refresh(Journey::FirstParty), ratio::REFRESH),
            (
                "refresh, rotated, JWT access token",
                Plan::Refresh(Journey::FirstPartyJwt),
                ratio::REFRESH,
            ),
        ];
        let with_consent = (
            "sign-in with consent, 6 requests",
            Plan::SignIn(Journey::Consent),
            ratio::SIGN_IN,
        );
        let first_party = [
            (
                "sign-in, first-party, 5 requests",
                Plan::SignIn(Journey::FirstParty),
                ratio::SIGN_IN,
            ),
            (
                "sign-in, the same, JWT access token",
                Plan::SignIn(Journey::FirstPartyJwt),
                ratio::SIGN_IN,
            ),
        ];
        for (ceiling, plan, compared) in [
            (
                "model: insert (ceiling)",
                Plan::ClientCredentials("/insert", CLIENT_ID),
                &[opaque][..],
            ),
            (
                "model: refresh (ceiling)",
                Plan::Refresh(Journey::ModelShort),
                &refresh[..],
            ),
            (
                "model: sign-in, 6 requests (ceiling)",
                Plan::SignIn(Journey::ModelLong),
                &[with_consent][..],
            ),
            (
                "model: sign-in, 5 requests (ceiling)",
                Plan::SignIn(Journey::ModelShort),
                &first_party[..],
            ),
        ] {
            let ceiling = Scenario {
                name: ceiling,
                server: &model,
                plan,
            };
            self.compare(&ceiling, &provider, compared)?;
        }
        if !self.users.contains(&1) {
            let alone = Scenario {
                name: REFRESH,
                server: &provider,
                plan: Plan::Refresh(Journey::FirstParty),
            };
            self.measure(&alone, 1, None)?;
        }
        let speed = |users| {
            self.report
                .row(REFRESH, users)
                .map(|row| row.measured.per_second)
        };
        if let (Some(many), Some(one)) = (speed(USERS), speed(1)) {
            let what = "refresh: 16 users over 1";
            let bar = Bar::at_least(what, many / one, ratio::REFRESH_SCALING);
            self.report.bars.push(bar);
        }
        Ok(())
    }

    /// Argon2id, alone and in sign-ins, and the memory that a burst of those takes.
    fn passwords(&mut self) -> Result<()> {
        let duration = self.timing.measure;
        // Microseconds don't matter here, and a load that never sleeps would only take cache from
        // the hash.
        let stays_awake = std::mem::take(&mut self.timing.own_core);
        let best = hashing::rate(&self.cores, "best", duration)?;
        let bare = hashing::rate(&self.cores, "ours", duration)?;
        let provider = self.start_countersign("ES256", "hashed")?;
        std::thread::sleep(Duration::from_secs(1));
        let idle = provider.resident_mib()?;
        provider.forget_peak()?;
        let scenario = Scenario {
            name: "sign-in with Argon2id",
            server: &provider,
            plan: Plan::SignIn(Journey::FirstParty),
        };
        let speed = self.measure(&scenario, USERS, None)?;
        let bare_again = hashing::rate(&self.cores, "ours", duration)?;
        let best_again = hashing::rate(&self.cores, "best", duration)?;
        self.measure(&scenario, 64, None)?;
        let burst = provider.peak_mib()? - idle;
        self.timing.own_core = stays_awake;
        let by_clock = mean(bare.per_second, bare_again.per_second);
        let bare = mean(bare.per_core_second, bare_again.per_core_second);
        let best = mean(best.per_core_second, best_again.per_core_second);
        self.report.notes.push(format!(
            "Bare Argon2id hashes per second and core: {bare:.0} for ours ({by_clock:.0} by the clock), {best:.0} for the best known."
        ));
        self.report.bars.extend([
            Bar::at_least(
                "sign-ins with Argon2id over the bare hash rate",
                speed / by_clock,
                ratio::SIGN_IN_HASHED,
            ),
            Bar::at_least(
                "bare hash rate over the best known",
                bare / best,
                ratio::HASHING,
            ),
            Bar::at_most(
                "memory in a burst of 64 sign-ins, above idle",
                burst,
                limit::burst_mib(self.cores.of_server()),
                " MiB",
            ),
        ]);
        Ok(())
    }

    fn footprint(&mut self, options: &Options) -> Result<()> {
        let binary = footprint::binary(options.binary.as_deref())?;
        if !binary.exists() {
            let note = "Start, idle memory and size are missing: build the server with `cargo build --release`, or name it with --binary.";
            self.report.notes.push(note.to_owned());
            return Ok(());
        }
        let folder = PathBuf::from(self.folder.sub()?);
        let found = footprint::measure(&self.cores, &binary, &folder)?;
        self.report.bars.extend([
            Bar::at_most("idle memory", found.idle_mib, limit::IDLE_MIB, " MiB"),
            Bar::at_most(
                "size of the binary",
                found.binary_mb,
                limit::BINARY_MB,
                " MB",
            ),
            Bar::at_most(
                "first 200 on a migrated database",
                found.first_200_milliseconds,
                limit::FIRST_200_MILLISECONDS,
                " ms",
            ),
        ]);
        Ok(())
    }

    /// The same at the start and at the end: what changed between is the machine's doing.
    fn control(&mut self, name: &str) -> Result<f64> {
        let server = self.start(&["serve-hello"])?;
        let scenario = Scenario {
            name,
            server: &server,
            plan: Plan::Get("/"),
        };
        self.measure(&scenario, USERS, None)
    }

    /// p99 over p50 of everything of ours, at 16 users.
    fn spreads(&mut self) {
        let durable = |name: &str| {
            name.starts_with("sign-in") || name.starts_with(REFRESH) || name.ends_with("opaque")
        };
        let bars: Vec<Bar> = self
            .report
            .rows
            .iter()
            .filter(|row| row.users == USERS && row.ceiling.is_some())
            .map(|row| {
                let limits = match durable(&row.scenario) {
                    true => limit::SPREAD_DURABLE,
                    false => limit::SPREAD,
                };
                let what = format!("p99 over p50: {}", row.scenario);
                Bar::at_most(what, row.measured.spread(), limits, "")
            })
            .collect();
        self.report.bars.extend(bars);
    }

    /// Measures a ceiling and then what is compared with it, for each number of users.
    fn compare(
        &mut self,
        ceiling: &Scenario<'_>,
        provider: &Server,
        compared: &[(&str, Plan, (f64, f64))],
    ) -> Result<()> {
        for users in self.users.clone() {
            self.measure(ceiling, users, None)?;
            for (name, plan, bar) in compared {
                let scenario = Scenario {
                    name,
                    server: provider,
                    plan: *plan,
                };
                self.measure(&scenario, users, Some(ceiling.name))?;
                let row = self.report.row(name, users);
                if let (USERS, Some(found)) = (users, row.and_then(|row| row.ceiling.as_ref())) {
                    let what = format!("{name}, over {}", found.with);
                    let bar = Bar::at_least(what, found.ratio, *bar);
                    self.report.bars.push(bar);
                }
            }
        }
        Ok(())
    }

    /// One cell. Returns operations per second.
    fn measure(
        &mut self,
        scenario: &Scenario<'_>,
        users: usize,
        ceiling: Option<&str>,
    ) -> Result<f64> {
        let Scenario { name, server, plan } = scenario;
        let timing = self.timing;
        let measured = self
            .runtime
            .block_on(async {
                let mut workers = Vec::new();
                for number in 0..users {
                    workers.push(plan.prepare(server.port, number).await?);
                }
                drive(server, workers, timing).await
            })
            .map_err(|error| format!("{name}, {users} users: {error}"))?;
        let ceiling = ceiling
            .and_then(|with| self.report.row(with, users))
            .map(|row| Comparison {
                with: row.scenario.trim_end_matches(" (ceiling)").to_owned(),
                ratio: measured.per_second / row.measured.per_second,
                cpu_ratio: row.measured.cpu_microseconds / measured.cpu_microseconds,
            });
        let row = Row {
            scenario: (*name).to_owned(),
            users,
            measured,
            ceiling,
        };
        eprintln!("{}", line(&row));
        self.report.rows.push(row);
        Ok(measured.per_second)
    }

    fn start(&mut self, arguments: &[&str]) -> Result<Server> {
        let folder = self.folder.sub()?;
        Server::start(&self.cores, folder.as_ref(), arguments)
    }

    fn start_countersign(&mut self, algorithm: &str, passwords: &str) -> Result<Server> {
        let folder = self.folder.sub()?;
        self.start(&["serve-countersign", &folder, algorithm, passwords])
    }
}

fn mean(one: f64, other: f64) -> f64 {
    (one + other) / 2.0
}

/// A folder beside this program, for databases need a real disk; gone when dropped.
struct Folder {
    path: PathBuf,
    next: usize,
}

impl Folder {
    fn make() -> Result<Folder> {
        let name = format!("bench-data-{}", std::process::id());
        let path = std::env::current_exe()?.with_file_name(name);
        std::fs::create_dir_all(&path)?;
        Ok(Folder { path, next: 0 })
    }

    /// A new folder in it.
    fn sub(&mut self) -> Result<String> {
        self.next += 1;
        let path = self.path.join(self.next.to_string());
        std::fs::create_dir(&path)?;
        Ok(path.display().to_string())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left = std::fs::remove_dir_all(&self.path);
    }
}
