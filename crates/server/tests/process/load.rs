//! Load: people who sign in, refresh and sign out until the server is gone, and remember the
//! responses.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::dice::Dice;
use crate::person::{Person, code_in, redeem, refresh, tokens_in};

/// The responses of one sign-in and everything that followed.
#[derive(Default)]
pub struct Session {
    pub name: String,
    /// The browser's cookies once the sign-in returned.
    pub cookies: Option<BTreeMap<String, String>>,
    pub unused_codes: Vec<String>,
    pub chains: Vec<Chain>,
    pub sign_out: SignOut,
}

/// A code and the refresh tokens that came of it.
pub struct Chain {
    pub code: String,
    /// In the order of their responses; empty where the redemption got no response.
    pub refresh_tokens: Vec<String>,
    pub access_token: String,
    id_token: String,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub enum SignOut {
    #[default]
    NotAsked,
    Asked,
    Answered,
}

/// Lives one session after the other until no response comes any more. Counts the responses.
pub fn work(port: u16, name: &str, dice: &Dice, responses: &AtomicUsize) -> Vec<Session> {
    let mut sessions = Vec::new();
    loop {
        let mut session = Session {
            name: name.to_owned(),
            ..Session::default()
        };
        let lived = live(port, &mut session, dice, responses);
        sessions.push(session);
        if lived.is_err() {
            return sessions;
        }
    }
}

fn live(port: u16, session: &mut Session, dice: &Dice, responses: &AtomicUsize) -> io::Result<()> {
    let mut person = Person::new(port, &session.name);
    let mut code = code_in(&person.sign_in()?);
    session.cookies = Some(person.cookies.clone());
    responses.fetch_add(1, Ordering::Relaxed);
    for _ in 0..=dice.below(3) {
        match dice.one_in(6) {
            true => session.unused_codes.push(code),
            false => refresh_often(&mut person, session, code, dice, responses)?,
        }
        code = code_in(&person.authorize_silently()?);
    }
    session.unused_codes.push(code);
    if let Some(chain) = session.chains.last()
        && dice.one_in(3)
    {
        session.sign_out = SignOut::Asked;
        let response = person.sign_out(&chain.id_token)?;
        assert_eq!(response.status, 303, "{response:?}");
        session.sign_out = SignOut::Answered;
    }
    Ok(())
}

fn refresh_often(
    person: &mut Person,
    session: &mut Session,
    code: String,
    dice: &Dice,
    responses: &AtomicUsize,
) -> io::Result<()> {
    let at = session.chains.len();
    session.chains.push(Chain {
        code,
        refresh_tokens: Vec::new(),
        access_token: String::new(),
        id_token: String::new(),
    });
    let chain = &mut session.chains[at];
    let response = redeem(&mut person.connection, &chain.code)?;
    chain.keep(&response);
    for _ in 0..dice.below(7) {
        let last = chain.refresh_tokens.last().expect("redeemed");
        let response = refresh(&mut person.connection, last)?;
        chain.keep(&response);
        responses.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

impl Chain {
    fn keep(&mut self, response: &countersign_testing::Answer) {
        let (refresh_token, tokens) = tokens_in(response);
        self.refresh_tokens.push(refresh_token);
        self.access_token = tokens.access_token;
        self.id_token = tokens.id_token.expect("openid was asked for");
    }
}
