//! The one name by which a client's certificate is known (RFC 8705, section 2.1.2).

use std::net::IpAddr;

use crate::client_metadata::ClientMetadata;

use super::DistinguishedName;

/// A name in a certificate, by the metadata member that registers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateName {
    /// `tls_client_auth_subject_dn`.
    SubjectDn(DistinguishedName),
    /// `tls_client_auth_san_dns`.
    SanDns(String),
    /// `tls_client_auth_san_uri`.
    SanUri(String),
    /// `tls_client_auth_san_ip`.
    SanIp(IpAddr),
    /// `tls_client_auth_san_email`.
    SanEmail(String),
}

impl CertificateName {
    /// The name that a client with the method `tls_client_auth` registered.
    ///
    /// # Errors
    /// Returns a [`CertificateNameFault`] unless there is exactly one and it has the form of its
    /// kind.
    pub fn registered(metadata: &ClientMetadata) -> Result<Self, CertificateNameFault> {
        let members = [
            (
                "tls_client_auth_subject_dn",
                &metadata.tls_client_auth_subject_dn,
            ),
            ("tls_client_auth_san_dns", &metadata.tls_client_auth_san_dns),
            ("tls_client_auth_san_uri", &metadata.tls_client_auth_san_uri),
            ("tls_client_auth_san_ip", &metadata.tls_client_auth_san_ip),
            (
                "tls_client_auth_san_email",
                &metadata.tls_client_auth_san_email,
            ),
        ];
        let mut given = members
            .into_iter()
            .filter_map(|(member, value)| value.as_deref().map(|value| (member, value)));
        match (given.next(), given.next()) {
            (Some((member, value)), None) => {
                Self::read(member, value).ok_or(CertificateNameFault::Malformed { member })
            }
            _ => Err(CertificateNameFault::NotOne),
        }
    }

    fn read(member: &str, value: &str) -> Option<Self> {
        let text = Some(value.to_owned()).filter(|text| {
            !text.is_empty() && text.is_ascii() && !text.contains(|c: char| c.is_ascii_whitespace())
        });
        match member {
            "tls_client_auth_subject_dn" => DistinguishedName::parse(value).map(Self::SubjectDn),
            "tls_client_auth_san_dns" => text
                .filter(|name| !name.contains(['/', ':', '@', '*']))
                .map(Self::SanDns),
            "tls_client_auth_san_uri" => text
                .filter(|name| url::Url::parse(name).is_ok())
                .map(Self::SanUri),
            "tls_client_auth_san_ip" => value.parse().ok().map(Self::SanIp),
            _ => text
                .filter(|name| {
                    let halves = name.split_once('@');
                    halves.is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
                })
                .map(Self::SanEmail),
        }
    }

    /// Whether two names of one kind are the same: a host without regard to case (RFC 5280,
    /// sections 7.2 and 7.5), an address in its binary form, anything else octet by octet.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::SanDns(one), Self::SanDns(other)) => one.eq_ignore_ascii_case(other),
            (Self::SanEmail(one), Self::SanEmail(other)) => {
                match (one.rsplit_once('@'), other.rsplit_once('@')) {
                    (Some((local, host)), Some((other_local, other_host))) => {
                        local == other_local && host.eq_ignore_ascii_case(other_host)
                    }
                    _ => false,
                }
            }
            (one, other) => one == other,
        }
    }
}

/// Why a client has no name for its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateNameFault {
    #[error("not exactly one tls_client_auth member is registered")]
    NotOne,
    #[error("{member} does not have the form of such a name")]
    Malformed { member: &'static str },
}
