//! A store that records which acts are requested, fails those that it is told to fail, and can let
//! something else happen right before one.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use countersign_store::access_tokens::{CheckAccessToken, NewAccessToken};
use countersign_store::clients::{
    Client, ClientSecrets, ClientStanding, UpdateClient, UpdateClientOutcome,
};
use countersign_store::consents::Consent;
use countersign_store::device_requests::{
    AnswerOutcome, ApproveDeviceRequest, DenyDeviceRequest, DeviceRequest, NewDeviceRequest,
    PollDeviceRequest, PollOutcome,
};
use countersign_store::events::{OutboxLimits, StoredEvent};
use countersign_store::grants::{
    EndCause, EndGrantOutcome, GrantView, IssueCode, IssueOutcome, Redeem, RedeemOutcome,
    RotateOutcome, RotateRefreshToken, TokenState,
};
use countersign_store::instance::Instance;
use countersign_store::keys::{ChangeKeys, ChangeKeysOutcome, SigningKeyRecord};
use countersign_store::listing::WantedGrants;
use countersign_store::logout::{
    ClientSessionsOf, DroppedLogoutCalls, ListedClientSession, LogoutCall, LogoutCallLimits,
    NewLogoutCall, SettledLogoutCall,
};
use countersign_store::personal_tokens::{
    CreatePersonalToken, CreatePersonalTokenOutcome, RevokePersonalToken,
    RevokePersonalTokenOutcome, StoredChange, UpdatePersonalToken, UpdatePersonalTokenOutcome,
    WantedChanges,
};
use countersign_store::registration::{
    InitialAccessToken, RegisterClient, RegisterOutcome, Registration,
};
use countersign_store::replay::{Use, UseKey};
use countersign_store::resources::{ChangeResource, ChangeResourceOutcome, Resource};
use countersign_store::restoration::NewEpochs;
use countersign_store::sessions::{
    BrowserSession, ClientSession, RenewOutcome, RenewSession, SessionView,
};
use countersign_store::setup::{SetupLinkState, SetupOutcome};
use countersign_store::standing::{StandingChange, StandingOutcome};
use countersign_store::subjects::Subject;
use countersign_store::throttle::{Attempt, Count};
use countersign_store::users::{
    CreateUserOutcome, Credential, NewUser, UpdateUser, UpdateUserOutcome, User,
};
use countersign_store::{
    ClientSessionId, Epoch, GrantId, Housekeeping, SecretHash, SessionId, Store, StoreError,
    clients, consents, device_requests, events, grants, instance, keys, listing, logout,
    personal_tokens, registration, replay, resources, restoration, sessions, setup, subjects,
    throttle, users,
};

/// Another store, observed.
pub struct ObservedStore {
    inner: Arc<dyn Store>,
    acts: Mutex<Vec<&'static str>>,
    broken: Mutex<HashMap<&'static str, Breakage>>,
    before: Mutex<HashMap<&'static str, Interruption>>,
}

type Interruption =
    Box<dyn FnOnce(Arc<dyn Store>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// How an act fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    Unavailable,
    Corrupt,
}

impl ObservedStore {
    pub fn new(inner: Arc<dyn Store>) -> ObservedStore {
        ObservedStore {
            inner,
            acts: Mutex::default(),
            broken: Mutex::default(),
            before: Mutex::default(),
        }
    }

    /// The acts since the last call, in order.
    pub fn take_acts(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.acts.lock().expect("not poisoned"))
    }

    /// From now on this act fails.
    pub fn break_act(&self, name: &'static str, how: Breakage) {
        self.broken.lock().expect("not poisoned").insert(name, how);
    }

    /// From now on no act fails.
    pub fn repair(&self) {
        self.broken.lock().expect("not poisoned").clear();
    }

    /// Right before the next such act, after everything that its caller has read, this happens.
    pub fn before<F>(
        &self,
        name: &'static str,
        happens: impl FnOnce(Arc<dyn Store>) -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let happens: Interruption = Box::new(|store| Box::pin(happens(store)));
        self.before
            .lock()
            .expect("not poisoned")
            .insert(name, happens);
    }

    /// Whether everything that was to happen has happened.
    pub fn is_quiet(&self) -> bool {
        self.before.lock().expect("not poisoned").is_empty()
    }

    async fn meet(&self, name: &'static str) -> Result<(), StoreError> {
        self.acts.lock().expect("not poisoned").push(name);
        let interruption = self.before.lock().expect("not poisoned").remove(name);
        if let Some(happens) = interruption {
            happens(Arc::clone(&self.inner)).await;
        }
        match self.broken.lock().expect("not poisoned").get(name) {
            None => Ok(()),
            Some(Breakage::Unavailable) => Err(StoreError::Unavailable("switched off".to_owned())),
            Some(Breakage::Corrupt) => Err(StoreError::corrupt(name, "1", "made unreadable")),
        }
    }
}

macro_rules! acts {
    ($($trait:path {
        $($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*
    })*) => {$(
        #[async_trait]
        impl $trait for ObservedStore {$(
            async fn $name(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                self.meet(stringify!($name)).await?;
                self.inner.$name($($argument),*).await
            }
        )*}
    )*};
}

acts! {
    grants::Grants {
        issue_code(act: &IssueCode, now: i64) -> IssueOutcome;
        redeem(act: &Redeem, now: i64) -> RedeemOutcome;
        grant(id: &GrantId) -> Option<GrantView>;
        rotate_refresh_token(act: &RotateRefreshToken, now: i64) -> RotateOutcome;
        check_access_token(check: &CheckAccessToken, now: i64) -> TokenState;
        insert_access_token(token: &NewAccessToken, now: i64) -> ();
        end_grant(id: &GrantId, client_id: Option<&str>, cause: EndCause, now: i64) -> EndGrantOutcome;
        deny_access_token(jti: &SecretHash, until: i64, now: i64) -> ();
        delete_all_codes(now: i64) -> u64;
    }
    sessions::Sessions {
        start_session(session: &BrowserSession, replaces: Option<&SessionId>, now: i64) -> ();
        renew_session(act: &RenewSession, now: i64) -> RenewOutcome;
        session(id: &SessionId) -> Option<SessionView>;
        end_session(id: &SessionId, now: i64) -> Vec<ClientSession>;
        end_client_session(sid: &ClientSessionId, now: i64) -> bool;
        client_session(browser_session: &SessionId, client_id: &str) -> Option<ClientSession>;
        client_session_named(sid: &ClientSessionId) -> Option<ClientSession>;
    }
    subjects::Subjects {
        create_subject(sub: &str, epoch: Epoch, now: i64) -> bool;
        subject(sub: &str) -> Option<Subject>;
        change_subject_standing(sub: &str, change: &StandingChange, now: i64) -> StandingOutcome;
        delete_subject(sub: &str, now: i64) -> bool;
    }
    consents::Consents {
        consent(sub: &str, client_id: &str) -> Option<Consent>;
        consents_of(sub: &str) -> Vec<Consent>;
        withdraw_consent(sub: &str, client_id: &str, now: i64) -> bool;
    }
    clients::ClientEpochs {
        create_client(client: &Client) -> bool;
        client(client_id: &str) -> Option<Client>;
        change_client_standing(client_id: &str, change: &StandingChange, now: i64) -> StandingOutcome;
    }
    clients::Clients {
        client_standing(client_id: &str) -> Option<ClientStanding>;
        list_clients(after: &str, limit: u32) -> Vec<Client>;
        update_client(act: &UpdateClient, now: i64) -> UpdateClientOutcome;
        reseal_client_secrets(client_id: &str, revision: i64, secrets: &ClientSecrets) -> UpdateClientOutcome;
        delete_client(client_id: &str, now: i64) -> bool;
    }
    registration::Registrations {
        register_client(act: &RegisterClient, now: i64) -> RegisterOutcome;
        registration(client_id: &str) -> Option<Registration>;
        rotate_registration_token(client_id: &str, presented: &SecretHash, next: &SecretHash) -> bool;
        settle_registration_token(client_id: &str, presented: &SecretHash) -> ();
        set_vouched(client_id: &str, vouched: bool) -> bool;
        create_initial_access_token(token: &InitialAccessToken, now: i64) -> ();
        initial_access_tokens() -> Vec<InitialAccessToken>;
        delete_initial_access_token(id: &str, now: i64) -> bool;
    }
    users::Users {
        create_user(user: &NewUser, now: i64) -> CreateUserOutcome;
        sub_named(name: &str) -> Option<String>;
        credential(sub: &str) -> Option<Credential>;
        user(sub: &str) -> Option<User>;
        user_named(name: &str) -> Option<User>;
        update_user(act: &UpdateUser, now: i64) -> UpdateUserOutcome;
        list_users(after: &str, limit: u32) -> Vec<User>;
        set_password(sub: &str, password_hash: &str, now: i64) -> bool;
        password_parameters() -> Vec<String>;
        upgrade_password_hash(sub: &str, old: &str, new: &str, now: i64) -> bool;
        delete_user(sub: &str, now: i64) -> bool;
    }
    device_requests::DeviceRequests {
        create_device_request(request: &NewDeviceRequest, now: i64) -> bool;
        device_request(id: &GrantId) -> Option<DeviceRequest>;
        device_request_with_user_code(user_code: &SecretHash) -> Option<DeviceRequest>;
        poll_device_request(act: &PollDeviceRequest, now: i64) -> PollOutcome;
        approve_device_request(act: &ApproveDeviceRequest, now: i64) -> AnswerOutcome;
        deny_device_request(act: &DenyDeviceRequest, now: i64) -> AnswerOutcome;
    }
    personal_tokens::PersonalTokens {
        create_personal_token(act: &CreatePersonalToken, now: i64) -> CreatePersonalTokenOutcome;
        update_personal_token(act: &UpdatePersonalToken, now: i64) -> UpdatePersonalTokenOutcome;
        revoke_personal_token(act: &RevokePersonalToken, now: i64) -> RevokePersonalTokenOutcome;
        personal_tokens_of(sub: &str) -> Vec<GrantView>;
        personal_token_changes(wanted: &WantedChanges, limit: u32) -> Vec<StoredChange>;
    }
    keys::Keys {
        signing_keys() -> Vec<SigningKeyRecord>;
        change_signing_keys(act: &ChangeKeys, now: i64) -> ChangeKeysOutcome;
    }
    resources::Resources {
        resources() -> Vec<Resource>;
        change_resource(act: &ChangeResource, now: i64) -> ChangeResourceOutcome;
    }
    setup::Setup {
        put_setup_link(link: &SecretHash, expires_at: i64, now: i64) -> bool;
        setup_link(link: &SecretHash, now: i64) -> SetupLinkState;
        create_administrator(link: &SecretHash, user: &NewUser, now: i64) -> SetupOutcome;
    }
    throttle::Throttle {
        count_attempts(counts: &[Count], now: i64) -> Attempt;
        settle_attempts(forget: &[Count], give_back: &[Count], counted_at: i64) -> ();
    }
    replay::Replays {
        use_once(key: &UseKey, until: i64, now: i64) -> Use;
    }
    events::Events {
        claim_events(limit: u32, claimed_until: i64, now: i64) -> Vec<StoredEvent>;
        finish_events(ids: &[i64], now: i64) -> ();
    }
    logout::LogoutCalls {
        client_sessions(of: ClientSessionsOf<'_>, after: Option<&ClientSessionId>, limit: u32) -> Vec<ListedClientSession>;
        add_logout_calls(calls: &[NewLogoutCall], now: i64) -> ();
        clients_with_due_logout_calls(now: i64) -> Vec<String>;
        claim_logout_calls(client_id: &str, limit: u32, claimed_until: i64, now: i64) -> Vec<LogoutCall>;
        settle_logout_calls(settled: &[SettledLogoutCall]) -> ();
        drop_logout_calls(limits: &LogoutCallLimits, batch: u32) -> Vec<DroppedLogoutCalls>;
    }
    instance::Instances {
        adopt_instance(proposed: &Instance) -> Instance;
        replace_sealed(before: &Instance, after: &Instance) -> bool;
        instance() -> Option<Instance>;
    }
    listing::Listing {
        list_grants(wanted: &WantedGrants, after: Option<&GrantId>, limit: u32) -> Vec<GrantView>;
        list_sessions(sub: Option<&str>, after: Option<&SessionId>, limit: u32) -> Vec<SessionView>;
    }
    restoration::Restoration {
        end_everything_restored(new: &NewEpochs, now: i64) -> u64;
    }
    Housekeeping {
        collect(limits: &OutboxLimits, batch: u32, now: i64) -> u64;
        ready() -> ();
        close() -> ();
        clock_milliseconds() -> Option<i64>;
    }
}
