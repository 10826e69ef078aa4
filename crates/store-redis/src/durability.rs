//! Whether a Redis server keeps the writes that it has acknowledged.
//!
//! A provider that forgets a used code hands out its tokens twice. So nothing may be evicted
//! (`maxmemory-policy noeviction`: a full server refuses acts instead), and every write must be on
//! the disk before it is acknowledged (`appendonly yes`, `appendfsync always`; Redis then
//! acknowledges a whole batch after one fsync).
//! <https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/>

use countersign_store::StoreError;

use crate::{Redis, failed};

/// The server's settings, as `CONFIG GET` returns them; `None` if the server refuses to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    pub maxmemory_policy: Option<String>,
    pub appendonly: Option<String>,
    pub appendfsync: Option<String>,
}

/// Accepts or refuses a server. Eviction is refused in any case.
///
/// # Errors
/// Returns [`StoreError::Refused`] with the setting, what it is and what it must be.
pub fn judge(
    settings: &Settings,
    accept_that_acknowledged_acts_are_lost: bool,
) -> Result<(), StoreError> {
    wanted(
        "maxmemory-policy",
        settings.maxmemory_policy.as_deref(),
        "noeviction",
        "with any other setting, Redis drops used codes and revocations when its memory is full",
    )?;
    let durable = wanted(
        "appendonly",
        settings.appendonly.as_deref(),
        "yes",
        "without it, Redis forgets used codes and revocations when it stops",
    )
    .and_then(|()| {
        wanted(
            "appendfsync",
            settings.appendfsync.as_deref(),
            "always",
            "with any other setting, Redis loses the last second of acknowledged writes when the machine stops",
        )
    });
    match durable {
        Err(refused) if accept_that_acknowledged_acts_are_lost => {
            tracing::warn!(%refused, "accepted nevertheless");
            Ok(())
        }
        durable => durable,
    }
}

fn wanted(name: &str, is: Option<&str>, must_be: &str, why: &str) -> Result<(), StoreError> {
    if is == Some(must_be) {
        return Ok(());
    }
    let is = is.unwrap_or("unknown, since CONFIG GET was refused");
    Err(StoreError::Refused(format!(
        "{name} is {is} and must be {must_be}: {why}"
    )))
}

impl Redis {
    pub(crate) async fn durability_settings(&self) -> Result<Settings, StoreError> {
        Ok(Settings {
            maxmemory_policy: self.setting("maxmemory-policy").await?,
            appendonly: self.setting("appendonly").await?,
            appendfsync: self.setting("appendfsync").await?,
        })
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let mut connection = self.connection.clone();
        let reply: Result<(String, String), _> = redis::cmd("CONFIG")
            .arg("GET")
            .arg(name)
            .query_async(&mut connection)
            .await;
        match reply {
            Ok((_, value)) => Ok(Some(value)),
            // A hosted Redis may refuse CONFIG.
            Err(error) if error.code().is_some() => Ok(None),
            Err(error) if error.is_io_error() || error.is_timeout() => Err(failed(error)),
            Err(_) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(policy: &str, appendonly: &str, appendfsync: &str) -> Settings {
        Settings {
            maxmemory_policy: Some(policy.to_owned()),
            appendonly: Some(appendonly.to_owned()),
            appendfsync: Some(appendfsync.to_owned()),
        }
    }

    #[test]
    fn a_server_that_keeps_what_it_answered_is_taken() {
        assert!(judge(&settings("noeviction", "yes", "always"), false).is_ok());
    }

    #[test]
    fn a_server_that_forgets_is_refused_unless_that_is_accepted() {
        for (appendonly, appendfsync) in [("no", "always"), ("yes", "everysec"), ("yes", "no")] {
            let settings = settings("noeviction", appendonly, appendfsync);
            let refused = judge(&settings, false);
            assert!(
                matches!(refused, Err(StoreError::Refused(_))),
                "{settings:?}"
            );
            assert!(judge(&settings, true).is_ok());
        }
    }

    #[test]
    fn a_server_that_evicts_or_does_not_say_is_refused() {
        for policy in ["allkeys-lru", "volatile-ttl", "allkeys-random"] {
            assert!(judge(&settings(policy, "yes", "always"), true).is_err());
        }
        assert!(judge(&Settings::default(), true).is_err());
    }
}
