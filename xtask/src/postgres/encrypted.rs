//! A throw-away PostgreSQL that speaks TLS, as `localhost` and under an authority of its own, with a user for each way in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use super::{Kind, Postgres};
use crate::scratch::Scratch;

/// A running cluster, and what whoever calls it needs.
#[derive(Debug)]
pub struct Encrypted(Postgres);

impl Encrypted {
    pub fn start(programs: &Path) -> Result<Self> {
        let scratch = Scratch::new("postgres-tls")?;
        let (authority, issuer) = authority("Authority")?;
        let key = KeyPair::generate()?;
        let server = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &issuer)?;
        let mut settings = vec!["ssl=on", "ssl_cert_file=server.pem", "ssl_key_file=server.key"];
        settings.push("ssl_ca_file=authority.pem");
        let kind = Kind {
            statements: USERS
                .map(|user| format!("CREATE ROLE {user} LOGIN SUPERUSER PASSWORD 'secret'"))
                .into(),
            files: vec![
                ("server.pem", server.pem()),
                ("server.key", key.serialize_pem()),
                ("authority.pem", authority.clone()),
                ("pg_hba.conf", RULES.to_owned()),
            ],
            settings,
        };
        let folder = scratch.path().join("files");
        fs::create_dir(&folder)?;
        let client_key = KeyPair::generate()?;
        let mut client = CertificateParams::default();
        client.distinguished_name.push(DnType::CommonName, "certified");
        for (name, text) in [
            ("authority.pem", authority),
            ("other.pem", self::authority("Other")?.0),
            ("client.pem", client.signed_by(&client_key, &issuer)?.pem()),
            ("client.key", client_key.serialize_pem()),
        ] {
            fs::write(folder.join(name), text)?;
        }
        Postgres::of(programs, scratch, kind).map(Self)
    }

    /// Where it is, without a user.
    pub fn place(&self) -> String {
        format!("localhost:{}", self.0.port)
    }

    /// The folder with the authority it is under, another one, and a certificate of the user `certified`.
    pub fn files(&self) -> PathBuf {
        self.0.scratch.path().join("files")
    }
}

const USERS: [&str; 4] = ["encrypted", "plain", "bound", "certified"];

/// Who gets in, over what, by which proof.
const RULES: &str = "\
hostssl   all encrypted 127.0.0.1/32 trust
hostnossl all plain     127.0.0.1/32 trust
hostssl   all bound     127.0.0.1/32 scram-sha-256
hostssl   all certified 127.0.0.1/32 cert
";

fn authority(name: &str) -> Result<(String, Issuer<'static, KeyPair>)> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok((params.self_signed(&key)?.pem(), Issuer::new(params, key)))
}
