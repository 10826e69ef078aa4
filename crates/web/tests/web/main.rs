//! The web side without the provider.

mod another_side;
