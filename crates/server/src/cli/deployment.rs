//! The deployment that a command works on.

use super::failure::Failure;
use super::global::Global;
use crate::deployment::Deployment;

/// Opens it, beside a running server or without one.
pub async fn open(global: &Global) -> Result<Deployment, Failure> {
    let effective = global.load(Vec::new())?;
    let deployment = Deployment::open_to_manage(effective.configuration)?;
    deployment.check_instance().await?;
    Ok(deployment)
}
