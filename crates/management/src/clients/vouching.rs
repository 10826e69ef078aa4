//! Whether an operator still vouches for a client that manages its own registration (RFC 7592).
//!
//! An initial access token vouches for what was registered with it. A client may later remove parts
//! of that. If it adds or renames something, people would see, or be sent to, something that no
//! operator has seen. So such a change withdraws the voucher, before the change is written. An
//! operator can vouch again with [`Clients::vouch`].

use countersign_oauth::client_metadata::ClientMetadata;
use countersign_oauth::scope::Scope;
use countersign_store::clients::{Client, UpdateClient, UpdateClientOutcome};
use serde_json::{Map, Value};

use super::registration::{members_of, metadata_of};
use super::{ClientError, Clients};
use crate::act::Target;

/// Lists from which entries may be removed, but to which none may be added.
const LISTS: [&str; 2] = ["redirect_uris", "post_logout_redirect_uris"];

/// Texts that may be removed but not changed, in any language (`client_name#de`): people see them,
/// or their browsers are sent there.
const TEXTS: [&str; 7] = [
    "client_name",
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "frontchannel_logout_uri",
    "initiate_login_uri",
];

/// Whether `after` contains nothing that `before` did not contain.
///
/// # Errors
/// Returns [`ClientError::Metadata`] if either can't be written as JSON.
pub(super) fn is_within(
    after: &ClientMetadata,
    before: &ClientMetadata,
) -> Result<bool, ClientError> {
    let (new, old) = (members_of(after)?, members_of(before)?);
    let lists = LISTS.iter().all(|name| is_sublist(&new, &old, name));
    let texts = new
        .iter()
        .filter(|(name, _)| TEXTS.contains(&name.split('#').next().unwrap_or_default()))
        .all(|(name, value)| old.get(name) == Some(value));
    let grant_types = before.grant_types();
    let grants = after
        .grant_types()
        .iter()
        .all(|new| grant_types.contains(new));
    Ok(lists && texts && grants && is_narrower(after.allowed_scope(), before.allowed_scope()))
}

fn is_sublist(new: &Map<String, Value>, old: &Map<String, Value>, name: &str) -> bool {
    let entries = |members: &Map<String, Value>| -> Vec<Value> {
        let list = members.get(name).and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    let old = entries(old);
    entries(new).iter().all(|entry| old.contains(entry))
}

/// Without a `scope`, a client may ask for any scope.
fn is_narrower(new: Option<Scope>, old: Option<Scope>) -> bool {
    match (new, old) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(new), Some(old)) => new.is_subset_of(&old),
    }
}

impl Clients {
    /// Vouches for a client that registered itself, as an initial access token does. The consent
    /// page then no longer says that it registered itself. `now` is Unix seconds.
    ///
    /// # Errors
    /// Returns [`ClientError::Unknown`], [`ClientError::NotSelfRegistered`],
    /// [`ClientError::Contended`] or [`ClientError::Store`].
    pub async fn vouch(&self, client_id: &str, now: i64) -> Result<Client, ClientError> {
        let result = async {
            let client = self.find(client_id).await?;
            if !self.context.store.set_vouched(client_id, true).await? {
                return Err(ClientError::NotSelfRegistered(client_id.to_owned()));
            }
            // A new revision, so that cached copies of the client are read again.
            let act = UpdateClient {
                client_id: client_id.to_owned(),
                revision: client.revision,
                metadata: None,
                secrets: None,
                owner: None,
            };
            match self.context.store.update_client(&act, now).await? {
                UpdateClientOutcome::Updated => self.find(client_id).await,
                UpdateClientOutcome::ChangedMeanwhile => {
                    // The client itself may have changed what was vouched for.
                    self.context.store.set_vouched(client_id, false).await?;
                    // What was cached of that change in between was cached as vouched for.
                    self.renew_revision(client_id, now).await?;
                    Err(ClientError::Contended(client_id.to_owned()))
                }
                UpdateClientOutcome::Unknown => Err(ClientError::Unknown(client_id.to_owned())),
            }
        }
        .await;
        let target = Target::client(client_id);
        self.context.log("client.vouch", target, &result);
        result
    }

    /// Whether an operator vouches for the client; `None` for one that the operator registered.
    ///
    /// # Errors
    /// Returns [`ClientError::Store`].
    pub async fn is_vouched(&self, client_id: &str) -> Result<Option<bool>, ClientError> {
        let registration = self.context.store.registration(client_id).await?;
        Ok(registration.map(|registration| registration.vouched))
    }

    /// Withdraws the voucher of a client that is about to change into something that no one vouched
    /// for.
    pub(super) async fn withdraw_voucher(&self, client: &Client) -> Result<(), ClientError> {
        self.context
            .store
            .set_vouched(&client.client_id, false)
            .await?;
        let withdrawn: Result<(), ClientError> = Ok(());
        let target = Target::client(&client.client_id);
        self.context
            .log("client.withdraw_voucher", target, &withdrawn);
        withdrawn
    }
}

/// Whether the client, with this metadata, is still covered by its voucher.
///
/// # Errors
/// Returns [`ClientError::Metadata`] if it is not client metadata.
pub(super) fn stays_within(
    client: &Client,
    members: &Map<String, Value>,
) -> Result<bool, ClientError> {
    let after = ClientMetadata::from_object(members.clone())?;
    is_within(&after, &metadata_of(client)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_client_may_take_away_and_not_add() {
        let before = json!({
            "client_name": "Shop", "client_name#de": "Laden", "client_uri": "https://a.example/",
            "redirect_uris": ["https://a.example/1", "https://a.example/2"],
            "grant_types": ["authorization_code", "refresh_token"], "scope": "openid a",
        });
        let metadata = |value: &Value| {
            let members = value.as_object().expect("an object").clone();
            ClientMetadata::from_object(members).expect("metadata")
        };
        for (member, value, expected) in [
            ("client_name", json!("Shop"), true),
            ("client_name", json!("Bank"), false),
            ("client_name", json!(null), true),
            ("client_name#de", json!("Bank"), false),
            ("client_name#fr", json!("Banque"), false),
            ("client_uri", json!("https://b.example/"), false),
            ("logo_uri", json!("https://a.example/logo.png"), false),
            ("redirect_uris", json!(["https://a.example/2"]), true),
            ("redirect_uris", json!(["https://a.example/3"]), false),
            (
                "post_logout_redirect_uris",
                json!(["https://a.example/"]),
                false,
            ),
            (
                "frontchannel_logout_uri",
                json!("https://a.example/out"),
                false,
            ),
            ("grant_types", json!(["authorization_code"]), true),
            (
                "grant_types",
                json!(["authorization_code", "client_credentials"]),
                false,
            ),
            ("scope", json!("openid"), true),
            ("scope", json!("openid b"), false),
            ("scope", json!(null), false),
            ("contacts", json!(["a@example.org"]), true),
            ("jwks_uri", json!("https://a.example/jwks"), true),
        ] {
            let mut after = before.clone();
            after[member] = value.clone();
            let within = is_within(&metadata(&after), &metadata(&before)).expect("JSON");
            assert_eq!(within, expected, "{member}: {value}");
        }
        let mut any = before.clone();
        any["scope"] = json!(null);
        assert!(is_within(&metadata(&before), &metadata(&any)).expect("JSON"));
    }
}
