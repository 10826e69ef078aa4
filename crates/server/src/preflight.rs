//! What `config check` and `serve` look at beyond the values: the files that the configuration
//! names, and who else can read or change them. Nothing is made and nothing is changed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::configuration::{Effective, Problem};
use crate::outbound::outbound;
use crate::templates::pages;
use crate::tls;

/// Readable by users beyond owner and group.
const OTHERS_READ: u32 = 0o004;
/// Writable by users beyond owner and group.
const OTHERS_WRITE: u32 = 0o002;
/// Writable beyond the owner.
const NOT_OWNER_WRITE: u32 = 0o022;

/// Everything that keeps the server from running safely, each with what to do.
#[must_use]
pub fn problems(effective: &Effective) -> Vec<Problem> {
    let configuration = &effective.configuration;
    let mut problems = Vec::new();
    if let Some(path) = &effective.files.configuration
        && let Some(mode) = mode(path).filter(|mode| mode & OTHERS_WRITE != 0)
    {
        problems.push(Problem {
            place: Some(path.display().to_string()),
            field: None,
            message: format!(
                "every user of this machine can change the configuration (mode {mode:o}). Run: chmod o-w {}",
                path.display()
            ),
        });
    }
    problems.extend(key_problems(effective));
    if let Err(message) = pages(configuration) {
        let path = "pages.template_dir";
        let message = message
            .strip_prefix("pages.template_dir: ")
            .unwrap_or(&message);
        problems.push(effective.problem(path, message));
    }
    problems.extend(template_problem(effective));
    problems.extend(tls_problems(effective));
    if let Err(message) = outbound(configuration) {
        problems.push(effective.problem("outbound.extra_ca_path", message));
    }
    problems
}

/// Warns of secrets that others can read, and of certificates that clients won't accept, at `now`
/// in Unix seconds. A readable secret is a warning and not an error, because platforms that mount
/// files may not allow another mode.
#[must_use]
pub fn warnings(effective: &Effective, now: i64) -> Vec<String> {
    let mut warnings = secrets_that_others_read(effective);
    warnings.extend(tls::warnings(&effective.configuration, now));
    warnings
}

fn secrets_that_others_read(effective: &Effective) -> Vec<String> {
    let holds_secret = |path: &&Path| effective.origin("keys.secret_key").is_in_file(path);
    let configuration = effective.files.configuration.as_deref();
    let configuration = configuration.filter(holds_secret);
    let secrets = effective
        .files
        .secrets
        .iter()
        .map(std::path::PathBuf::as_path);
    let tls_key = effective.configuration.tls.key_file.as_deref();
    configuration
        .into_iter()
        .chain(secrets)
        .chain(tls_key)
        .filter(|path| mode(path).is_some_and(|mode| mode & OTHERS_READ != 0))
        .map(|path| {
            format!(
                "every user of this machine can read the secret in {0}. Run: chmod o-rwx {0}",
                path.display()
            )
        })
        .collect()
}

/// A private key that is missing, or that others can read or replace.
fn key_problems(effective: &Effective) -> Option<Problem> {
    let field = "keys.private_key_path";
    let path = effective
        .configuration
        .key_material
        .private_key_path
        .as_deref()?;
    let problem = |message: String| {
        let mut problem = effective.problem(field, message);
        problem.explain_earlier_name();
        problem
    };
    let mode = match fs::metadata(path) {
        Ok(found) => found.permissions().mode(),
        Err(error) => return Some(problem(format!("can't read {}: {error}.", path.display()))),
    };
    let what = match mode {
        mode if mode & OTHERS_READ != 0 => "read",
        mode if mode & NOT_OWNER_WRITE != 0 => "replace",
        _ => return None,
    };
    Some(problem(format!(
        "users other than its owner can {what} the private key {0} (mode {1:o}). Run: chmod 600 {0}",
        path.display(),
        mode & 0o777
    )))
}

/// Refuses TLS files that can't be used, and a private key that others can replace.
fn tls_problems(effective: &Effective) -> Vec<Problem> {
    let loaded = tls::Tls::load(&effective.configuration);
    let unusable = loaded
        .err()
        .map(|fault| effective.problem(fault.setting, fault.message));
    let key = effective.configuration.tls.key_file.as_deref();
    let replaceable = key.and_then(|path| {
        let mode = mode(path).filter(|mode| mode & OTHERS_WRITE != 0)?;
        Some(effective.problem(
            "tls.key_file",
            format!(
                "every user of this machine can replace the private key {0} (mode {mode:o}). Run: chmod 600 {0}",
                path.display()
            ),
        ))
    });
    unusable.into_iter().chain(replaceable).collect()
}

/// Templates that others can change are pages that others can write.
fn template_problem(effective: &Effective) -> Option<Problem> {
    let folder = effective.configuration.pages.template_dir.as_deref()?;
    let mode = mode(folder).filter(|mode| mode & OTHERS_WRITE != 0)?;
    Some(effective.problem(
        "pages.template_dir",
        format!(
            "every user of this machine can change the templates in {0} (mode {mode:o}). Run: chmod o-w {0}",
            folder.display()
        ),
    ))
}

/// A file's permissions; `None` if they can't be read, which opening the file will report.
fn mode(path: &Path) -> Option<u32> {
    let found = fs::metadata(path).ok()?;
    Some(found.permissions().mode() & 0o7777)
}

/// Whether anything is wrong that decides where the database is, so that none can be looked at.
#[must_use]
pub fn is_database_unknown(problems: &[Problem]) -> bool {
    const DECIDING: [&str; 4] = ["issuer", "data_dir", "store.url", "keys.secret_key"];
    problems.iter().any(|problem| {
        problem.field.is_none() || DECIDING.iter().any(|field| problem.is_about(field))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_without_a_field_may_hide_where_the_database_is() {
        let about = |field: Option<&str>| {
            is_database_unknown(&[Problem {
                place: None,
                field: field.map(str::to_owned),
                message: String::new(),
            }])
        };
        assert!(about(None) && about(Some("issuer")) && about(Some("store.url")));
        assert!(!about(Some("pages.template_dir")) && !about(Some("listen")));
        assert_eq!(mode(Path::new("/nowhere")), None);
    }
}
