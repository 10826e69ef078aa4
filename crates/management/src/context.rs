//! What every use case needs: the store, the randomness, and who is acting.

use std::fmt;
use std::sync::Arc;

use countersign_jose::random::Random;
use countersign_oauth::issuer::Issuer;
use countersign_store::Store;

/// A deployment's issuer, store and randomness, and on whose behalf it is managed.
#[derive(Clone)]
pub struct Context {
    pub issuer: Issuer,
    pub store: Arc<dyn Store>,
    pub random: Arc<dyn Random>,
    pub actor: Actor,
}

/// Who is acting, as the log names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Someone at the command line, identified by the operating system's user name or number.
    CommandLine { os_user: String },
    /// The server itself: at its start, or the quickstart for its demo application.
    Server,
    /// The bearer of a setup link.
    SetupLink,
    /// A user, for themselves.
    User,
    /// A client that registers itself or manages its registration.
    Client,
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine { os_user } => write!(formatter, "cli:{os_user}"),
            Self::Server => formatter.write_str("server"),
            Self::SetupLink => formatter.write_str("setup_link"),
            Self::User => formatter.write_str("user"),
            Self::Client => formatter.write_str("client"),
        }
    }
}
