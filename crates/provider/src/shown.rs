//! Clients and accounts as pages show them.

use crate::accounts::Account;
use crate::clients::Client;
use crate::pages::{AccountView, ClientView};

impl<'a> From<&'a Client> for ClientView<'a> {
    fn from(client: &'a Client) -> ClientView<'a> {
        ClientView {
            name: client.display_name(),
            logo: None,
            client_uri: client.metadata.client_uri.as_deref(),
            policy_uri: client.metadata.policy_uri.as_deref(),
            tos_uri: client.metadata.tos_uri.as_deref(),
            unverified: !client.vouched,
        }
    }
}

/// A client with its logo, which is at an address of our own.
pub fn with_logo<'a>(client: Option<&'a Client>, logo: Option<&'a str>) -> Option<ClientView<'a>> {
    client.map(|client| ClientView {
        logo,
        ..client.into()
    })
}

impl<'a> From<&'a Account> for AccountView<'a> {
    fn from(account: &'a Account) -> AccountView<'a> {
        AccountView {
            name: account.display_name(),
            username: &account.username,
        }
    }
}
