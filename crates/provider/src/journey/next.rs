//! "What next?", one pure function of the interaction, the session and the consent. What it returns
//! carries what the next step needs, so no step can be taken without it.

use countersign_oauth::scope::Scope;
use countersign_store::consents::{Consent, ConsentBasis};
use countersign_store::sessions::BrowserSession;

use super::destination::{ClientRequest, Destination, OwnPage};
use super::fault::JourneyFault;
use super::interaction::Interaction;
use crate::authorization_request::target::RedirectTarget;
use crate::device_request::proven::ProvenDeviceRequest;
use crate::subjects::Subjects;

/// What comes next in a journey.
#[derive(Debug, Clone)]
pub enum Next<'a> {
    SignIn,
    SelectAccount(Authenticated<'a>),
    Consent(&'a ClientRequest, Authenticated<'a>),
    /// The client gets its code.
    Finish(Permitted<'a>),
    /// A page of our own is opened.
    Open(OwnPage),
    /// The user is asked about a device's request.
    AskAboutDevice(&'a ProvenDeviceRequest, Authenticated<'a>),
    /// The device gets what it asked for.
    ApproveDevice(&'a ProvenDeviceRequest, Authenticated<'a>),
    Refuse(JourneyFault),
}

/// A session that is fresh enough for the destination, of a user whom it did not exclude.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated<'a>(&'a BrowserSession);

impl<'a> Authenticated<'a> {
    pub fn session(self) -> &'a BrowserSession {
        self.0
    }
}

/// A request that its authenticated user allowed, or their operator did.
#[derive(Debug, Clone)]
pub struct Permitted<'a> {
    client_request: &'a ClientRequest,
    user: Authenticated<'a>,
    basis: Basis<'a>,
}

impl<'a> Permitted<'a> {
    pub fn client_request(&self) -> &'a ClientRequest {
        self.client_request
    }

    pub fn session(&self) -> &'a BrowserSession {
        self.user.session()
    }

    pub fn basis(&self) -> &Basis<'a> {
        &self.basis
    }
}

/// What a permission is based on.
#[derive(Debug, Clone)]
pub enum Basis<'a> {
    /// A remembered consent of the user; the grant belongs to it.
    Remembered(&'a Consent),
    /// The operator's `insecure_skip_consent`. The grant belongs to the existing consent, whatever
    /// that covers, or otherwise to one that remembers nothing.
    Skipped(Option<&'a Consent>),
    /// The user gave it just now, and it is to be recorded.
    GivenNow,
}

/// What the user just decided, if the request that came in was a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    None,
    /// Allow on the page that asks for consent or about a device, by the user who was shown it.
    Allowed,
}

/// Everything on which the next step depends.
pub struct State<'a> {
    pub interaction: &'a Interaction,
    pub session: Option<&'a BrowserSession>,
    /// Of the session's user to the client.
    pub consent: Option<&'a Consent>,
    pub decision: Decision,
    pub subjects: &'a Subjects,
    pub now: i64,
}

impl State<'_> {
    /// Whether the user has signed in in this very authorization.
    pub fn is_proved_here(&self) -> bool {
        let proved_in = self.session.and_then(|session| session.proved_in);
        proved_in == Some(self.interaction.id)
    }
}

/// What comes next.
///
/// - A session counts if it is as fresh as `max_age` asks, and if `prompt=login` asked for a proof
///   in this very journey, then only with one (OpenID Connect Core, sections 3.1.2.1 and 3.1.2.3).
/// - An account is chosen by its own user: if another user has signed in since, that user is asked
///   again.
/// - With `prompt=none` whatever would need a page is an error (section 3.1.2.6).
/// - A client's request needs consent: for what is not remembered, and with `prompt=consent`
///   always.
/// - A device's request is asked about each time, whatever is remembered and whatever the operator
///   skips: no one but the person in front of the device knows whose it is (RFC 8628, section 5.4).
pub fn what_next<'a>(state: &State<'a>) -> Next<'a> {
    let interaction = state.interaction;
    let demand = interaction.destination.demand();
    let interactive = |page: Next<'a>, otherwise: JourneyFault| match demand.prompt.none {
        true => Next::Refuse(otherwise),
        false => page,
    };
    let Some(session) = state.session.filter(|session| is_fresh(session, state)) else {
        return interactive(Next::SignIn, JourneyFault::LoginRequired);
    };
    let proved_here = state.is_proved_here();
    if !demand.takes(state.subjects, &session.sub) {
        return match proved_here {
            true => Next::Refuse(JourneyFault::OtherUserThanHinted),
            false => interactive(Next::SignIn, JourneyFault::LoginRequired),
        };
    }
    // OpenID Connect Core, section 5.5.1.1: an essential class that can't be reached is a failed
    // sign-in.
    if demand
        .acr
        .as_ref()
        .is_some_and(|acr| !acr.takes(session.acr.as_deref()))
    {
        return Next::Refuse(JourneyFault::AcrNotReached);
    }
    let user = Authenticated(session);
    let chosen = proved_here || interaction.chosen.as_ref() == Some(&session.sub);
    if demand.prompt.select_account && !chosen {
        return Next::SelectAccount(user);
    }
    let client_request = match &interaction.destination {
        Destination::Client(client_request) => &**client_request,
        Destination::OwnPage(page) => return Next::Open(*page),
        Destination::Device(proven) if state.decision == Decision::Allowed => {
            return Next::ApproveDevice(proven, user);
        }
        Destination::Device(proven) => return Next::AskAboutDevice(proven, user),
    };
    match permission(client_request, state) {
        Some(basis) => Next::Finish(Permitted {
            client_request,
            user,
            basis,
        }),
        None => interactive(
            Next::Consent(client_request, user),
            JourneyFault::ConsentRequired,
        ),
    }
}

/// On what the request may be granted; `None` if the user is to be asked.
fn permission<'a>(client_request: &ClientRequest, state: &State<'a>) -> Option<Basis<'a>> {
    let ClientRequest { target, request } = client_request;
    let asks_always = request.demand.prompt.consent;
    if state.decision == Decision::Allowed {
        return Some(Basis::GivenNow);
    }
    // RFC 9700, section 4.11.2: to a client that no one vouches for, only the user's own act leads.
    let client = target.client();
    if client.vouched && client.metadata.skips_consent() && !asks_always {
        return Some(Basis::Skipped(state.consent));
    }
    // What the operator skipped was never the user's own act, and is not remembered.
    let remembered = state
        .consent
        .filter(|consent| consent.basis == ConsentBasis::User)
        .filter(|consent| covers(consent, &request.shown_scope))
        .filter(|consent| client.is_what_was_allowed(consent));
    // RFC 8252, section 8.6: where any program could pose as the client, nothing is granted unseen.
    remembered
        .filter(|_| is_identity_assured(target) && !asks_always)
        .map(Basis::Remembered)
}

fn is_fresh(session: &BrowserSession, state: &State<'_>) -> bool {
    let demand = state.interaction.destination.demand();
    let age = state.now.saturating_sub(session.auth_time);
    if session.proved_in == Some(state.interaction.id) {
        // A proof given in this very journey is fresh, but not for as long as a page stays open.
        return demand
            .max_age
            .is_none_or(|max_age| age <= max_age.max(PROVED_HERE_SECONDS));
    }
    // max_age=0 is "effectively the same as prompt=login" (section 3.1.2.1), within the second too.
    let recent = demand
        .max_age
        .is_none_or(|max_age| max_age > 0 && age <= max_age);
    recent && !demand.prompt.login
}

/// How long a person may read the consent page after a sign-in that `max_age` demanded.
const PROVED_HERE_SECONDS: i64 = 300;

/// Whether the response can only reach the client itself. On a loopback address or a private-use
/// scheme any program on the user's device may be listening, and nothing that a public client sends
/// proves that it is the client (RFC 8252, section 8.6). That depends on where the response goes,
/// whatever the client registered as its application_type.
pub(super) fn is_identity_assured(target: &RedirectTarget) -> bool {
    !target.client().metadata.is_public() || target.redirect_uri().starts_with("https://")
}

fn covers(consent: &Consent, scope: &Scope) -> bool {
    Scope::parse(&consent.scope).is_ok_and(|remembered| scope.is_subset_of(&remembered))
}
