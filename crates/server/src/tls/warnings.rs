//! Warnings about a certificate that can be used but probably should not be: it has expired,
//! expires soon, or is for another host.

use jiff::Timestamp;
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::server::ParsedCertificate;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::files::{CERTIFICATE, Files};
use super::material::certificates;
use crate::configuration::Configuration;

/// How long before its expiry a certificate causes a warning. By then, every automatic renewal has
/// been tried more than once.
const DAYS_AHEAD: i64 = 7;

const SECONDS_OF_A_DAY: i64 = 86_400;

/// Looks at the certificate in `tls.certificate_file`, at `now` in Unix seconds. Each warning is
/// one line. Empty if there is no such file, or none that can be used.
#[must_use]
pub fn warnings(configuration: &Configuration, now: i64) -> Vec<String> {
    let Some(files) = Files::of(configuration) else {
        return Vec::new();
    };
    let pem = std::fs::read(&files.certificate).unwrap_or_default();
    let Ok(chain) = certificates(CERTIFICATE, &pem, &files.certificate) else {
        return Vec::new();
    };
    let Some(own) = chain.first() else {
        return Vec::new();
    };
    let path = files.certificate.display();
    let mut warnings = Vec::new();
    if let Some(what) = validity(own, now) {
        warnings.push(format!(
            "{CERTIFICATE}: the certificate in {path} {what}. Renew it; the server picks up the new one without a restart."
        ));
    }
    for (setting, host) in hosts(configuration) {
        if !is_for(own, host) {
            warnings.push(format!(
                "{CERTIFICATE}: the certificate in {path} is not for {host}, the host of {setting}: clients will refuse to connect. Get one whose subject alternative names include it."
            ));
        }
    }
    warnings
}

fn validity(certificate: &CertificateDer<'_>, now: i64) -> Option<String> {
    let (_, read) = X509Certificate::from_der(certificate).ok()?;
    let validity = read.validity();
    let (start, end) = (
        validity.not_before.timestamp(),
        validity.not_after.timestamp(),
    );
    if now < start {
        Some(format!("is not valid before {}", date(start)))
    } else if now > end {
        Some(format!("expired at {}", date(end)))
    } else if end - now < DAYS_AHEAD * SECONDS_OF_A_DAY {
        Some(format!("expires at {}", date(end)))
    } else {
        None
    }
}

fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// The hosts by which clients know the server.
fn hosts(configuration: &Configuration) -> Vec<(&'static str, &str)> {
    let issuer = configuration.basics.issuer.as_ref();
    let issuer = issuer.map(|issuer| ("issuer", issuer.host()));
    let certificates = &configuration.provider.client_certificates;
    let mtls = certificates.endpoints_url.as_ref();
    let mtls = mtls
        .filter(|_| configuration.mtls.listen.is_some())
        .map(|url| ("client_certificates.endpoints_url", url.host()));
    issuer.into_iter().chain(mtls).collect()
}

/// RFC 9525, section 6, as clients check it.
fn is_for(certificate: &CertificateDer<'_>, host: &str) -> bool {
    // An IPv6 address has no brackets there.
    let host = host.trim_matches(['[', ']']);
    let (Ok(certificate), Ok(name)) = (
        ParsedCertificate::try_from(certificate),
        ServerName::try_from(host),
    ) else {
        return false;
    };
    verify_server_name(&certificate, &name).is_ok()
}
