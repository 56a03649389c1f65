//! Certificates and keys, in DER and PEM, as callers and operators hand them in.

#![no_main]

use jose::{Certificate, PublicKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(certificate) = Certificate::from_der(bytes.to_vec()) {
        looked_at(&certificate);
    }
    let _ = PublicKey::from_spki(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(certificate) = Certificate::from_pem(text) {
        looked_at(&certificate);
    }
    if let Ok(key) = PublicKey::from_pem(text) {
        assert_eq!(PublicKey::from_pem(&key.to_spki_pem()), Ok(key));
    }
});

fn looked_at(certificate: &Certificate) {
    let _ =
        (certificate.subject_dn(), certificate.not_after_unix(), certificate.x5t_s256(), certificate.pkcs7());
    if let Ok(key) = certificate.public_key() {
        let _ = (key.jwk().thumbprint(), key.rsa_bits());
    }
}
