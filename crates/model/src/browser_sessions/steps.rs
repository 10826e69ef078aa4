//! What the browser sends, and what becomes of it.
//!
//! | request | steps |
//! |---|---|
//! | visit | read the session that the cookie names; respond |
//! | proof | read it; renew it, or start another in its place, and issue the code; respond |
//! | sign-out | end the session that the cookie names; respond |

use crate::browser_sessions::{
    Browser, Cookie, Grant, Mutant, Session, SessionId, User, Violation, World,
};

/// What the browser was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// An authorization that needs no proof.
    Visit,
    /// The user proves who they are, for an authorization.
    Prove(User),
    /// The person has confirmed it.
    SignOut,
}

/// A request that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InFlight {
    pub request: Request,
    /// The last that began is the one that the browser awaits.
    pub number: u8,
    /// The browser's cookie as it was sent.
    pub cookie: Option<Cookie>,
    /// The sessions with tokens that were alive as it began.
    pub covers: Vec<SessionId>,
    pub progress: Progress,
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    Begun,
    /// A proof: the cookie names this session, which was alive and the same user's.
    Renewing(SessionId),
    /// A proof: another session is to take this one's place.
    Starting {
        replaces: Option<SessionId>,
    },
    /// Only the response is left to send, with this cookie and a proof's code.
    Responding {
        cookie: Option<Cookie>,
    },
}

impl Browser {
    /// The request's next step; `None` once its response has arrived.
    pub(super) fn step(&self, world: &mut World, mut racer: InFlight) -> Option<InFlight> {
        racer.progress = match (racer.request, racer.progress) {
            (_, Progress::Responding { cookie }) => {
                world.receive(&racer, cookie);
                return None;
            }
            (Request::Visit, _) => {
                self.visit(world, racer.cookie);
                Progress::Responding {
                    cookie: racer.cookie,
                }
            }
            (Request::SignOut, _) => {
                if let Some(session) = self.named_at_the_sign_out(world, racer.cookie) {
                    world.end(session);
                }
                Progress::Responding { cookie: None }
            }
            (Request::Prove(user), Progress::Renewing(session)) => {
                match self.renew(world, session, user) {
                    Some(cookie) => world.issued(&racer, cookie),
                    None => Progress::Starting {
                        replaces: Some(session),
                    },
                }
            }
            (Request::Prove(user), Progress::Starting { replaces }) => {
                let cookie = self.start(world, user, replaces);
                world.issued(&racer, cookie)
            }
            (Request::Prove(user), Progress::Begun) => {
                let named = self.named(world, racer.cookie);
                match named.and_then(|id| world.sessions.get(&id)) {
                    Some(session) if self.may_renew(session, user) => {
                        Progress::Renewing(named.unwrap_or_default())
                    }
                    _ => Progress::Starting { replaces: named },
                }
            }
        };
        Some(racer)
    }

    /// The session that a cookie names, whether its secret is the present one or an earlier.
    fn named(&self, world: &World, cookie: Option<Cookie>) -> Option<SessionId> {
        let Cookie { session, secret } = cookie?;
        let present = world.sessions.get(&session)?.secret;
        let is_of_the_family = secret <= present;
        let is_present = secret == present;
        let names = match self.mutant {
            Some(Mutant::EarlierSecretNamesNothing) => is_present,
            _ => is_of_the_family,
        };
        names.then_some(session)
    }

    fn named_at_the_sign_out(&self, world: &World, cookie: Option<Cookie>) -> Option<SessionId> {
        let session = self.named(world, cookie)?;
        let is_present = world.is_present(cookie?);
        let ignores = self.mutant == Some(Mutant::EarlierSecretSignsNoOneOut);
        (is_present || !ignores).then_some(session)
    }

    /// Only the present secret of a session that is alive signs anyone in.
    fn visit(&self, world: &mut World, cookie: Option<Cookie>) {
        let Some(cookie) = cookie else { return };
        let takes_earlier = self.mutant == Some(Mutant::EarlierSecretSignsIn);
        let lives = world.lives(cookie.session);
        let signs_in = lives && (world.is_present(cookie) || takes_earlier);
        if signs_in && !world.is_present(cookie) {
            world
                .violations
                .insert(Violation::SignedInByAnEarlierSecret);
        }
    }

    fn may_renew(&self, session: &Session, user: User) -> bool {
        let any_user = self.mutant == Some(Mutant::RenewalForAnyUser);
        let revives = self.mutant == Some(Mutant::RenewalRevives);
        (session.user == user || any_user) && (!session.ended || revives)
    }

    /// One act: `None` if the session has ended. What ended does not come back.
    fn renew(&self, world: &mut World, id: SessionId, user: User) -> Option<Cookie> {
        let session = world.sessions.get_mut(&id)?;
        if !self.may_renew(session, user) {
            return None;
        }
        if session.ended {
            world.violations.insert(Violation::EndedSessionRevived);
        }
        if session.user != user {
            world.violations.insert(Violation::SessionChangedItsUser);
        }
        session.ended = false;
        session.user = user;
        session.secret += 1;
        Some(Cookie {
            session: id,
            secret: session.secret,
        })
    }

    /// One act: the session that is replaced ends in it.
    fn start(&self, world: &mut World, user: User, replaces: Option<SessionId>) -> Cookie {
        let leaves = self.mutant == Some(Mutant::ReplacedSessionLives);
        if let Some(replaced) = replaces.filter(|_| !leaves) {
            world.end(replaced);
        }
        let id = world.sessions.len() as SessionId;
        let session = Session {
            user,
            secret: 0,
            ended: false,
        };
        world.sessions.insert(id, session);
        Cookie {
            session: id,
            secret: 0,
        }
    }
}

impl World {
    pub(super) fn begin(&mut self, request: Request) {
        self.budget -= 1;
        self.last_request += 1;
        self.racers.push(InFlight {
            request,
            number: self.last_request,
            cookie: self.cookie,
            covers: self.sessions_with_tokens(),
            progress: Progress::Begun,
        });
    }

    /// Whether the browser still waits for this response.
    pub(super) fn is_awaited(&self, racer: &InFlight) -> bool {
        racer.number == self.last_request
    }

    /// The sessions that are alive and under which there are tokens.
    fn sessions_with_tokens(&self) -> Vec<SessionId> {
        let has_tokens = |id: &SessionId| self.grants.values().any(|g| g.used && g.session == *id);
        let alive = self.sessions.keys().copied().filter(|id| self.lives(*id));
        alive.filter(has_tokens).collect()
    }

    pub(super) fn lives(&self, id: SessionId) -> bool {
        self.sessions.get(&id).is_some_and(|session| !session.ended)
    }

    fn is_present(&self, cookie: Cookie) -> bool {
        self.sessions
            .get(&cookie.session)
            .is_some_and(|session| session.secret == cookie.secret)
    }

    fn end(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.ended = true;
        }
    }

    /// The proof's authorization gets its code, under the session.
    fn issued(&mut self, racer: &InFlight, cookie: Cookie) -> Progress {
        let grant = Grant {
            session: cookie.session,
            used: false,
        };
        self.grants.insert(racer.number, grant);
        Progress::Responding {
            cookie: Some(cookie),
        }
    }

    /// The browser receives the response that it waits for: the cookie is set, and the application
    /// uses the code.
    fn receive(&mut self, racer: &InFlight, cookie: Option<Cookie>) {
        if racer.request == Request::SignOut {
            let left = racer.covers.iter().any(|covered| self.lives(*covered));
            if left {
                self.violations.insert(Violation::AliveAfterTheSignOut);
            }
        }
        if racer.request != Request::Visit {
            self.cookie = cookie;
        }
        if let Some(grant) = self.grants.get_mut(&racer.number) {
            grant.used = true;
        }
    }
}
