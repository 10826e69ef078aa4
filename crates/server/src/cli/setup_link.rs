//! `countersign setup-link`: a new link that makes the first administrator.

use clap::Args;

use super::deployment;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::global::Global;
use super::output;
use crate::management::{new_setup_link, now};

#[derive(Debug, Args)]
pub struct SetupLink {}

impl SetupLink {
    pub async fn run(&self, global: &Global) -> Result<(), Failure> {
        let deployment = deployment::open(global).await?;
        let lifetime = deployment.configuration.setup.link_lifetime_seconds;
        let issuer = &deployment.configuration.issuer;
        let Some(link) = new_setup_link(&*deployment.store, issuer, lifetime, now()).await? else {
            let message = "there is an administrator already, so no setup link is valid any more. Sign in as them.";
            return Err(Failure::new(ExitCode::Conflict, message));
        };
        let value = serde_json::json!({ "setup_link": &**link, "expires_in": lifetime });
        output::print(global.json, &value, &format!("{}\n", &**link))
    }
}
