//! After the kill: whether all that was acknowledged is still there, exactly.
//!
//! A request that got no response may have been carried out or not. So the last refresh token that
//! was returned is the current one, or the predecessor of one that no one ever got: within the
//! grace period it works in both cases. The one before it may be the predecessor, and within *its*
//! grace period; the one before that is certainly an ancestor. A code or token that is presented
//! again ends its grant, so each chain is first tested in only one way, and the ways alternate.

use countersign_testing::Answer;

use crate::connection::Connection;
use crate::load::{Chain, Session, SignOut};
use crate::person::{Person, code_in, is_refused, redeem, refresh, tokens_in, userinfo};

/// How often each promise was looked at.
#[derive(Debug, Default)]
pub struct Checked {
    pub chains: usize,
    pub last_tokens_that_work: usize,
    pub rotated_tokens_refused: usize,
    pub used_codes_refused: usize,
    pub unused_codes_that_work: usize,
    pub unanswered_redemptions: usize,
    pub unanswered_sign_outs: usize,
    pub sessions_that_live: usize,
    pub sessions_that_ended: usize,
}

impl Checked {
    /// Checks everything that was returned in one session.
    pub fn session(&mut self, port: u16, session: &Session) {
        let mut connection = Connection::new(port);
        match session.sign_out {
            SignOut::NotAsked => self.live(port, &mut connection, session),
            SignOut::Asked => self.unanswered_sign_out(&mut connection, session),
            SignOut::Answered => self.ended(port, &mut connection, session),
        }
    }

    fn live(&mut self, port: u16, connection: &mut Connection, session: &Session) {
        if let Some(cookies) = &session.cookies {
            let mut person = Person::new(port, &session.name);
            person.cookies = cookies.clone();
            code_in(&answered(person.authorize_silently()));
            self.sessions_that_live += 1;
        }
        for code in &session.unused_codes {
            tokens_in(&answered(redeem(connection, code)));
            self.refused_code(connection, code);
            self.unused_codes_that_work += 1;
        }
        for chain in &session.chains {
            self.chain(connection, chain);
        }
    }

    fn chain(&mut self, connection: &mut Connection, chain: &Chain) {
        let tokens = &chain.refresh_tokens;
        let Some(last) = tokens.last() else {
            // It may have happened or not, but it happens once at most.
            let response = answered(redeem(connection, &chain.code));
            assert!(
                response.status == 200 || is_refused(&response),
                "{response:?}"
            );
            self.refused_code(connection, &chain.code);
            self.unanswered_redemptions += 1;
            return;
        };
        self.chains += 1;
        match self.chains % 3 {
            0 if tokens.len() > 2 => {
                let ancestor = &tokens[self.chains % (tokens.len() - 2)];
                self.refused_token(connection, ancestor);
                self.refused_token(connection, last);
                self.refused_code(connection, &chain.code);
            }
            1 => {
                self.refused_code(connection, &chain.code);
                self.refused_token(connection, last);
            }
            _ => self.last_token(connection, chain, last),
        }
        refused(&answered(userinfo(connection, &chain.access_token)), 401);
    }

    /// The last token that was returned works, and so does its successor; then those before it are
    /// refused, and with them the rest.
    fn last_token(&mut self, connection: &mut Connection, chain: &Chain, last: &str) {
        let (next, _) = tokens_in(&answered(refresh(connection, last)));
        let (newest, tokens) = tokens_in(&answered(refresh(connection, &next)));
        let response = answered(userinfo(connection, &tokens.access_token));
        assert_eq!(response.status, 200, "{response:?}");
        self.last_tokens_that_work += 1;
        self.refused_token(connection, last);
        self.refused_token(connection, &newest);
        self.refused_code(connection, &chain.code);
    }

    /// One act ends all or nothing.
    fn unanswered_sign_out(&mut self, connection: &mut Connection, session: &Session) {
        let chains = session.chains.iter();
        let mut fates: Vec<bool> = chains
            .filter_map(|chain| chain.refresh_tokens.last())
            .map(|last| {
                let response = answered(refresh(connection, last));
                assert!(
                    response.status == 200 || is_refused(&response),
                    "{response:?}"
                );
                is_refused(&response)
            })
            .collect();
        fates.dedup();
        assert!(fates.len() <= 1, "half of a session ended");
        self.unanswered_sign_outs += 1;
    }

    fn ended(&mut self, port: u16, connection: &mut Connection, session: &Session) {
        let mut person = Person::new(port, &session.name);
        person.cookies = session.cookies.clone().expect("a sign-in was answered");
        let response = answered(person.authorize_silently());
        let error = response.location_parameter("error");
        assert_eq!(error.as_deref(), Some("login_required"), "{response:?}");
        for chain in &session.chains {
            refused(&answered(userinfo(connection, &chain.access_token)), 401);
            for presented in &chain.refresh_tokens {
                self.refused_token(connection, presented);
            }
            self.refused_code(connection, &chain.code);
        }
        for code in &session.unused_codes {
            self.refused_code(connection, code);
        }
        self.sessions_that_ended += 1;
    }

    fn refused_code(&mut self, connection: &mut Connection, code: &str) {
        let response = answered(redeem(connection, code));
        assert!(is_refused(&response), "a used code is taken: {response:?}");
        self.used_codes_refused += 1;
    }

    fn refused_token(&mut self, connection: &mut Connection, presented: &str) {
        let response = answered(refresh(connection, presented));
        assert!(
            is_refused(&response),
            "an ended token is accepted: {response:?}"
        );
        self.rotated_tokens_refused += 1;
    }

    /// What must have happened for the counts to mean something.
    pub fn assert_all_met(&self, runs: usize) {
        for count in [
            self.last_tokens_that_work,
            self.rotated_tokens_refused,
            self.used_codes_refused,
            self.unused_codes_that_work,
            self.sessions_that_live,
            self.sessions_that_ended,
        ] {
            assert!(count >= runs, "too little was met in {runs} runs: {self:?}");
        }
    }
}

fn refused(response: &Answer, status: u16) {
    assert_eq!(response.status, status, "{response:?}");
}

fn answered(response: std::io::Result<Answer>) -> Answer {
    response.expect("the server responses")
}
