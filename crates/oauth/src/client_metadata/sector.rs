//! Subject types, and the sector of a client with pairwise subjects (OpenID Connect Core, section
//! 8; OIDC Registration, section 5).
//!
//! Clients of one sector know a user by the same `sub`. The sector is the host of
//! `sector_identifier_uri`, or else the only host of the redirect URIs. An address on the user's
//! own machine does not identify a client: if it were a sector, all such applications would know a
//! user by the same `sub`. So a client that has only such addresses, or none, must have a
//! `sector_identifier_uri`. The code that registers the client fetches the list at that address.

use url::Url;

use crate::issuer::is_loopback_host;

use super::fault::ClientMetadataFault as Fault;
use super::uris::printable;
use super::{ClientMetadata, ClientPolicy};

impl ClientMetadata {
    /// Whether the client knows users by a `sub` of its own sector. Default `public`.
    pub fn is_pairwise(&self) -> bool {
        self.subject_type.as_deref() == Some(PAIRWISE)
    }

    /// The sector of the client, a host in lower case.
    ///
    /// # Errors
    /// Returns [`ClientMetadataFault::SectorMissing`](Fault::SectorMissing) or
    /// [`ClientMetadataFault::SectorsDiffer`](Fault::SectorsDiffer).
    pub fn sector(&self) -> Result<String, Fault> {
        if let Some(uri) = &self.sector_identifier_uri {
            return host_of(uri).ok_or(Fault::SectorMissing);
        }
        let mut hosts = self.redirect_uris.iter().map(|uri| host_of(uri));
        let first = hosts.next().flatten().ok_or(Fault::SectorMissing)?;
        match hosts.find(|other| other.as_ref() != Some(&first)) {
            None => Ok(first),
            Some(None) => Err(Fault::SectorMissing),
            Some(Some(other)) => Err(Fault::SectorsDiffer {
                first: printable(&first),
                other: printable(&other),
            }),
        }
    }
}

pub(super) fn check_subject_type(
    metadata: &ClientMetadata,
    policy: &ClientPolicy,
) -> Result<(), Fault> {
    let member = "subject_type";
    match metadata.subject_type.as_deref() {
        None | Some("public") => Ok(()),
        Some(PAIRWISE) if policy.acts_on(member) => metadata.sector().map(drop),
        Some(PAIRWISE) => Err(Fault::MemberNotSupported { member }),
        Some(value) => Err(Fault::UnknownValue {
            member,
            value: printable(value),
        }),
    }
}

/// The host of an address that belongs to someone, and not to each user's own machine.
fn host_of(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    let own = matches!(url.scheme(), "https" | "http");
    let host = url.host().filter(|host| own && !is_loopback_host(host))?;
    Some(host.to_string())
}

const PAIRWISE: &str = "pairwise";
