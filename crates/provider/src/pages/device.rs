//! The pages on which a person connects a device (RFC 8628, section 3.3).

use countersign_web::pages::view::{Value, context_of};
use countersign_web::pages::{AccountView, ClientView, View, Wait};
use http::StatusCode;
use serde::Serialize;

use super::ScopeView;

/// The form for the code that the device shows. Posts `interaction` and `user_code`.
/// Ids: `device-code`, `device-continue`, `device-alert`, `device-linked`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct DeviceCodeView<'a> {
    /// Where the form posts to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The sealed form.
    pub interaction: &'a str,
    /// The link that led here has a code. It is not shown: the person types the device's.
    pub linked: bool,
    /// What was typed before, or empty.
    pub user_code: &'a str,
    /// Why the form is shown again.
    pub alert: Option<DeviceCodeAlert>,
}

/// Why the form is shown again. One text for every code that is not accepted, so that it tells no
/// one which codes were used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeviceCodeAlert {
    /// No request waits under this code.
    Rejected,
    /// It is not the code of the link that led here.
    NotTheLinks,
    /// The page was open for too long.
    Expired,
    /// Too many wrong codes.
    Throttled {
        /// Until the next code is looked at.
        #[serde(flatten)]
        wait: Wait,
    },
}

impl DeviceCodeAlert {
    /// Too many wrong codes; the next is looked at after `wait_seconds`.
    pub fn throttled(wait_seconds: u64) -> DeviceCodeAlert {
        DeviceCodeAlert::Throttled {
            wait: Wait::seconds(wait_seconds),
        }
    }
}

impl View for DeviceCodeView<'_> {
    fn template(&self) -> &'static str {
        "device_code.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    fn status(&self) -> StatusCode {
        match self.alert {
            Some(DeviceCodeAlert::Throttled { .. }) => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::OK,
        }
    }
}

/// The page that asks about a device's request. Posts `interaction` and `decision` (`allow`, `deny`
/// or `other`).
/// Ids: `device-deny`, `device-allow`, `device-other`, `device-warning`, `device-request`,
/// `device-address`, `device-program`, `device-elsewhere`, `device-stays`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct DeviceApprovalView<'a> {
    /// Where the form posts to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The sealed interaction.
    pub interaction: &'a str,
    /// Who asks.
    pub client: ClientView<'a>,
    /// Who is asked.
    pub account: AccountView<'a>,
    /// What is asked for, in the order in which it is to be shown.
    pub scopes: &'a [ScopeView<'a>],
    /// Where the request came from.
    pub requested_from: RequestedFromView<'a>,
    /// The person's own address, if the request came from another network.
    pub address_here: Option<&'a str>,
    /// The client can keep its access for long.
    pub stays: bool,
}

/// Where a device's request came from, and when.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct RequestedFromView<'a> {
    /// The network address.
    pub address: Option<&'a str>,
    /// What the program calls itself.
    pub user_agent: Option<&'a str>,
    /// Whole minutes since.
    pub minutes_ago: u64,
}

impl View for DeviceApprovalView<'_> {
    fn template(&self) -> &'static str {
        "device_approval.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }
}

/// The last page. Id: `device-answered`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct DeviceAnsweredView<'a> {
    /// Who asked.
    pub client: ClientView<'a>,
    /// What the person decided.
    pub allowed: bool,
}

impl View for DeviceAnsweredView<'_> {
    fn template(&self) -> &'static str {
        "device_answered.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }
}
