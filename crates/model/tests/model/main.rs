//! The model's own tests.
mod browser_sessions;
mod histories;
mod interleavings;
mod mutants;
mod reference;
