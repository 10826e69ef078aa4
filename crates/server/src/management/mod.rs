//! What the command line does to a deployment, apart from how it is asked and shown: accounts, clients, signing keys.
//!
//! It works on the store beside a running server, by the same acts as the server itself.

mod accounts;
mod clients;
mod setup_link;
mod signing_keys;

use countersign_web::clock::{Clock, SystemClock};

pub use accounts::{AccountError, AccountRequest, Accounts};
pub use clients::{ClientError, Clients, Registration, client_information, metadata_of};
pub use setup_link::new_setup_link;
pub use signing_keys::{SigningKeyError, SigningKeys, import_configured};

/// The machine's clock in Unix seconds: a command is an edge that owns one.
#[must_use]
pub fn now() -> i64 {
    SystemClock::new().now()
}
