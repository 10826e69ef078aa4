//! Which browser is whose: an opaque cookie there, everything else here in memory.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use countersign_client::{IdToken, PendingAuthorization, TokenSet};
use countersign_jose::{base64url, constant_time_eq, random};
use http::HeaderMap;
use http::header::COOKIE;
use parking_lot::Mutex;
use url::Url;

/// All sessions. An application with several processes keeps them in a database.
pub struct Sessions {
    by_id: Mutex<HashMap<String, Session>>,
    cookie_name: String,
    cookie_attributes: &'static str,
}

/// One browser.
pub struct Session {
    /// Proves that a form was sent from our own page.
    pub csrf_token: String,
    /// Pending sign-ins, one per tab.
    pending: Vec<PendingAuthorization>,
    pub signed_in: Option<SignedIn>,
    /// Shown once, on the next page.
    pub notice: Option<String>,
    used_at: Instant,
}

/// A person who signed in, and the tokens that came with them.
#[derive(Clone)]
pub struct SignedIn {
    pub id_token: IdToken,
    pub tokens: TokenSet,
    pub refreshes: u32,
}

impl SignedIn {
    /// `None` without an ID token: then no one signed in.
    pub fn new(tokens: TokenSet) -> Option<Self> {
        let id_token = tokens.id_token.clone()?;
        Some(Self {
            id_token,
            tokens,
            refreshes: 0,
        })
    }

    /// What a refresh brought. The ID token stays where no new one came.
    pub fn refreshed(&self, tokens: TokenSet) -> Self {
        let id_token = tokens
            .id_token
            .clone()
            .unwrap_or_else(|| self.id_token.clone());
        Self {
            id_token,
            tokens,
            refreshes: self.refreshes.saturating_add(1),
        }
    }
}

const IDLE_LIFETIME: Duration = Duration::from_secs(3600);
const MAX_SESSIONS: usize = 1000;
const MAX_PENDING: usize = 8;

impl Sessions {
    pub fn new(base_url: &Url) -> Self {
        // Cookies don't tell ports apart, so the name does. Over https it gets the prefix that
        // forbids others to set it.
        let port = base_url.port_or_known_default().unwrap_or_default();
        let (prefix, cookie_attributes) = match base_url.scheme() {
            "https" => ("__Host-", "Path=/; HttpOnly; SameSite=Lax; Secure"),
            _ => ("", "Path=/; HttpOnly; SameSite=Lax"),
        };
        Self {
            by_id: Mutex::default(),
            cookie_name: format!("{prefix}demo_session_{port}"),
            cookie_attributes,
        }
    }

    /// Looks into the session of a browser, or changes it.
    pub fn with<T>(&self, headers: &HeaderMap, act: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let id = self.id(headers)?;
        let mut by_id = self.by_id.lock();
        let session = by_id.get_mut(id).filter(|session| session.is_alive())?;
        session.used_at = Instant::now();
        Some(act(session))
    }

    /// Stores a pending sign-in, in a new session if the browser has none. Returns the value of
    /// `Set-Cookie`.
    pub fn keep_pending(&self, headers: &HeaderMap, pending: PendingAuthorization) -> String {
        let mut pending = Some(pending);
        self.with(headers, |session| {
            if session.pending.len() >= MAX_PENDING {
                session.pending.remove(0);
            }
            session.pending.extend(pending.take());
        });
        match (pending, self.id(headers)) {
            (None, Some(id)) => self.cookie(id),
            (pending, _) => {
                let mut session = Session::new();
                session.pending.extend(pending);
                self.begin(session)
            }
        }
    }

    /// Takes a pending sign-in out of the session of this browser.
    pub fn take_pending(&self, headers: &HeaderMap, state: &str) -> Option<PendingAuthorization> {
        self.with(headers, |session| {
            let at = session
                .pending
                .iter()
                .position(|pending| pending.state() == state)?;
            Some(session.pending.remove(at))
        })?
    }

    /// Ends the browser's session and starts a signed-in one. Returns the value of `Set-Cookie`.
    pub fn sign_in(&self, headers: &HeaderMap, signed_in: SignedIn) -> String {
        self.end(headers);
        let mut session = Session::new();
        session.signed_in = Some(signed_in);
        self.begin(session)
    }

    /// Forgets the browser's session.
    pub fn end(&self, headers: &HeaderMap) -> Option<Session> {
        self.by_id.lock().remove(self.id(headers)?)
    }

    /// The value of `Set-Cookie` that takes the cookie away.
    pub fn expired_cookie(&self) -> String {
        format!(
            "{}=; {}; Max-Age=0",
            self.cookie_name, self.cookie_attributes
        )
    }

    fn begin(&self, session: Session) -> String {
        let id = secret();
        let cookie = self.cookie(&id);
        let mut by_id = self.by_id.lock();
        by_id.retain(|_, session| session.is_alive());
        if by_id.len() >= MAX_SESSIONS {
            let oldest = by_id.iter().min_by_key(|(_, session)| session.used_at);
            if let Some(id) = oldest.map(|(id, _)| id.clone()) {
                by_id.remove(&id);
            }
        }
        by_id.insert(id, session);
        cookie
    }

    fn cookie(&self, id: &str) -> String {
        format!("{}={id}; {}", self.cookie_name, self.cookie_attributes)
    }

    /// What the browser sent as our cookie; whether it means anything is another question.
    fn id<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let cookies = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';'));
        pairs.find_map(|pair| {
            let (name, value) = pair.trim_matches([' ', '\t']).split_once('=')?;
            (name == self.cookie_name).then_some(value)
        })
    }
}

impl Session {
    fn new() -> Self {
        Self {
            csrf_token: secret(),
            pending: Vec::new(),
            signed_in: None,
            notice: None,
            used_at: Instant::now(),
        }
    }

    /// Whether a form was sent from a page of this session.
    pub fn sent(&self, form: &[u8]) -> bool {
        let mut pairs = url::form_urlencoded::parse(form);
        pairs.any(|(name, value)| {
            name == "csrf_token" && constant_time_eq(value.as_bytes(), self.csrf_token.as_bytes())
        })
    }

    fn is_alive(&self) -> bool {
        self.used_at.elapsed() < IDLE_LIFETIME
    }
}

/// 256 random bits.
fn secret() -> String {
    base64url::encode(random::bytes::<32>())
}
