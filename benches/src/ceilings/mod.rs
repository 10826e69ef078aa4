//! The least that each scenario could cost: servers that do what is unavoidable and nothing else.

pub mod hello;
pub mod model;
pub mod sign;
pub mod verify;
