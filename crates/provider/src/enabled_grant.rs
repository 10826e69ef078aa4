//! A grant type that is enabled, by its own name or by the name of a flow.

use std::fmt;
use std::str::FromStr;

use countersign_oauth::flow_name::FlowName;
use countersign_oauth::grant_type::GrantType;
use countersign_settings::{Kind, Setting, spelling, written_as_text};

/// Every grant type of this server (RFC 6749, sections 1.3 and 6; RFC 8628, section 3.4).
pub const GRANT_TYPES: [GrantType; 4] = [
    GrantType::AuthorizationCode,
    GrantType::RefreshToken,
    GrantType::ClientCredentials,
    GrantType::DeviceCode,
];

/// One name in `grants.enabled`: a grant type of this server, or a flow that uses some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnabledGrant {
    GrantType(GrantType),
    Flow(FlowName),
}

impl EnabledGrant {
    /// Every grant type of this server.
    #[must_use]
    pub fn every() -> Vec<EnabledGrant> {
        GRANT_TYPES.map(EnabledGrant::GrantType).to_vec()
    }

    /// Whether it enables the grant type.
    #[must_use]
    pub fn enables(self, grant_type: GrantType) -> bool {
        match self {
            Self::GrantType(enabled) => enabled == grant_type,
            Self::Flow(flow) => flow.grant_types().contains(&grant_type),
        }
    }

    /// The names that may be written.
    fn names() -> impl Iterator<Item = &'static str> {
        let flows = FlowName::ALL.into_iter().filter(|flow| is_served(*flow));
        let grant_types = GRANT_TYPES.into_iter().map(GrantType::as_str);
        grant_types.chain(flows.map(FlowName::as_str))
    }
}

/// `all` is every flow.
fn is_served(flow: FlowName) -> bool {
    let mut grant_types = flow.grant_types().iter();
    flow == FlowName::All || grant_types.all(|grant_type| GRANT_TYPES.contains(grant_type))
}

impl FromStr for EnabledGrant {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let grant_type = GrantType::parse(name).filter(|known| GRANT_TYPES.contains(known));
        let flow = FlowName::parse(name).filter(|flow| is_served(*flow));
        match (grant_type, flow) {
            (Some(grant_type), _) => Ok(Self::GrantType(grant_type)),
            (None, Some(flow)) => Ok(Self::Flow(flow)),
            (None, None) => Err(unknown(name)),
        }
    }
}

fn unknown(name: &str) -> String {
    let max_edits = name.len().div_ceil(3);
    let meant = spelling::near(name, EnabledGrant::names(), max_edits);
    match meant.first() {
        Some(meant) => {
            format!("{name} is not a grant type of this server. Did you mean `{meant}`?")
        }
        None => {
            let names: Vec<String> = EnabledGrant::names()
                .map(|name| format!("`{name}`"))
                .collect();
            format!(
                "{name} is not a grant type of this server. It has {}.",
                names.join(", ")
            )
        }
    }
}

impl fmt::Display for EnabledGrant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GrantType(grant_type) => grant_type.fmt(formatter),
            Self::Flow(flow) => flow.fmt(formatter),
        }
    }
}

impl Setting for EnabledGrant {
    const KIND: Kind = Kind::Text;
}

written_as_text!(EnabledGrant);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_grant_type_or_a_flow_that_there_is() {
        for name in EnabledGrant::names() {
            let read: EnabledGrant = name.parse().expect(name);
            assert_eq!(read.to_string(), name);
        }
        for (name, said) in [
            ("client_credential", "Did you mean `client_credentials`?"),
            ("authorizationcode", "Did you mean `authorizationCode`?"),
            ("device-code", "Did you mean `device_code`?"),
            ("password", "It has `authorization_code`,"),
            ("passwordMfa", "It has `authorization_code`,"),
            ("implicit", "It has `authorization_code`,"),
            (
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "Did you mean `urn:ietf:params:oauth:grant-type:device_code`?",
            ),
        ] {
            let message = name.parse::<EnabledGrant>().expect_err(name);
            assert!(message.contains(said), "{name}: {message}");
        }
    }
}
