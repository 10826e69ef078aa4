//! The keys of issuers of software statements that are in files. The provider itself reads no
//! files.

use countersign_provider::settings::Registration;

/// Copies the contents of the files into the settings.
///
/// # Errors
/// Returns which file can't be read or is no JSON, in a sentence.
pub(crate) fn read_statement_keys(registration: &mut Registration) -> Result<(), String> {
    for (name, issuer) in &mut registration.software_statement_issuers {
        let Some(path) = &issuer.jwks_path else {
            continue;
        };
        let setting = format!("registration.software_statement_issuers.{name:?}.jwks_path");
        let path_shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("{setting}: can't read {path_shown}: {error}."))?;
        let is_set = serde_json::from_str::<serde_json::Value>(&text)
            .is_ok_and(|jwks| jwks.get("keys").is_some_and(serde_json::Value::is_array));
        if !is_set {
            return Err(format!("{setting}: {path_shown} is no JSON Web Key set."));
        }
        issuer.jwks = Some(text);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use countersign_provider::settings::SoftwareStatementIssuer;

    use super::*;

    #[test]
    fn the_keys_come_from_the_file_or_the_error_says_why_not() {
        let folder = std::env::temp_dir().join(format!("countersign-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        for (name, text, expected) in [
            ("good", Some(r#"{"keys":[]}"#), Ok(())),
            ("bad", Some("[]"), Err("is no JSON Web Key set.")),
            ("missing", None, Err("can't read")),
        ] {
            let path = folder.join(name);
            if let Some(text) = text {
                std::fs::write(&path, text).expect("writes");
            }
            let mut registration = Registration::default();
            let issuer = SoftwareStatementIssuer {
                jwks_path: Some(path),
                ..SoftwareStatementIssuer::default()
            };
            let issuers = &mut registration.software_statement_issuers;
            issuers.insert("https://issuer.example".to_owned(), issuer);
            let read = read_statement_keys(&mut registration);
            match expected {
                Ok(()) => {
                    assert_eq!(read, Ok(()));
                    let issuer = registration.software_statement_issuers.values().next();
                    let jwks = issuer.and_then(|issuer| issuer.jwks.as_deref());
                    assert_eq!(jwks, text);
                }
                Err(part) => assert!(read.expect_err("it fails").contains(part)),
            }
        }
        std::fs::remove_dir_all(&folder).expect("removes");
    }
}
