//! PostgreSQL, a real one: COUNTERSIGN_TEST_POSTGRES_URL names it. A schema of its own for each
//! test.

use std::sync::Arc;
use std::time::Duration;

use countersign_jose::{base64url, random};
use countersign_store::GrantStore;
use countersign_store::suite::processes;
use countersign_store::suite::proxy::Proxy;
use countersign_store_sql::Postgres;
use countersign_store_sql::postgres::Options;
use tokio_postgres::NoTls;

const URL: &str = "COUNTERSIGN_TEST_POSTGRES_URL";

/// A schema that goes when the test ends.
struct Schema {
    server: String,
    name: String,
}

impl Schema {
    async fn new() -> Option<Schema> {
        let Ok(server) = std::env::var(URL) else {
            let in_ci = std::env::var("CI").as_deref() == Ok("true");
            assert!(!in_ci, "{URL} is not set");
            println!("SKIPPED: {URL} is not set, so PostgreSQL is not tried");
            return None;
        };
        let name = base64url::encode(random::bytes::<9>());
        let name = name.replace(['-', '_'], "x").to_lowercase();
        let name = format!("suite_{name}");
        tell(&server, &format!("CREATE SCHEMA {name}")).await;
        Some(Schema { server, name })
    }

    fn url(&self) -> String {
        let Schema { server, name } = self;
        let separator = if server.contains('?') { '&' } else { '?' };
        format!("{server}{separator}options=-c%20search_path%3D{name}")
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let server = self.server.clone();
        let sql = format!("DROP SCHEMA {} CASCADE", self.name);
        // A runtime of its own: the test's may be at its end.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.enable_all().build().expect("a runtime");
            runtime.block_on(tell(&server, &sql));
        });
        let _left_behind = dropped.join();
    }
}

async fn tell(server: &str, sql: &str) {
    let connected = tokio_postgres::connect(server, NoTls).await;
    let (client, connection) = connected.expect("the database answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect("it does as told");
    drop(client);
    connection.await.expect("ends").expect("ends well");
}

async fn open(url: &str) -> Arc<dyn GrantStore> {
    let mut options = Options::new(url);
    options.max_connections = 24;
    options.timeout = Duration::from_secs(60);
    options.act_deadline = Duration::from_secs(60);
    let store = Postgres::connect(&options).await;
    Arc::new(store.expect("the database answers"))
}

async fn fresh() -> Option<(Arc<dyn GrantStore>, Schema)> {
    let schema = Schema::new().await?;
    Some((open(&schema.url()).await, schema))
}

countersign_store::grant_store_tests!(crate::postgres::fresh);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_racers_in_two_processes_one_wins() {
    if let Some(schema) = Schema::new().await {
        let url = schema.url();
        processes::race(open(&url).await, &url, "postgres::racers").await;
    }
}

#[test]
#[ignore = "a child process's part; the test above starts it"]
fn racers() {
    processes::racers(|url| async move { open(&url).await });
}

/// A store that reaches its server through a proxy that can cut off a response, beside one that
/// does not.
async fn through_a_proxy(schema: &Schema) -> (Arc<dyn GrantStore>, Arc<dyn GrantStore>, Proxy) {
    let url = schema.url();
    let config: tokio_postgres::Config = url.parse().expect("a URL");
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let proxy = Proxy::start(([127, 0, 0, 1], port).into()).await;
    let proxied = url.replace(
        &format!(":{port}/"),
        &format!(":{}/", proxy.address().port()),
    );
    assert_ne!(proxied, url, "the URL names its port");
    (open(&url).await, open(&proxied).await, proxy)
}

macro_rules! lost_responses {
    ($($name:ident),*) => {
        mod lost_responses {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(schema) = super::Schema::new().await else { return };
                let (direct, proxied, proxy) = super::through_a_proxy(&schema).await;
                countersign_store::suite::lost_responses::$name(&direct, &proxied, &proxy).await;
            }
        )*}
    };
}

lost_responses!(
    of_a_redemption,
    of_a_rotation,
    of_an_ending,
    of_an_issue,
    of_every_other_act,
    of_a_rotation_with_another_in_between,
    of_a_redemption_with_another_in_between,
    of_a_sign_in_with_a_sign_out_in_between,
    of_a_renewal_with_another_in_between,
    of_a_sign_out_with_another_in_between,
    of_the_end_of_a_client_session_with_a_new_one_in_between,
    of_a_join_with_a_sign_out_in_between,
    of_a_consent_with_its_withdrawal_in_between,
    of_a_withdrawal_with_a_new_consent_in_between,
    of_a_users_ending_with_another_in_between,
    of_a_clients_disabling_with_its_enabling_in_between,
    of_a_claim_to_a_name_with_an_ending_in_between,
    of_a_deletion_with_another_in_between,
    of_64_rotations_at_once,
    of_64_renewals_at_once,
    of_64_sign_outs_at_once,
    of_64_withdrawals_at_once,
    of_64_disablings_at_once
);
