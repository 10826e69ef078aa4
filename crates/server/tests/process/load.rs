//! Load: people who sign in, refresh and sign out until the server is gone, and remember what they were answered.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::dice::Dice;
use crate::person::{Person, code_in, redeem, refresh, tokens_in};

/// What was answered about one sign-in and all that followed.
#[derive(Default)]
pub struct Session {
    pub name: String,
    /// The browser's cookies once the sign-in was answered.
    pub cookies: Option<BTreeMap<String, String>>,
    pub unused_codes: Vec<String>,
    pub chains: Vec<Chain>,
    pub sign_out: SignOut,
}

/// A code and the refresh tokens that came of it.
pub struct Chain {
    pub code: String,
    /// In the order of their answers; empty where the redemption was not answered.
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

/// Lives one session after the other until no answer comes any more. Counts the answers.
pub fn work(port: u16, name: &str, dice: &Dice, answers: &AtomicUsize) -> Vec<Session> {
    let mut sessions = Vec::new();
    loop {
        let mut session = Session {
            name: name.to_owned(),
            ..Session::default()
        };
        let lived = live(port, &mut session, dice, answers);
        sessions.push(session);
        if lived.is_err() {
            return sessions;
        }
    }
}

fn live(port: u16, session: &mut Session, dice: &Dice, answers: &AtomicUsize) -> io::Result<()> {
    let mut person = Person::new(port, &session.name);
    let mut code = code_in(&person.sign_in()?);
    session.cookies = Some(person.cookies.clone());
    answers.fetch_add(1, Ordering::Relaxed);
    for _ in 0..=dice.below(3) {
        match dice.one_in(6) {
            true => session.unused_codes.push(code),
            false => refresh_often(&mut person, session, code, dice, answers)?,
        }
        code = code_in(&person.authorize_silently()?);
    }
    session.unused_codes.push(code);
    if let Some(chain) = session.chains.last()
        && dice.one_in(3)
    {
        session.sign_out = SignOut::Asked;
        let answer = person.sign_out(&chain.id_token)?;
        assert_eq!(answer.status, 303, "{answer:?}");
        session.sign_out = SignOut::Answered;
    }
    Ok(())
}

fn refresh_often(
    person: &mut Person,
    session: &mut Session,
    code: String,
    dice: &Dice,
    answers: &AtomicUsize,
) -> io::Result<()> {
    let at = session.chains.len();
    session.chains.push(Chain {
        code,
        refresh_tokens: Vec::new(),
        access_token: String::new(),
        id_token: String::new(),
    });
    let chain = &mut session.chains[at];
    let answer = redeem(&mut person.connection, &chain.code)?;
    chain.keep(&answer);
    for _ in 0..dice.below(7) {
        let last = chain.refresh_tokens.last().expect("redeemed");
        let answer = refresh(&mut person.connection, last)?;
        chain.keep(&answer);
        answers.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

impl Chain {
    fn keep(&mut self, answer: &countersign_testing::Answer) {
        let (refresh_token, tokens) = tokens_in(answer);
        self.refresh_tokens.push(refresh_token);
        self.access_token = tokens.access_token;
        self.id_token = tokens.id_token.expect("openid was asked for");
    }
}
