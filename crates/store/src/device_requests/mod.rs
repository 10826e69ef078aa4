//! Device authorization requests (RFC 8628): what a device without a browser asked for, until a
//! person approves or denies it, or until it expires.
//!
//! A request is a record of its own, because the device asks before anyone is signed in. Its id
//! becomes the grant's: approval writes the grant ([`crate::grants::Origin::Device`]), and
//! redeeming the device code is the same act as redeeming a code. What is decided here is whether
//! a device may poll ([`decide_poll`]) and whether a person's answer counts ([`decide_approval`],
//! [`decide_denial`]).

mod decide;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::acts::Record;
use crate::consents::ConsentStep;
use crate::grants::NewGrant;
use crate::{ActId, Epoch, GrantId, SecretHash, StoreError};

pub use decide::{decide_approval, decide_creation, decide_denial, decide_grant, decide_poll};

/// The format in which this program writes device requests. It reads this one and older ones; a
/// newer one is [`StoreError::NewerRecord`].
pub const FORMAT: i64 = 1;

/// By how much polling too early raises the interval (RFC 8628, section 3.5: "the interval MUST be
/// increased by 5 seconds for this and all subsequent requests").
pub const SLOW_DOWN_SECONDS: i64 = 5;

/// The acts on device requests. Each is atomic, and is durable when it returns.
///
/// # Errors
/// Every act returns a [`StoreError`] as [`crate::grants::Grants`] describes.
#[async_trait]
pub trait DeviceRequests: Send + Sync {
    /// Writes a request that has no answer yet. Returns `false`, and writes nothing, if another
    /// request that is still kept has its user code or its id.
    ///
    /// # Errors
    /// A [`StoreError`], as [`DeviceRequests`] describes.
    async fn create_device_request(
        &self,
        request: &NewDeviceRequest,
        now: i64,
    ) -> Result<bool, StoreError>;

    /// The request with this id.
    ///
    /// # Errors
    /// A [`StoreError`], as [`DeviceRequests`] describes.
    async fn device_request(&self, id: &GrantId) -> Result<Option<DeviceRequest>, StoreError>;

    /// The request with this user code.
    ///
    /// # Errors
    /// A [`StoreError`], as [`DeviceRequests`] describes.
    async fn device_request_with_user_code(
        &self,
        user_code: &SecretHash,
    ) -> Result<Option<DeviceRequest>, StoreError>;

    /// A device asks whether its request was approved (RFC 8628, section 3.4). See [`decide_poll`].
    ///
    /// # Errors
    /// A [`StoreError`], as [`DeviceRequests`] describes.
    async fn poll_device_request(
        &self,
        act: &PollDeviceRequest,
        now: i64,
    ) -> Result<PollOutcome, StoreError>;

    /// A user approves the request: writes the consent and the grant, whose voucher is the device
    /// code. See [`decide_approval`] and [`decide_grant`].
    ///
    /// # Errors
    /// A [`StoreError`], as [`DeviceRequests`] describes.
    async fn approve_device_request(
        &self,
        act: &ApproveDeviceRequest,
        now: i64,
    ) -> Result<AnswerOutcome, StoreError>;

    /// A user denies the request. See [`decide_denial`].
    ///
    /// # Errors
    /// A [`StoreError`], as [`DeviceRequests`] describes.
    async fn deny_device_request(
        &self,
        act: &DenyDeviceRequest,
        now: i64,
    ) -> Result<AnswerOutcome, StoreError>;
}

/// A request as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRequest {
    /// Becomes the grant's id, and is half of the device code.
    pub id: GrantId,
    pub client_id: String,
    /// The client's epoch when it authenticated for this request.
    pub client_epoch: Epoch,
    /// Space-separated, as far as the client may have it.
    pub scope: String,
    /// What the tokens are for (RFC 8707, section 2); empty means the issuer.
    pub resources: Vec<String>,
    pub device_code: SecretHash,
    /// A user code is short, so its hash does not hide it from anyone who can read the store. It
    /// is worth something for minutes only.
    pub user_code: SecretHash,
    pub requested_from: RequestedFrom,
    pub answer: Answer,
    /// How long the device has to wait between two polls, in seconds.
    pub interval_seconds: i64,
    /// When the device last polled, in Unix seconds.
    pub polled_at: Option<i64>,
    pub created_at: i64,
    /// Nothing is approved, and no token issued, from this second on.
    pub expires_at: i64,
    /// Until when an open form may name the request. It is collected
    /// [`crate::COLLECT_AFTER_SECONDS`] after that.
    pub keep_until: i64,
    /// The record's version.
    pub written_by: ActId,
}

impl Record for DeviceRequest {
    type Key = GrantId;

    fn written_by(&self) -> ActId {
        self.written_by
    }
}

/// What a person has decided about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Pending,
    /// There is a grant with the request's id.
    Approved(Answered),
    Denied(Answered),
}

/// Who answered, when, and by which act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The user's `sub`.
    pub sub: String,
    /// Unix seconds.
    pub at: i64,
    pub by: ActId,
}

/// Where a request came from, as far as it is known. The person who approves it is shown this.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedFrom {
    /// The network address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What the program calls itself. It can say anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
}

/// A new request.
#[derive(Debug, Clone)]
pub struct NewDeviceRequest {
    pub id: GrantId,
    pub client_id: String,
    /// As read when the client authenticated.
    pub client_epoch: Epoch,
    pub scope: String,
    /// What the tokens are for (RFC 8707, section 2); empty means the issuer.
    pub resources: Vec<String>,
    pub device_code: SecretHash,
    pub user_code: SecretHash,
    pub requested_from: RequestedFrom,
    pub interval_seconds: i64,
    /// Unix seconds.
    pub expires_at: i64,
    /// Unix seconds.
    pub keep_until: i64,
}

/// A device presents its device code.
#[derive(Debug, Clone)]
pub struct PollDeviceRequest {
    pub id: GrantId,
    pub presented: SecretHash,
    /// The authenticated client.
    pub client_id: String,
    /// Its epoch, as read when it authenticated.
    pub client_epoch: Epoch,
}

/// What a poll came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollOutcome {
    /// It is approved: the grant can be redeemed. Nothing changed.
    Approved,
    /// No one has answered yet. The time of this poll is kept.
    Pending,
    /// The device polled before its interval was over, and the interval is longer now.
    SlowDown { interval_seconds: i64 },
    /// A user denied it. Nothing changed.
    Denied,
    /// Too late. Nothing changed.
    Expired { expired_at: i64 },
    /// No such request, or a wrong secret to one. Nothing changed.
    Unknown,
    /// The device code is another client's. Nothing changed.
    ForeignClient,
    /// Everything of the client has ended since it asked. Nothing changed.
    ClientEnded,
}

/// A user approves a request.
#[derive(Debug, Clone)]
pub struct ApproveDeviceRequest {
    /// The grant that it becomes, under the request's id. Its scope is what is left of the
    /// request's, and `parents.client` is the client's epoch as read for this act.
    pub grant: NewGrant,
    /// What happens to the user's consent to the client in the same act.
    pub consent: ConsentStep,
}

/// A user denies a request.
#[derive(Debug, Clone)]
pub struct DenyDeviceRequest {
    pub id: GrantId,
    /// The user's `sub`.
    pub sub: String,
}

/// What a person's answer to a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerOutcome {
    /// It is the request's answer now.
    Taken,
    /// The same user gave the same answer before. Nothing changed.
    Repeated,
    /// It was answered otherwise, or by another user. Nothing changed.
    AnsweredBefore,
    /// Too late. Nothing changed.
    Expired { expired_at: i64 },
    /// No such request, or everything of its client has ended since. Nothing changed.
    Unknown,
}
