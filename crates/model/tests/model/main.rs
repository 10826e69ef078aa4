//! The model's own tests.
mod histories;
