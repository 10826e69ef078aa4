//! A schema of a test's own in the PostgreSQL that COUNTERSIGN_TEST_POSTGRES_URL names.

use countersign_jose::{base64url, random};
use countersign_store_sql::Postgres;
use countersign_store_sql::postgres::Options;
use tokio_postgres::NoTls;

const URL: &str = "COUNTERSIGN_TEST_POSTGRES_URL";

/// A schema that goes when the test is done with it.
pub struct Schema {
    server: String,
    pub name: String,
}

impl Schema {
    pub async fn new() -> Option<Schema> {
        let Ok(server) = std::env::var(URL) else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "{URL} is not set"
            );
            println!("SKIPPED: {URL} is not set, so PostgreSQL is not tried");
            return None;
        };
        let name = base64url::encode(random::bytes::<9>())
            .replace(['-', '_'], "x")
            .to_lowercase();
        let schema = Schema {
            server,
            name: format!("test_{name}"),
        };
        schema.tell(&format!("CREATE SCHEMA {}", schema.name)).await;
        Some(schema)
    }

    pub fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!(
            "{}{separator}options=-c%20search_path%3D{}",
            self.server, self.name
        )
    }

    pub async fn open(&self) -> Postgres {
        Postgres::connect(&Options::new(self.url()))
            .await
            .expect("the database answers")
    }

    pub async fn tell(&self, sql: &str) {
        tell(&self.server, sql).await;
    }

    /// Makes the rows of a table those of a newer program.
    pub async fn make_newer(&self, table: &str) {
        let sql = format!("UPDATE {}.{table} SET format = 1000", self.name);
        self.tell(&sql).await;
    }

    /// Kind, `sub` and `client_id` of what was told, in its order.
    pub async fn events(&self) -> Vec<(String, Option<String>, Option<String>)> {
        let (client, connection) = tokio_postgres::connect(&self.url(), NoTls)
            .await
            .expect("the database answers");
        let connection = tokio::spawn(connection);
        let sql = "SELECT kind, sub, client_id FROM events ORDER BY id";
        let rows = client.query(sql, &[]).await.expect("returns");
        drop(client);
        connection.await.expect("ends").expect("ends well");
        rows.iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect()
    }
}

impl Drop for Schema {
    /// A test's runtime may not wait here, so another one does.
    fn drop(&mut self) {
        let server = self.server.clone();
        let sql = format!("DROP SCHEMA {} CASCADE", self.name);
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(tell(&server, &sql));
        });
        if dropped.join().is_err() {
            println!("the schema {} stays", self.name);
        }
    }
}

async fn tell(server: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(server, NoTls)
        .await
        .expect("the database answers");
    let connection = tokio::spawn(connection);
    client
        .batch_execute(sql)
        .await
        .expect("it does as it is told");
    drop(client);
    connection.await.expect("ends").expect("ends well");
}
