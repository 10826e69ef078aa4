//! The use cases against the memory store, with a fixed clock and seeded randomness.

mod client_secrets;
mod clients;
mod key_import;
mod keys;
mod sectors;
mod users;
mod world;
