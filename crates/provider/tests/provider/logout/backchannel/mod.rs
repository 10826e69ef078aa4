//! OpenID Connect Back-Channel Logout 1.0, with real applications at real sockets.

pub mod causes;
mod delivery;
mod endings;
mod load;
pub mod stage;
mod token;
