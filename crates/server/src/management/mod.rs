//! What the command line does to a deployment, apart from how it is asked and shown: accounts, clients, signing keys.
//!
//! It works on the store beside a running server, by the same acts as the server itself.

mod accounts;
mod clients;
mod setup_link;
mod signing_keys;

pub use accounts::{AccountError, AccountRequest, Accounts};
pub use clients::{ClientError, Clients, Registration, client_information, metadata_of};
pub use setup_link::new_setup_link;
pub use signing_keys::{SigningKeyError, SigningKeys, import_configured};

/// The machine's clock in Unix seconds.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "a command is an edge that owns a clock"
)]
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
