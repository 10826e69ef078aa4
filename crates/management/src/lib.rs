//! What an operator or a program may do to the clients, users, grants, sessions, resources and keys
//! of a deployment.
//!
//! The command line calls these use cases; client registration, an admin API and pages call the
//! same ones. They work on the store while a server runs, with the same acts as the server itself.
//! Nothing here prints, reads a configuration, or owns a clock: `now` is Unix seconds from the
//! caller, and the errors say what happened and leave advice to the caller that shows them.

mod act;
pub mod clients;
pub mod codes;
mod context;
pub mod grants;
pub mod initial_access_tokens;
pub mod keys;
pub mod passwords;
pub mod personal_tokens;
pub mod resealing;
pub mod resources;
pub mod restoration;
pub mod sessions;
pub mod setup;
pub mod users;

pub use context::{Actor, Context};
