//! Adding and removing single addresses of a client.

use countersign_oauth::client_metadata::ClientMetadata;

use super::ClientError;

/// A list of addresses that a client registers (RFC 7591, section 2; OpenID Connect RP-Initiated
/// Logout 1.0, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressList {
    RedirectUris,
    PostLogoutRedirectUris,
}

impl AddressList {
    /// The member of the client metadata.
    #[must_use]
    pub fn member(self) -> &'static str {
        match self {
            Self::RedirectUris => "redirect_uris",
            Self::PostLogoutRedirectUris => "post_logout_redirect_uris",
        }
    }

    fn of(self, metadata: &mut ClientMetadata) -> &mut Vec<String> {
        match self {
            Self::RedirectUris => &mut metadata.redirect_uris,
            Self::PostLogoutRedirectUris => &mut metadata.post_logout_redirect_uris,
        }
    }
}

/// One address that comes or goes; the others of the list stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressChange {
    /// One that is registered already stays where it is.
    Add(AddressList, String),
    Remove(AddressList, String),
}

impl AddressChange {
    pub(super) fn apply(&self, metadata: &mut ClientMetadata) -> Result<(), ClientError> {
        match self {
            Self::Add(list, uri) => {
                let registered = list.of(metadata);
                if !registered.contains(uri) {
                    registered.push(uri.clone());
                }
            }
            Self::Remove(list, uri) => {
                let registered = list.of(metadata);
                let before = registered.len();
                registered.retain(|known| known != uri);
                if registered.len() == before {
                    return Err(ClientError::NotRegistered {
                        list: *list,
                        uri: uri.clone(),
                    });
                }
            }
        }
        Ok(())
    }
}
