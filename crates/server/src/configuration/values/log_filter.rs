//! Which events are logged.

use std::fmt;
use std::str::FromStr;

use tracing_subscriber::EnvFilter;

use countersign_settings::{Kind, Setting, written_as_text};

/// A level, or filters such as `info,countersign_provider=debug`, that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// Events of that level and above.
    #[must_use]
    pub fn info() -> Self {
        Self("info".to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The words for a level, from nothing to everything.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// The program's own parts, as their events name them.
const PARTS: &[&str] = &[
    "countersign",
    "countersign_client",
    "countersign_fetch",
    "countersign_jose",
    "countersign_management",
    "countersign_oauth",
    "countersign_provider",
    "countersign_store",
    "countersign_store_redis",
    "countersign_store_sql",
    "countersign_web",
];

impl FromStr for LogFilter {
    type Err = String;

    /// Stricter than [`EnvFilter`], which takes a misspelt level for the name of a part that logs
    /// nothing.
    fn from_str(text: &str) -> Result<Self, String> {
        let directives: Vec<&str> = text.split(',').map(str::trim).collect();
        let filter = directives.join(",");
        let fault = directives.into_iter().find_map(fault_of);
        let fault = fault.or_else(|| {
            let unreadable = EnvFilter::try_new(&filter).err();
            unreadable.map(|error| format!("{error}."))
        });
        match fault {
            None => Ok(Self(filter)),
            Some(fault) => Err(format!(
                "{fault} Write {}, or filters such as \"info,countersign_provider=debug\".",
                LEVELS.join(", ")
            )),
        }
    }
}

/// What is wrong with a level, or with a part and its level.
fn fault_of(directive: &str) -> Option<String> {
    let (part, level) = match directive.rsplit_once('=') {
        // Within the braces of a span's fields an equals sign is theirs.
        Some((part, level)) if !level.contains('}') => (Some(part), level),
        _ if directive.contains(['[', '{']) => return Some(format!("{directive:?} has no level.")),
        _ => (None, directive),
    };
    if !LEVELS.contains(&level) {
        return Some(format!("{level:?} is not a level."));
    }
    let part = part?.split(['[', ':']).next().unwrap_or_default();
    let is_unknown = part.starts_with("countersign") && !PARTS.contains(&part);
    is_unknown.then(|| {
        format!(
            "{part:?} is not a part of this program. The parts are {}.",
            PARTS.join(", ")
        )
    })
}

impl fmt::Display for LogFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Setting for LogFilter {
    const KIND: Kind = Kind::Text;
}

written_as_text!(LogFilter);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_log_nothing_by_mistake_is_refused_with_the_words_allowed() {
        for (text, fault) in [
            (
                "infoo",
                "\"infoo\" is not a level. Write off, error, warn, info, debug, trace, or filters",
            ),
            ("", "\"\" is not a level."),
            ("INFO", "\"INFO\" is not a level."),
            ("3", "\"3\" is not a level."),
            ("info,", "\"\" is not a level."),
            ("info debug", "\"info debug\" is not a level."),
            (
                "countersign_provider",
                "\"countersign_provider\" is not a level.",
            ),
            (
                "info,countersign_provider=debgu",
                "\"debgu\" is not a level.",
            ),
            ("info,contersign=", "\"\" is not a level."),
            (
                "info,countersign_provder=debug",
                "\"countersign_provder\" is not a part of this program",
            ),
            (
                "info,countersign-provider=debug",
                "\"countersign-provider\" is not a part of this program",
            ),
            (
                "info,countersign[request]",
                "\"countersign[request]\" has no level.",
            ),
            ("a=b=c=d", "\"d\" is not a level."),
        ] {
            let message = text.parse::<LogFilter>().unwrap_err();
            assert!(message.starts_with(fault), "{text}: {message}");
        }
        for text in [
            "off",
            "error",
            "trace",
            "info,countersign_provider=debug",
            "warn,countersign_provider::token=trace,hyper=info",
            "info,countersign_provider[request{id=1}]=debug",
            "countersign_provider=debug",
        ] {
            assert_eq!(
                text.parse::<LogFilter>().as_ref().map(LogFilter::as_str),
                Ok(text)
            );
        }
        let spaced: LogFilter = "warn, hyper=info".parse().unwrap();
        assert_eq!(spaced.as_str(), "warn,hyper=info");
    }
}
