//! The page of a person's API tokens.

use countersign_web::pages::view::{Value, context_of};
use countersign_web::pages::{AccountView, View};
use serde::Serialize;

use super::ScopeView;

/// The existing tokens, and the form for a new one. The form posts `interaction`, `decision`
/// (`create`), `name`, `scope` (several) and `days`. Each token has a form that posts
/// `interaction`, `decision` (`revoke`) and `token`. Ids: `tokens-created`, `tokens-problem`,
/// `tokens-list`, `tokens-name`, `tokens-days`, `tokens-create`, `tokens-scope-` and a number,
/// `tokens-revoke-` and a number.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct TokensView<'a> {
    /// Where the forms post to: a path on our own origin, base path included.
    pub action: &'a str,
    /// The account page.
    pub account_url: &'a str,
    /// The sealed form.
    pub interaction: &'a str,
    /// The user whose tokens they are.
    pub account: AccountView<'a>,
    /// The tokens that are accepted.
    pub tokens: &'a [TokenView],
    /// The scopes that a token may have.
    pub scopes: &'a [ScopeView<'a>],
    /// The names of the scopes that were chosen before.
    pub chosen: &'a [&'a str],
    /// The lifetimes on offer, in days.
    pub days: &'a [i64],
    /// What was typed before, or empty.
    pub name: &'a str,
    /// A token that was just made. It is shown only this once.
    pub created: Option<&'a str>,
    /// Why no token was made.
    pub problem: Option<TokenProblem>,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenView {
    pub id: String,
    pub name: String,
    /// Separated by spaces.
    pub scope: String,
    /// A date, as in 2026-11-27.
    pub created: String,
    /// A date.
    pub expires: String,
}

/// Why no token was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenProblem {
    NameInvalid,
    NameTaken,
    TooMany,
    NoScope,
    /// What the page does not offer.
    Refused,
}

impl TokenProblem {
    pub const ALL: [TokenProblem; 5] = [
        TokenProblem::NameInvalid,
        TokenProblem::NameTaken,
        TokenProblem::TooMany,
        TokenProblem::NoScope,
        TokenProblem::Refused,
    ];
}

impl View for TokensView<'_> {
    fn template(&self) -> &'static str {
        "tokens.html"
    }

    fn context(&self) -> Value {
        context_of(self)
    }
}
