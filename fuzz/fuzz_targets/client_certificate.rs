//! A certificate as a proxy's header has it, and a distinguished name as a client registers it.

#![no_main]

use countersign_oauth::client_certificate::{
    CertificateName, Chain, ClientCertificate, DistinguishedName,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let read = ClientCertificate::from_der(input, Chain::Verified);
    if let Ok(certificate) = &read {
        assert_eq!(certificate.der(), input);
        assert_eq!(certificate.thumbprint_sha256().len(), 43);
    }
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    _ = ClientCertificate::from_header(text, Chain::NotVerified);
    let Some(name) = DistinguishedName::parse(text) else {
        return;
    };
    assert_eq!(DistinguishedName::parse(text), Some(name.clone()));
    if let Ok(certificate) = &read {
        _ = certificate.bears(&CertificateName::SubjectDn(name));
    }
});
