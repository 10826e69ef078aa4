//! Name resolution, and the check of its result.
//!
//! The check is between the resolver and the socket: the addresses that were checked are the ones
//! that are connected to, so a name that resolves differently the second time (DNS rebinding) gains
//! nothing.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use crate::address::{self, AddressClass};
use crate::allow_list::{AllowList, normal_host};

/// Looks up the addresses of a host name.
pub trait Resolver: Send + Sync {
    /// All addresses of `host`, best first.
    fn resolve(&self, host: &str) -> Resolution;
}

/// What [`Resolver::resolve`] returns.
pub type Resolution = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// The operating system's resolver (`getaddrinfo`).
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve(&self, host: &str) -> Resolution {
        let host = host.to_owned();
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((host, 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    }
}

/// Whether a host name means this machine (RFC 6761, section 6.3).
pub(crate) fn is_loopback_name(host: &str) -> bool {
    let host = normal_host(host);
    host == "localhost" || host.ends_with(".localhost")
}

/// An address that the policy doesn't reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} is not public: {class}")]
pub(crate) struct Refused {
    pub(crate) address: IpAddr,
    pub(crate) class: AddressClass,
}

/// Checks the address of a host, a literal or a resolved one.
pub(crate) fn check_address(allow: &AllowList, host: &str, address: IpAddr) -> Result<(), Refused> {
    // The name of this machine leads to this machine or nowhere: plain http is allowed to it.
    if is_loopback_name(host) && !address.to_canonical().is_loopback() {
        return Err(Refused {
            address,
            class: AddressClass::Reserved,
        });
    }
    match address::refusal(address) {
        None => Ok(()),
        Some(_) if allow.names_host(host) || allow.names_address(address) => Ok(()),
        Some(class) => Err(Refused { address, class }),
    }
}

/// The name has no address.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address: {0}")]
pub(crate) struct Unresolved(String);

/// A resolver that lets only reachable addresses through.
pub(crate) struct CheckedResolver {
    pub(crate) allow: AllowList,
    pub(crate) inner: Arc<dyn Resolver>,
}

impl reqwest::dns::Resolve for CheckedResolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let host = name.as_str().to_owned();
        let allow = self.allow.clone();
        let resolution = self.inner.resolve(&host);
        Box::pin(async move {
            let addresses = resolution
                .await
                .map_err(|error| Unresolved(error.to_string()))?;
            let mut refused = None;
            let mut reachable = Vec::with_capacity(addresses.len());
            for address in addresses {
                match check_address(&allow, &host, address) {
                    Ok(()) => reachable.push(SocketAddr::new(address, 0)),
                    Err(refusal) => refused = refused.or(Some(refusal)),
                }
            }
            match refused {
                _ if !reachable.is_empty() => {
                    Ok(Box::new(reachable.into_iter()) as reqwest::dns::Addrs)
                }
                Some(refusal) => Err(refusal.into()),
                None => Err(Unresolved("no record".to_owned()).into()),
            }
        })
    }
}
