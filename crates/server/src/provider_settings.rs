//! The provider's settings from the configuration: the provider reads neither files nor the environment.

use std::collections::HashMap;
use std::path::Path;

use countersign_oauth::parameters;
use countersign_provider::pages::PAGES;
use countersign_provider::settings::{OperatorScope, PasswordSettings, Settings};
use countersign_store::throttle::Limit;
use countersign_web::SiteSettings;
use countersign_web::pages::Pages;

use crate::configuration::{Configuration, Login};

/// The settings that `configuration` stands for.
#[must_use]
pub fn provider_settings(configuration: &Configuration) -> Settings {
    let Configuration {
        tokens,
        sessions,
        keys,
        ..
    } = configuration;
    Settings {
        authorization_code_lifetime_seconds: tokens.authorization_code_lifetime_seconds.into(),
        access_token_lifetime_seconds: tokens.access_token_lifetime_seconds.into(),
        id_token_lifetime_seconds: tokens.id_token_lifetime_seconds.into(),
        refresh_token_lifetime_seconds: tokens.refresh_token_lifetime_seconds.into(),
        refresh_token_idle_seconds: tokens.refresh_token_idle_seconds.into(),
        refresh_grace_seconds: tokens.refresh_grace_seconds.into(),
        codes_per_session: Limit {
            attempts: sessions.codes_per_minute,
            window_seconds: 60,
        },
        passwords: password_settings(configuration),
        signing_algorithms: keys.algorithms.iter().copied().map(Into::into).collect(),
        access_token_algorithm: keys.access_token_algorithm.into(),
        retired_key_published_seconds: keys.retired_key_published_seconds.into(),
        scopes: configuration
            .scopes
            .iter()
            .map(|(name, scope)| {
                let (title, description) = (scope.title.clone(), scope.description.clone());
                (
                    name.clone(),
                    OperatorScope {
                        title,
                        description,
                        claims: scope.claims.clone(),
                    },
                )
            })
            .collect(),
        after_setup_url: None,
    }
}

/// The settings of the web side that `configuration` stands for.
#[must_use]
pub fn site_settings(configuration: &Configuration) -> SiteSettings {
    let Configuration {
        http,
        sessions,
        interactions,
        login,
        errors,
        ..
    } = configuration;
    SiteSettings {
        session_lifetime_seconds: sessions.lifetime_seconds.into(),
        interaction_lifetime_seconds: interactions.lifetime_seconds.into(),
        interaction_max_bytes: interactions.max_bytes,
        body_max_bytes: http.max_body_bytes,
        parameters: parameter_limits(configuration),
        login_attempts_per_account: limit(login.attempts_per_account, login),
        login_attempts_per_account_anywhere: limit(login.attempts_per_account_anywhere, login),
        login_attempts_per_address: limit(login.attempts_per_address, login),
        device_cookie_lifetime_seconds: 180 * 86_400,
        explain_errors: errors.explain_errors,
        additional_hosts: http.allowed_hosts.iter().map(ToString::to_string).collect(),
    }
}

/// What a form may hold: all of a body that was let in, and a whole interaction in one of its values. Where the configuration allows
/// less than the defaults do, its own limits refuse first.
fn parameter_limits(configuration: &Configuration) -> parameters::Limits {
    let defaults = parameters::Limits::default();
    parameters::Limits {
        total_bytes: defaults.total_bytes.max(configuration.http.max_body_bytes),
        value_bytes: defaults
            .value_bytes
            .max(configuration.interactions.max_bytes),
        ..defaults
    }
}

/// How passwords are hashed and what they must be.
#[must_use]
pub fn password_settings(configuration: &Configuration) -> PasswordSettings {
    let passwords = &configuration.passwords;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    PasswordSettings {
        argon2_memory_kib: passwords.memory_kib,
        argon2_iterations: passwords.iterations,
        argon2_parallelism: passwords.parallelism,
        hashing_threads: if passwords.hashing_threads == 0 {
            cores
        } else {
            passwords.hashing_threads
        },
        hashing_queue: passwords.hashing_queue,
        minimum_characters: passwords.minimum_characters,
        maximum_bytes: passwords.maximum_bytes,
    }
}

/// The pages, with the operator's templates in the place of those of the same name.
///
/// # Errors
/// Which file can't be read, or which template can't be compiled, with its line.
pub fn pages(configuration: &Configuration) -> Result<Pages, String> {
    let folder = configuration.pages.template_dir.as_deref();
    let overrides = folder.map(read_templates).transpose()?;
    let pages =
        Pages::new(&[PAGES], overrides).map_err(|error| format!("pages.template_dir: {error}"))?;
    Ok(match &configuration.pages.site_name {
        Some(name) => pages.with_site_name(name),
        None => pages,
    })
}

fn read_templates(folder: &Path) -> Result<HashMap<String, String>, String> {
    let unreadable =
        |path: &Path, error| format!("pages.template_dir: can't read {}: {error}", path.display());
    let mut templates = HashMap::new();
    for entry in folder
        .read_dir()
        .map_err(|error| unreadable(folder, error))?
    {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let is_template = path
            .extension()
            .is_some_and(|extension| extension == "html");
        if let Some(name) = path
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|_| is_template)
        {
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            templates.insert(name.to_owned(), text);
        }
    }
    Ok(templates)
}

fn limit(attempts: u32, login: &Login) -> Limit {
    Limit {
        attempts,
        window_seconds: login.window_seconds,
    }
}

#[cfg(test)]
mod tests {
    use countersign_oauth::parameters::{ParameterFault, Parameters};

    use super::*;
    use crate::configuration::{Http, Interactions};

    #[test]
    fn an_interaction_of_the_configured_size_fits_into_a_form_and_a_larger_one_does_not() {
        for max_bytes in [32_769, 1_048_576] {
            let interactions = Interactions {
                max_bytes,
                ..Interactions::default()
            };
            let configuration = Configuration {
                interactions,
                http: Http {
                    max_body_bytes: 2 * max_bytes + 16_384,
                    ..Http::default()
                },
                ..Configuration::default()
            };
            let limits = site_settings(&configuration).parameters;
            let form = |bytes: usize| {
                let body = format!("interaction={}", "a".repeat(bytes));
                Parameters::parse_form(body, limits, &[])
            };
            let read = form(max_bytes).expect("the largest is read");
            assert_eq!(read.get("interaction").map(str::len), Some(max_bytes));
            assert_eq!(
                form(max_bytes + 1).err(),
                Some(ParameterFault::TooLarge {
                    name: "interaction".to_owned(),
                    limit_bytes: max_bytes,
                })
            );
        }
        let limits = site_settings(&Configuration::default()).parameters;
        assert_eq!(limits.value_bytes, 32_768);
        assert_eq!(limits.total_bytes, 65_536);
    }

    #[test]
    fn each_limit_of_sign_in_attempts_is_its_own_setting() {
        let configuration = Configuration {
            login: Login {
                attempts_per_account: 3,
                attempts_per_account_anywhere: 5,
                attempts_per_address: 7,
                window_seconds: 11,
            },
            ..Configuration::default()
        };
        let settings = site_settings(&configuration);
        let limits = [
            settings.login_attempts_per_account,
            settings.login_attempts_per_account_anywhere,
            settings.login_attempts_per_address,
        ];
        assert_eq!(limits.map(|limit| limit.attempts), [3, 5, 7]);
        assert_eq!(limits.map(|limit| limit.window_seconds), [11; 3]);
    }
}
