//! Nothing but a list of dependencies: every crate of the workspace has this one among its
//! `dev-dependencies`.
//!
//! Cargo unifies the features of whatever is built together, so `cargo test -p countersign-jose`
//! would build other variants of the same dependencies than `cargo test --workspace` does, and
//! switching between the two would compile tokio and everything above it twice. This crate names
//! each dependency with the features that the whole workspace uses, so that one crate's tests are
//! built from the same dependencies as all crates' tests.
//!
//! It has no version where it is named, so that `cargo publish` leaves it out, and no user ever
//! builds it. `tests/harness/dependencies.py` fails when a crate does not have it or when something
//! is missing from it.
