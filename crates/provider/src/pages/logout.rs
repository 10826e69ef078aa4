//! Sign-out: the question, and what follows where the browser does not go back to a client.
//!
//! OpenID Connect RP-Initiated Logout 1.0, sections 2 (asking the person) and 3 (going back to the
//! client); Front-Channel Logout 1.0, section 3 (frames of the applications).

use countersign_web::pages::view::{Value, context_of, web_address};
use countersign_web::pages::{AccountView, ClientView, View};
use http::StatusCode;
use serde::{Serialize, Serializer};
use url::Url;

/// Asks whether to sign out. Posts `interaction` and `decision` (`confirm` or `cancel`).
/// Ids: `logout-confirm`, `logout-cancel`.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct LogoutView<'a> {
    /// Where the form posts to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The sealed logout request, bound to the browser.
    pub interaction: &'a str,
    /// Which application asks, if known.
    pub client: Option<ClientView<'a>>,
    /// Who is signed in, if known.
    pub account: Option<AccountView<'a>>,
    /// After the sign-out the browser goes to a proven `post_logout_redirect_uri`.
    #[serde(skip)]
    pub returns_to_client: bool,
    /// What of the request was not used.
    pub problem: Option<LogoutProblem>,
}

/// What of a logout request was not used. Each kind has a fixed text of its own, after which the
/// person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogoutProblem {
    /// `id_token_hint` is not one of our ID tokens, or is another client's.
    Hint,
    /// It is not known who asks.
    Client,
    /// `post_logout_redirect_uri` is not registered.
    ReturnAddress,
    /// More than the form can carry.
    TooLong,
    /// The parameters could not be read.
    Unreadable,
    /// The form came back too late or from another browser.
    Confirmation,
}

impl LogoutProblem {
    pub const ALL: [LogoutProblem; 6] = [
        LogoutProblem::Hint,
        LogoutProblem::Client,
        LogoutProblem::ReturnAddress,
        LogoutProblem::TooLong,
        LogoutProblem::Unreadable,
        LogoutProblem::Confirmation,
    ];

    /// The status of a page that asks because of it.
    fn status(self) -> StatusCode {
        match self {
            LogoutProblem::Confirmation => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl View for LogoutView<'_> {
    fn template(&self) -> &'static str {
        "logout.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    fn status(&self) -> StatusCode {
        self.problem.map_or(StatusCode::OK, LogoutProblem::status)
    }

    fn may_lead_to_client(&self) -> bool {
        self.returns_to_client
    }
}

/// Says that the person is signed out, where the browser does not go back to a client by itself.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct LoggedOutView<'a> {
    /// The person chose to stay signed in.
    pub stayed: bool,
    /// A proven way back to the application; left out unless it is http(s).
    #[serde(serialize_with = "web_address")]
    pub continue_url: Option<&'a str>,
    /// The application that `continue_url` belongs to.
    pub client: Option<ClientView<'a>>,
    /// Of the applications that are told by a frame (Front-Channel Logout, section 3).
    #[serde(serialize_with = "addresses")]
    pub frames: &'a [Url],
    /// The browser goes to `continue_url` by itself in a moment.
    pub returns: bool,
    /// What of the request was not used.
    pub problem: Option<LogoutProblem>,
}

fn addresses<S: Serializer>(frames: &&[Url], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(frames.iter().map(Url::as_str))
}

impl View for LoggedOutView<'_> {
    fn template(&self) -> &'static str {
        "logged_out.html"
    }

    fn status(&self) -> StatusCode {
        match self.problem {
            Some(problem @ (LogoutProblem::Unreadable | LogoutProblem::Confirmation)) => {
                problem.status()
            }
            _ => StatusCode::OK,
        }
    }

    fn context(&self) -> Value {
        context_of(self)
    }

    fn frames(&self) -> &[Url] {
        self.frames
    }
}
