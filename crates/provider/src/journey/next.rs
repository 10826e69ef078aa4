//! "What next?", answered by one pure function from the request, the session and the consent. Its
//! answer carries what the next step needs, so no step can be taken without it.

use countersign_oauth::scope::Scope;
use countersign_store::consents::Consent;
use countersign_store::sessions::BrowserSession;

use super::fault::AuthorizeFault;
use super::interaction::Interaction;

/// What comes next in an authorization.
#[derive(Debug, Clone)]
pub enum Next<'a> {
    SignIn,
    SelectAccount(Authenticated<'a>),
    Consent(Authenticated<'a>),
    Finish(Permitted<'a>),
    Refuse(AuthorizeFault),
}

/// A session that is fresh enough for the request, of a user whom it did not exclude.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated<'a>(&'a BrowserSession);

impl<'a> Authenticated<'a> {
    pub fn session(self) -> &'a BrowserSession {
        self.0
    }
}

/// An authenticated user who allowed the request, or whose operator did.
#[derive(Debug, Clone)]
pub struct Permitted<'a> {
    user: Authenticated<'a>,
    basis: Basis<'a>,
}

impl<'a> Permitted<'a> {
    pub fn session(&self) -> &'a BrowserSession {
        self.user.session()
    }

    pub fn basis(&self) -> &Basis<'a> {
        &self.basis
    }
}

/// What a permission rests on.
#[derive(Debug, Clone)]
pub enum Basis<'a> {
    /// A consent that is remembered; the grant hangs under it.
    Remembered(&'a Consent),
    /// It was given just now, and is to be recorded.
    GivenNow,
}

/// What the user just decided, if the request that came in was a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    None,
    /// The consent page's Allow, by the user who was shown it.
    Allowed,
}

/// Everything on which the next step depends.
pub struct State<'a> {
    pub interaction: &'a Interaction,
    pub session: Option<&'a BrowserSession>,
    /// Of the session's user to the client.
    pub consent: Option<&'a Consent>,
    pub decision: Decision,
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
///   in this very authorization, then only with one (OIDC Core 3.1.2.1, 3.1.2.3).
/// - An account is chosen by its own user: whoever came in its place is asked again.
/// - With `prompt=none` whatever would need a page is an error (3.1.2.6).
/// - Consent is asked for what is not remembered, and with `prompt=consent` always.
pub fn what_next<'a>(state: &State<'a>) -> Next<'a> {
    let interaction = state.interaction;
    let request = &interaction.request;
    let interactive = |page: Next<'a>, otherwise: AuthorizeFault| match request.prompt.none {
        true => Next::Refuse(otherwise),
        false => page,
    };
    let Some(session) = state.session.filter(|session| is_fresh(session, state)) else {
        return interactive(Next::SignIn, AuthorizeFault::LoginRequired);
    };
    let proved_here = state.is_proved_here();
    let hinted = request.hinted_sub.as_ref();
    if hinted.is_some_and(|hinted| *hinted != session.sub) {
        return match proved_here {
            true => Next::Refuse(AuthorizeFault::OtherUserThanHinted),
            false => interactive(Next::SignIn, AuthorizeFault::LoginRequired),
        };
    }
    let user = Authenticated(session);
    let chosen = proved_here || interaction.chosen.as_ref() == Some(&session.sub);
    if request.prompt.select_account && !chosen {
        return Next::SelectAccount(user);
    }
    match permission(state) {
        Some(basis) => Next::Finish(Permitted { user, basis }),
        None => interactive(Next::Consent(user), AuthorizeFault::ConsentRequired),
    }
}

/// On what the request may be granted; `None` where the user is to be asked.
fn permission<'a>(state: &State<'a>) -> Option<Basis<'a>> {
    let interaction = state.interaction;
    let asks_always = interaction.request.prompt.consent;
    if state.decision == Decision::Allowed {
        return Some(Basis::GivenNow);
    }
    if interaction.client().metadata.skips_consent() && !asks_always {
        return Some(state.consent.map_or(Basis::GivenNow, Basis::Remembered));
    }
    let remembered = state
        .consent
        .filter(|consent| covers(consent, &interaction.request.scope));
    // RFC 8252, section 8.6: where any program could pose as the client, nothing is granted unseen.
    remembered
        .filter(|_| is_identity_assured(interaction) && !asks_always)
        .map(Basis::Remembered)
}

fn is_fresh(session: &BrowserSession, state: &State<'_>) -> bool {
    let request = &state.interaction.request;
    let age = state.now.saturating_sub(session.auth_time);
    if session.proved_in == Some(state.interaction.id) {
        // A proof given in this very authorization is fresh, but not for as long as a page stands.
        return request
            .max_age
            .is_none_or(|max_age| age <= max_age.max(PROVED_HERE_SECONDS));
    }
    // max_age=0 is "effectively the same as prompt=login" (OIDC Core 3.1.2.1), within the second too.
    let recent = request
        .max_age
        .is_none_or(|max_age| max_age > 0 && age <= max_age);
    recent && !request.prompt.login
}

/// How long somebody may read the consent page after a sign-in that `max_age` demanded.
const PROVED_HERE_SECONDS: i64 = 300;

/// Whether the response can only reach the client itself. On a loopback address or a private-use
/// scheme any program on the user's device may be listening, and nothing that a public client sends
/// proves that it is the client (RFC 8252, section 8.6). That depends on where the response goes,
/// whatever the client registered as its application_type.
pub(super) fn is_identity_assured(interaction: &Interaction) -> bool {
    let target = &interaction.target;
    !target.client().metadata.is_public() || target.redirect_uri().starts_with("https://")
}

fn covers(consent: &Consent, scope: &Scope) -> bool {
    Scope::parse(&consent.scope).is_ok_and(|remembered| scope.is_subset_of(&remembered))
}
