//! The use cases against the memory store, with a fixed clock and seeded randomness.

mod clients;
mod keys;
mod users;
mod world;
