//! Claims made readable: each with its value, times also as people write them, and what it means.

use countersign_oauth::id_token::IdTokenClaims;
use serde::Serialize;
use serde_json::{Map, Value};

/// One row of a table.
#[derive(Serialize)]
pub struct Claim {
    name: String,
    value: String,
    time: Option<Time>,
    meaning: Option<&'static str>,
}

/// An instant, in three spellings.
#[derive(Serialize)]
pub struct Time {
    /// `2027-01-15T08:00:00Z`, for machines.
    pub machine: String,
    /// `2027-01-15 08:00:00 UTC`
    pub absolute: String,
    /// `in 9 min 58 s`
    pub relative: String,
}

/// Every claim of an ID token, in the order in which the specification has them.
pub fn of_id_token(claims: &IdTokenClaims, now: i64) -> Vec<Claim> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(members)) => rows(&members, now),
        _ => Vec::new(),
    }
}

pub fn of_userinfo(members: &Map<String, Value>, now: i64) -> Vec<Claim> {
    rows(members, now)
}

/// The best of the names that the provider gave.
pub fn display_name(claims: &Map<String, Value>) -> Option<String> {
    let mut names = ["name", "preferred_username", "email"].iter();
    names.find_map(|claim| Some(claims.get(*claim)?.as_str()?.to_owned()))
}

/// An instant in Unix seconds, seen from another.
pub fn time(at: i64, now: i64) -> Time {
    let written = |format: &str| match jiff::Timestamp::from_second(at) {
        Ok(timestamp) => timestamp.strftime(format).to_string(),
        // Further away than the calendar goes.
        Err(_) => at.to_string(),
    };
    Time {
        machine: written("%Y-%m-%dT%H:%M:%SZ"),
        absolute: written("%Y-%m-%d %H:%M:%S UTC"),
        relative: match at.saturating_sub(now) {
            0 => "now".to_owned(),
            ahead if ahead > 0 => format!("in {}", duration(ahead)),
            behind => format!("{} ago", duration(behind.saturating_neg())),
        },
    }
}

/// The two largest units that are not zero.
fn duration(seconds: i64) -> String {
    let units = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let largest = units.iter().skip_while(|(count, _)| *count == 0).take(2);
    let written = largest.filter(|(count, _)| *count != 0);
    let written: Vec<String> = written
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    written.join(" ")
}

/// A text as it is; anything else as JSON, on one line where that is short.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => match other.to_string() {
            short if short.len() <= 60 => short,
            _ => serde_json::to_string_pretty(other).unwrap_or_default(),
        },
    }
}

fn rows(members: &Map<String, Value>, now: i64) -> Vec<Claim> {
    let place = |name: &str| MEANINGS.iter().position(|(known, _)| *known == name);
    let mut names: Vec<&String> = members.keys().collect();
    names.sort_by_key(|name| (place(name).unwrap_or(MEANINGS.len()), *name));
    let row = |name: &String| {
        let value = members.get(name)?;
        let instant = value.as_i64().filter(|_| TIMES.contains(&name.as_str()));
        Some(Claim {
            name: name.clone(),
            value: written(value),
            time: instant.map(|at| time(at, now)),
            meaning: place(name)
                .and_then(|at| MEANINGS.get(at))
                .map(|(_, meaning)| *meaning),
        })
    };
    names.into_iter().filter_map(row).collect()
}

const TIMES: [&str; 5] = ["exp", "iat", "nbf", "auth_time", "updated_at"];

/// OpenID Connect Core, sections 2 and 5.1, in the order in which they are shown.
const MEANINGS: [(&str, &str); 22] = [
    ("iss", "The provider that issued the token"),
    (
        "sub",
        "Who it is about. Unlike names and addresses, it never changes: identify users by iss and sub",
    ),
    ("aud", "Who it is for: this application"),
    ("azp", "Which application asked for it"),
    ("exp", "When it expires"),
    ("iat", "Made at"),
    ("auth_time", "When the person last proved who they are"),
    (
        "nonce",
        "The value that this application sent with the request",
    ),
    ("acr", "How strongly the person was authenticated"),
    ("amr", "How the person was authenticated"),
    ("sid", "The session at the provider"),
    ("at_hash", "Binds the ID token to the access token"),
    ("name", "Full name"),
    ("given_name", "First name"),
    ("family_name", "Last name"),
    ("nickname", "Casual name"),
    (
        "preferred_username",
        "How the person wants to be called here; may change",
    ),
    ("email", "Address"),
    (
        "email_verified",
        "Whether the provider knows that the address is theirs",
    ),
    ("locale", "Language and region"),
    ("zoneinfo", "Time zone"),
    ("updated_at", "When the provider last changed these claims"),
];
