//! What a field may hold beyond texts and numbers: each type is read once, when the configuration
//! is, and says what to write.

mod addresses;
mod issuer;
mod log_filter;
mod network;
mod outbound_target;
mod secrets;

pub use addresses::ListenAddress;
pub use issuer::ProviderIssuer;
pub use log_filter::LogFilter;
pub use network::Network;
pub use outbound_target::OutboundTarget;
pub(crate) use secrets::repeats_a_few;
pub use secrets::{MASK, Secret, SecretKey, StoreUrl};
