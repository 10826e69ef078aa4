//! Which addresses belong to the public internet.
//!
//! The tables follow the IANA special-purpose address registries ([RFC 6890]). IPv6 is closed
//! unless it is global unicast; an address with an IPv4 address inside is treated as that one.
//!
//! [RFC 6890]: https://www.rfc-editor.org/rfc/rfc6890

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address isn't public; `None` for one that is.
#[must_use]
pub fn refusal(address: IpAddr) -> Option<AddressClass> {
    match address {
        IpAddr::V4(address) => refusal_v4(address),
        IpAddr::V6(address) => refusal_v6(address),
    }
}

/// What an address is, if it isn't public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressClass {
    /// `0.0.0.0/8` ("this network"), `::`.
    Unspecified,
    /// `127.0.0.0/8`, `::1`.
    Loopback,
    /// RFC 1918, and `fc00::/7` (RFC 4193).
    Private,
    /// `100.64.0.0/10`, carrier-grade NAT (RFC 6598).
    SharedAddressSpace,
    /// `169.254.0.0/16`, where clouds keep their metadata service, and `fe80::/10`.
    LinkLocal,
    /// `224.0.0.0/4`, `ff00::/8`.
    Multicast,
    /// The limited broadcast address.
    Broadcast,
    /// Examples in documents.
    Documentation,
    /// `198.18.0.0/15`.
    Benchmarking,
    /// Tunnels and translators that hide another address: 6to4, Teredo, local NAT64,
    /// IPv4-compatible.
    Tunnel,
    /// Assigned to protocols, reserved, or not global unicast.
    Reserved,
}

impl AddressClass {
    /// A noun for messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::SharedAddressSpace => "shared address space",
            Self::LinkLocal => "link-local",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Documentation => "documentation",
            Self::Benchmarking => "benchmarking",
            Self::Tunnel => "tunnel",
            Self::Reserved => "reserved",
        }
    }
}

impl fmt::Display for AddressClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

fn refusal_v4(address: Ipv4Addr) -> Option<AddressClass> {
    match address.octets() {
        [0, ..] => Some(AddressClass::Unspecified),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some(AddressClass::Private),
        [100, 64..=127, ..] => Some(AddressClass::SharedAddressSpace),
        [127, ..] => Some(AddressClass::Loopback),
        [169, 254, ..] => Some(AddressClass::LinkLocal),
        [192, 0, 0, _] => Some(AddressClass::Reserved),
        [192, 88, 99, _] => Some(AddressClass::Tunnel),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some(AddressClass::Documentation),
        [198, 18..=19, ..] => Some(AddressClass::Benchmarking),
        [224..=239, ..] => Some(AddressClass::Multicast),
        [255, 255, 255, 255] => Some(AddressClass::Broadcast),
        [240..=255, ..] => Some(AddressClass::Reserved),
        _ => None,
    }
}

fn refusal_v6(address: Ipv6Addr) -> Option<AddressClass> {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return refusal_v4(mapped);
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(AddressClass::Unspecified),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(AddressClass::Loopback),
        // IPv4-compatible (RFC 4291, section 2.5.5.1, deprecated).
        [0, 0, 0, 0, 0, 0, _, _] => Some(AddressClass::Tunnel),
        // The well-known NAT64 prefix (RFC 6052, section 2.1): the translator connects to the last
        // four octets.
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => {
            let [.., a, b, c, d] = address.octets();
            refusal_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Local-use NAT64 (RFC 8215): where it leads, only that network knows.
        [0x64, 0xff9b, 1, ..] => Some(AddressClass::Tunnel),
        // Protocol assignments: Teredo, ORCHID, benchmarking and their neighbours (RFC 2928).
        [0x2001, 0..=0x1ff, ..] => Some(AddressClass::Tunnel),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Some(AddressClass::Documentation),
        // 6to4 (RFC 3056).
        [0x2002, ..] => Some(AddressClass::Tunnel),
        [0xfc00..=0xfdff, ..] => Some(AddressClass::Private),
        // Link-local, and the abandoned site-local prefix beside it (RFC 3879).
        [0xfe80..=0xfeff, ..] => Some(AddressClass::LinkLocal),
        [0xff00..=0xffff, ..] => Some(AddressClass::Multicast),
        [0x2000..=0x3fff, ..] => None,
        _ => Some(AddressClass::Reserved),
    }
}
