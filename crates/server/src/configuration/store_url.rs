//! Where the store is: what `store.url` means, and which stores there aren't yet.

use std::path::PathBuf;

/// The file in `data_dir` that holds everything, unless `store.url` says otherwise.
pub const DATABASE_FILE: &str = "countersign.sqlite3";

/// A store that can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreLocation {
    /// A SQLite database in this file.
    Sqlite(PathBuf),
    /// In this process; gone when it ends.
    Memory,
}

/// Reads `store.url`.
pub(super) fn locate(url: &str) -> Result<StoreLocation, String> {
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(
            "must begin with a scheme, such as sqlite:/var/lib/countersign/countersign.sqlite3."
                .to_owned(),
        );
    };
    // SQLAlchemy writes the driver behind a plus sign: postgresql+asyncpg.
    let engine = scheme
        .split('+')
        .next()
        .unwrap_or(scheme)
        .to_ascii_lowercase();
    let later = |name: &str| {
        Err(format!(
            "{name} is not supported as a store yet. Use sqlite: with a path, or remove store.url to use a file in data_dir."
        ))
    };
    match engine.as_str() {
        "memory" => Ok(StoreLocation::Memory),
        "sqlite" => {
            // As in SQLAlchemy, `sqlite:///relative` and `sqlite:////absolute`; `sqlite:path` takes
            // the path as it is.
            let path = rest
                .strip_prefix("///")
                .or_else(|| rest.strip_prefix("//"))
                .unwrap_or(rest);
            match path {
                "" | ":memory:" => Ok(StoreLocation::Memory),
                path => Ok(StoreLocation::Sqlite(PathBuf::from(path))),
            }
        }
        "postgres" | "postgresql" => later("PostgreSQL"),
        "mysql" | "mariadb" => later("MySQL"),
        "redis" | "rediss" | "valkey" => later("Redis"),
        _ => Err(
            "names an unknown store. Use sqlite: with a path, or memory: for trials.".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_and_memory_are_there() {
        assert_eq!(
            locate("sqlite:here.db"),
            Ok(StoreLocation::Sqlite("here.db".into()))
        );
        assert_eq!(
            locate("sqlite:///here.db"),
            Ok(StoreLocation::Sqlite("here.db".into()))
        );
        assert_eq!(
            locate("sqlite:////var/there.db"),
            Ok(StoreLocation::Sqlite("/var/there.db".into()))
        );
        assert_eq!(locate("sqlite::memory:"), Ok(StoreLocation::Memory));
        assert_eq!(locate("memory:"), Ok(StoreLocation::Memory));
    }

    #[test]
    fn a_store_that_is_not_there_yet_is_named_and_its_password_is_not() {
        for (url, name) in [
            ("postgresql://user:canary@db/x", "PostgreSQL"),
            ("postgresql+asyncpg://user:canary@db/x", "PostgreSQL"),
            ("mysql://user:canary@db/x", "MySQL"),
            ("rediss://:canary@db", "Redis"),
        ] {
            let message = locate(url).unwrap_err();
            assert!(
                message.starts_with(name) && !message.contains("canary"),
                "{message}"
            );
        }
        assert!(
            !locate("weird://user:canary@db")
                .unwrap_err()
                .contains("canary")
        );
    }
}
