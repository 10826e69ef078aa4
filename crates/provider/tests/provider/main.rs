//! The provider over its real router: one file per endpoint or journey, and the attacks.

mod sign_in;
