//! The model's own tests.
mod histories;
mod interleavings;
mod mutants;
mod reference;
