//! An axum application that carries the provider below `/auth`, beside its own pages.
//!
//! `cargo run -p countersign-example-embed` prints a link to set it up with. A real host keeps its
//! store in a database and its key in a safe place: both are forgotten when this one ends.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use countersign_management::{Actor, Context, setup};
use countersign_provider::random::{self, SystemRandom};
use countersign_provider::seal::{Keyring, SealingKey};
use countersign_provider::{HousekeepingSettings, Issuer, Memory, Provider, Store};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1);
    let listener =
        tokio::net::TcpListener::bind(address.unwrap_or("127.0.0.1:8081".into())).await?;
    let issuer = Issuer::parse(&format!("http://{}/auth", listener.local_addr()?))?;
    let (store, random) = (
        Arc::new(Memory::new()) as Arc<dyn Store>,
        Arc::new(SystemRandom),
    );
    let sealing = Keyring::new(SealingKey::new(1, random::bytes()));

    let provider = Provider::builder(issuer.clone(), store.clone(), sealing)
        .build()
        .await?;
    let _housekeeping = provider.start_housekeeping(HousekeepingSettings::default());

    let actor = Actor::Server;
    let context = Context {
        issuer: issuer.clone(),
        store,
        random,
        actor,
    };
    if let Some(link) = setup::new_setup_link(&context, 900, provider.now()).await? {
        println!("Make yourself the administrator: {}", *link);
    }

    let app = Router::new()
        .route(
            "/",
            get(|| async { Html(r#"<a href="/auth/account">Sign in</a>"#) }),
        )
        .merge(provider.router())
        .fallback(|| async { "a page of the application's own" });
    // The provider counts attempts by network address, so it must be told who is asking.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, app).await?)
}
