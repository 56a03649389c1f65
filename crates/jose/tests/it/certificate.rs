//! Certificates made here, and one that OpenSSL made.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use jose::{Certificate, KeyKind, PrivateKey, PublicKey};
use x509_parser::prelude::{FromDer, X509Certificate};

#[test]
fn a_certificate_is_made_for_each_kind() {
    for kind in [KeyKind::Rsa, KeyKind::P256, KeyKind::Ed25519] {
        let key = PrivateKey::generate(kind).unwrap();
        let made = Certificate::self_signed(&key, "tenant.example", 1_700_000_000, 13).unwrap();
        assert_eq!(made.subject_dn(), "CN=tenant.example");
        assert_eq!(made.not_after_unix(), 1_700_000_000 + 13 * 31_556_952);
        assert_eq!(made.public_key().unwrap(), *key.public());
        assert_eq!(PublicKey::from_pem(&made.pem()).unwrap(), *key.public());
        assert_eq!(Certificate::from_pem(&made.pem()).unwrap(), made);
        assert!(made.pem().starts_with("-----BEGIN CERTIFICATE-----\r\n"));
        assert!(made.pem().ends_with("-----END CERTIFICATE-----\r\n"));
        assert!(made.pkcs7().unwrap().starts_with("-----BEGIN PKCS7-----\r\n"));
        assert_eq!(made.fingerprint().replace(':', ""), made.sha1_thumbprint());
    }
}

#[test]
fn a_certificate_is_signed_by_its_own_key() {
    let verifications: [(KeyKind, &'static dyn VerificationAlgorithm); 3] = [
        (KeyKind::Rsa, &RSA_PKCS1_2048_8192_SHA256),
        (KeyKind::P256, &ECDSA_P256_SHA256_ASN1),
        (KeyKind::Ed25519, &ED25519),
    ];
    for (kind, verification) in verifications {
        let key = PrivateKey::generate(kind).unwrap();
        let made = Certificate::self_signed(&key, "tenant.example", 1_700_000_000, 13).unwrap();
        let (_, read) = X509Certificate::from_der(made.der()).unwrap();
        UnparsedPublicKey::new(verification, key.public().to_spki())
            .verify(read.tbs_certificate.as_ref(), &read.signature_value.data)
            .unwrap();
        assert_eq!(read.subject(), read.issuer());
    }
}

#[test]
fn a_common_name_is_cut_between_characters() {
    let key = PrivateKey::generate(KeyKind::P256).unwrap();
    for (name, expected) in [
        ("é".repeat(100), "é".repeat(64)),
        (String::new(), String::new()),
        ("a\nCN=b".into(), "a\\0ACN=b".into()),
    ] {
        let made = Certificate::self_signed(&key, &name, 0, 1).unwrap();
        assert_eq!(made.subject_dn(), format!("CN={expected}"));
    }
}

#[test]
fn dates_that_cannot_be_written_are_refused() {
    let key = PrivateKey::generate(KeyKind::P256).unwrap();
    for (start, years) in [(-1, 1), (i64::MIN, 1), (i64::MAX, 1), (0, u32::MAX), (253_402_300_799, 1)] {
        assert!(Certificate::self_signed(&key, "x", start, years).is_err(), "{start} {years}");
    }
    assert_eq!(
        Certificate::self_signed(&key, "x", 1_700_000_000, 500).unwrap().not_after_unix(),
        17_478_476_000
    );
}

#[test]
fn a_certificate_of_openssl_is_read_as_openssl_reads_it() {
    let read = Certificate::from_pem(OPENSSL).unwrap();
    assert_eq!(
        read.subject_dn(),
        "C=JP\nST=Tokyo\nL=Chiyoda\\, Ward\nO=Example KK\nOU=Zoë \\\\\\+ Co\n\
         CN=client.example + emailAddress=ops@client.example\nDC=example"
    );
    assert_eq!(read.not_after_unix(), 2_110_988_832);
    assert_eq!(read.fingerprint(), "A3:55:6E:C9:BA:18:1D:39:22:1F:BB:AC:9F:A4:47:D9:63:0A:92:88");
    assert_eq!(read.sha1_thumbprint(), "A3556EC9BA181D39221FBBAC9FA447D9630A9288");
    assert_eq!(read.x5t(), "o1VuyboYHTkiH7usn6RH2WMKkog");
    assert_eq!(read.x5t_s256(), "yQ1b2Bu50KSgikqH5E43HFQHu_WdyYb4TMWcyMDAU5A");
    assert_eq!(
        read.public_key().unwrap(),
        PublicKey::from_pem(include_str!("vectors/subject.spki.pem")).unwrap()
    );
    assert_eq!(read.pem().replace("\r\n", "\n"), OPENSSL);
    assert_eq!(read.der_base64(), OPENSSL.lines().filter(|line| !line.starts_with('-')).collect::<String>());
}

#[test]
fn a_pkcs7_is_the_one_openssl_writes() {
    let pkcs7 = Certificate::from_pem(OPENSSL).unwrap().pkcs7().unwrap();
    assert_eq!(pkcs7.replace("\r\n", "\n"), include_str!("vectors/subject.pkcs7.pem"));
}

#[test]
fn damaged_certificates_are_refused() {
    let der = Certificate::from_pem(OPENSSL).unwrap().der().to_vec();
    for length in 0..der.len() {
        assert!(Certificate::from_der(der[..length].to_vec()).is_err(), "{length}");
    }
    assert!(Certificate::from_der([der.as_slice(), b"\0"].concat()).is_err());
    assert!(Certificate::from_pem(include_str!("vectors/subject.spki.pem")).is_err());
    assert!(Certificate::from_pem(&OPENSSL.replace("MIIC", "AAAA")).is_err());
    assert!(Certificate::from_pem("").is_err());
}

#[test]
fn no_flipped_bit_makes_a_reader_panic() {
    let der = Certificate::from_pem(OPENSSL).unwrap().der().to_vec();
    for place in 0..der.len() {
        for bit in 0..8 {
            let mut bent = der.clone();
            bent[place] ^= 1 << bit;
            if let Ok(read) = Certificate::from_der(bent) {
                let _ = (read.subject_dn(), read.not_after_unix(), read.public_key(), read.pkcs7());
            }
        }
    }
}

const OPENSSL: &str = include_str!("vectors/subject.pem");
