//! X.509 certificates around a key: made for our own keys, read for others'. It never decides whether a
//! certificate is trusted; no chain is built and no date is compared.

mod subject;

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cms::cert::CertificateChoices;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{CertificateSet, EncapsulatedContentInfo, SignedData, SignerInfos};
use der::asn1::{Any, SetOfVec};
use der::oid::db::rfc5911::{ID_DATA, ID_SIGNED_DATA};
use der::pem::LineEnding;
use der::{Decode, Encode};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyUsagePurpose};
use rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use crate::digest::sha1;
use crate::key::Pair;
use crate::{Error, PrivateKey, PublicKey, Result, b64url_encode, pem, sha256};

/// A certificate, known to be well formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
}

impl Certificate {
    /// Makes a self-signed certificate; a common name longer than X.520 allows is cut.
    pub fn self_signed(
        key: &PrivateKey,
        common_name: &str,
        not_before_unix: i64,
        years: u32,
    ) -> Result<Self> {
        let refused = Error::Certificate("dates outside 1970 to 9999");
        let Ok(start) = u64::try_from(not_before_unix) else { return Err(refused) };
        let end = u64::from(years).saturating_mul(SECONDS_OF_A_YEAR).saturating_add(start);
        if end > LAST_SECOND {
            return Err(refused);
        }

        let mut params = CertificateParams::default();
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        params.not_before = epoch + Duration::from_secs(start);
        params.not_after = epoch + Duration::from_secs(end);
        params.distinguished_name = DistinguishedName::new();
        let name: String = common_name.chars().take(LONGEST_COMMON_NAME).collect();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign];
        let made = params.self_signed(key).map_err(|_| Error::Certificate("cannot be signed"))?;
        Self::from_der(made.der().to_vec())
    }

    /// Reads a `CERTIFICATE` in PEM.
    pub fn from_pem(text: &str) -> Result<Self> {
        let block = pem::read(text)?;
        if block.label != "CERTIFICATE" {
            return Err(Error::Pem("not a certificate"));
        }
        Self::from_der(block.contents)
    }

    /// Reads a certificate in DER.
    pub fn from_der(der: Vec<u8>) -> Result<Self> {
        match X509Certificate::from_der(&der) {
            Ok(([], _)) => Ok(Self { der }),
            Ok(_) | Err(_) => Err(Error::Certificate("not X.509")),
        }
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The DER in padded base64, as `x5c` wants it (RFC 7515 §4.1.6).
    pub fn der_base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// The certificate in PEM, with the line ends Auth0 writes.
    pub fn pem(&self) -> String {
        pem::write("CERTIFICATE", LineEnding::CRLF, &self.der)
    }

    /// The certificate alone in a PKCS#7 message without signers, in PEM.
    pub fn pkcs7(&self) -> Result<String> {
        let message = certificate_only(&self.der).map_err(|_| Error::Certificate("not DER"))?;
        Ok(pem::write("PKCS7", LineEnding::CRLF, &message))
    }

    /// The SHA-1 of the DER in capital hex.
    pub fn sha1_thumbprint(&self) -> String {
        self.sha1_hex().concat()
    }

    /// The SHA-1 of the DER in capital hex, with colons.
    pub fn fingerprint(&self) -> String {
        self.sha1_hex().join(":")
    }

    /// The SHA-1 of the DER in base64url (RFC 7515 §4.1.7).
    pub fn x5t(&self) -> String {
        b64url_encode(sha1(&self.der))
    }

    /// The SHA-256 of the DER in base64url (RFC 7515 §4.1.8).
    pub fn x5t_s256(&self) -> String {
        b64url_encode(sha256(&self.der))
    }

    /// The subject as Auth0 writes it: one line for each RDN, in the certificate's order.
    pub fn subject_dn(&self) -> String {
        subject::lines(self.parsed().subject())
    }

    /// The parts of the subject that have a long name, as `commonName`, in the certificate's order.
    pub fn subject_names(&self) -> Vec<(&'static str, String)> {
        subject::names(self.parsed().subject())
    }

    /// The first second of its validity, in Unix time.
    pub fn not_before_unix(&self) -> i64 {
        self.parsed().validity().not_before.timestamp()
    }

    /// The last second of its validity, in Unix time.
    pub fn not_after_unix(&self) -> i64 {
        self.parsed().validity().not_after.timestamp()
    }

    /// The key it is about.
    pub fn public_key(&self) -> Result<PublicKey> {
        PublicKey::from_info(self.parsed().public_key())
    }

    fn parsed(&self) -> X509Certificate<'_> {
        X509Certificate::from_der(&self.der).expect("was parsed when it was made").1
    }

    fn sha1_hex(&self) -> Vec<String> {
        sha1(&self.der).iter().map(|byte| format!("{byte:02X}")).collect()
    }
}

impl PublicKeyData for PrivateKey {
    fn der_bytes(&self) -> &[u8] {
        self.public().raw()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.public().algorithm()
    }
}

impl SigningKey for PrivateKey {
    fn sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, rcgen::Error> {
        signature(self, message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

/// The signature in the form X.509 wants, which for ECDSA is another than that of JOSE.
fn signature(key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>> {
    let random = SystemRandom::new();
    match key.pair() {
        Pair::Rsa(pair) => {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
            Ok(signature)
        }
        Pair::P256(_) => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key.to_pkcs8()?)
                .map_err(|_| Error::Library)?;
            Ok(pair.sign(&random, message)?.as_ref().to_vec())
        }
        Pair::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
    }
}

/// A degenerate SignedData (RFC 5652 §5.1): no content, no signers, and no list of revocations either.
fn certificate_only(certificate: &[u8]) -> der::Result<Vec<u8>> {
    let certificate = CertificateChoices::Certificate(cms::cert::x509::Certificate::from_der(certificate)?);
    let signed_data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::default(),
        encap_content_info: EncapsulatedContentInfo { econtent_type: ID_DATA, econtent: None },
        certificates: Some(CertificateSet(SetOfVec::try_from([certificate])?)),
        crls: None,
        signer_infos: SignerInfos(SetOfVec::default()),
    };
    ContentInfo { content_type: ID_SIGNED_DATA, content: Any::encode_from(&signed_data)? }.to_der()
}

/// X.520 `ub-common-name`, in characters.
const LONGEST_COMMON_NAME: usize = 64;
/// The mean Gregorian year.
const SECONDS_OF_A_YEAR: u64 = 31_556_952;
/// 9999-12-31T23:59:59Z, the last that X.509 can write.
const LAST_SECOND: u64 = 253_402_300_799;
