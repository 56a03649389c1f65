//! A certificate authority for one machine, so that HTTPS works before anybody has bought a certificate. It may
//! sign for this machine's names and nothing else (name constraints, RFC 5280 §4.2.1.10), so that trusting it
//! gives nobody power over other sites. Its key never leaves the directory.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use ipnet::IpNet;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PublicKeyData, date_time_ymd,
};
use rustls_pki_types::DnsName;
use x509_parser::{
    certificate::X509Certificate,
    extensions::{GeneralName, ParsedExtension},
    pem::parse_x509_pem,
};

/// The authority in its directory, loaded.
pub(crate) struct LocalAuthority {
    dir: PathBuf,
    certificate: String,
    key: KeyPair,
}

impl LocalAuthority {
    /// Loads the authority, or makes one when there is none, it has run out, or it may not sign for `names`.
    pub fn open(dir: &Path, names: &[String], now: i64) -> Result<Self> {
        for name in names {
            // An empty name would permit every name there is.
            let is_name = name.parse::<IpAddr>().is_ok() || DnsName::try_from(domain(name)).is_ok();
            ensure!(is_name, "{name:?} is neither a host name nor an address");
        }
        make_directory(dir).with_context(|| format!("directory {}", dir.display()))?;
        let found = (read(&dir.join(CA_CERTIFICATE))?, read(&dir.join(CA_KEY))?);
        let (certificate, key) = match found {
            (Some(certificate), Some(key)) => (certificate, key),
            (None, None) => return Self::make(dir, names, now),
            // Making a new one in silence would throw away an authority that browsers already trust.
            (None, Some(_)) | (Some(_), None) => bail!(
                "{} holds only one of {CA_CERTIFICATE} and {CA_KEY}: restore the other or remove both",
                dir.display()
            ),
        };
        let key = KeyPair::from_pem(&key).with_context(|| dir.join(CA_KEY).display().to_string())?;
        let usable = {
            let (_, pem) = parse_x509_pem(certificate.as_bytes())
                .with_context(|| dir.join(CA_CERTIFICATE).display().to_string())?;
            let parsed = pem.parse_x509().with_context(|| dir.join(CA_CERTIFICATE).display().to_string())?;
            ensure!(
                parsed.public_key().subject_public_key.data.as_ref() == key.der_bytes(),
                "{CA_KEY} in {} does not belong to {CA_CERTIFICATE}",
                dir.display()
            );
            lasts(&parsed, now + RENEW_BEFORE) && names.iter().all(|name| permits(&parsed, name))
        };
        if usable {
            return Ok(Self { dir: dir.to_owned(), certificate, key });
        }
        tracing::warn!("the local certificate authority is made anew: it has run out or lacks a name");
        Self::make(dir, names, now)
    }

    fn make(dir: &Path, names: &[String], now: i64) -> Result<Self> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        // The serial tells apart authorities of several machines, or of one machine's several lives.
        let serial: String = key.der_bytes().iter().rev().take(4).map(|byte| format!("{byte:02x}")).collect();
        params.distinguished_name.push(DnType::CommonName, format!("Local certificate authority {serial}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.name_constraints =
            Some(NameConstraints { permitted_subtrees: permitted(names), excluded_subtrees: Vec::new() });
        last(&mut params, now, CA_LIFETIME)?;
        let certificate = params.self_signed(&key)?.pem();
        // The key first: a certificate without its key would be refused at the next start.
        write(&dir.join(CA_KEY), &key.serialize_pem(), PRIVATE)?;
        write(&dir.join(CA_CERTIFICATE), &certificate, PUBLIC)?;
        Ok(Self { dir: dir.to_owned(), certificate, key })
    }

    /// The file clients import.
    pub fn certificate_path(&self) -> PathBuf {
        self.dir.join(CA_CERTIFICATE)
    }

    /// The files of a certificate for `names` and its key, made anew when they would not do for another month.
    pub fn leaf(&self, names: &[String], now: i64) -> Result<(PathBuf, PathBuf)> {
        let (cert_path, key_path) = (self.dir.join(LEAF_CERTIFICATE), self.dir.join(LEAF_KEY));
        let found = (read(&cert_path)?, read(&key_path)?);
        if let (Some(certificate), Some(key)) = found
            && self.still_good(&certificate, &key, names, now)
        {
            return Ok((cert_path, key_path));
        }
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names).context("names of the local certificate")?;
        params.distinguished_name.push(DnType::CommonName, "Local certificate");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        last(&mut params, now, LEAF_LIFETIME)?;
        let issuer = Issuer::from_ca_cert_pem(&self.certificate, &self.key)?;
        let certificate = params.signed_by(&key, &issuer)?.pem();
        write(&key_path, &key.serialize_pem(), PRIVATE)?;
        write(&cert_path, &certificate, PUBLIC)?;
        Ok((cert_path, key_path))
    }

    fn still_good(&self, certificate: &str, key: &str, names: &[String], now: i64) -> bool {
        let Ok((_, pem)) = parse_x509_pem(certificate.as_bytes()) else { return false };
        let (Ok(parsed), Ok(key)) = (pem.parse_x509(), KeyPair::from_pem(key)) else { return false };
        let Ok((_, authority)) = parse_x509_pem(self.certificate.as_bytes()) else { return false };
        let Ok(authority) = authority.parse_x509() else { return false };
        let covered = covered_names(&parsed);
        parsed.public_key().subject_public_key.data.as_ref() == key.der_bytes()
            && parsed.issuer() == authority.subject()
            && lasts(&parsed, now + RENEW_BEFORE)
            && names.iter().all(|name| covered.contains(&canonical(name)))
    }
}

fn last(params: &mut CertificateParams, now: i64, lifetime: u64) -> Result<()> {
    let now = u64::try_from(now).context("the clock stands before 1970")?;
    let at = |seconds| date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds);
    // An hour back, for clients whose clocks are slow.
    params.not_before = at(now.saturating_sub(HOUR));
    params.not_after = at(now + lifetime - HOUR);
    Ok(())
}

fn lasts(certificate: &X509Certificate<'_>, until: i64) -> bool {
    certificate.validity().not_after.timestamp() > until
}

/// The names a certificate is for, addresses in their canonical text.
pub(crate) fn covered_names(certificate: &X509Certificate<'_>) -> BTreeSet<String> {
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.into_iter().flat_map(|extension| &extension.value.general_names);
    names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            GeneralName::IPAddress(octets) => ip(octets).map(|ip| ip.to_string()),
            _ => None,
        })
        .collect()
}

fn canonical(name: &str) -> String {
    name.parse::<IpAddr>().map_or_else(|_| name.to_ascii_lowercase(), |ip| ip.to_string())
}

fn ip(octets: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from).ok();
    four.or_else(|| <[u8; 16]>::try_from(octets).map(IpAddr::from).ok())
}

/// What the authority may sign for: this machine, and the extra names it is made for.
fn permitted(names: &[String]) -> Vec<GeneralSubtree> {
    let mut domains = BTreeSet::from(["localhost".to_owned()]);
    let mut networks: BTreeSet<IpNet> = LOOPBACK.into_iter().collect();
    for name in names {
        match name.parse::<IpAddr>() {
            Ok(ip) if LOOPBACK.iter().any(|network| network.contains(&ip)) => {}
            Ok(ip) => {
                networks.insert(IpNet::from(ip));
            }
            Err(_) => {
                domains.insert(domain(name));
            }
        }
    }
    let domains = domains.into_iter().map(GeneralSubtree::DnsName);
    let networks = networks.into_iter().map(|network| {
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(network.addr(), network.prefix_len()))
    });
    domains.chain(networks).collect()
}

/// Tells whether the authority's own constraints cover a name.
fn permits(authority: &X509Certificate<'_>, name: &str) -> bool {
    let constraints =
        authority.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::NameConstraints(constraints) => constraints.permitted_subtrees.as_ref(),
            _ => None,
        });
    let asked = (name.parse::<IpAddr>().ok(), domain(name));
    constraints.is_some_and(|subtrees| {
        subtrees.iter().any(|subtree| match (&subtree.base, asked.0) {
            (GeneralName::DNSName(domain), None) => {
                let rest = asked.1.strip_suffix(&domain.to_ascii_lowercase());
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            (GeneralName::IPAddress(octets), Some(ip)) => {
                network(octets).is_some_and(|net| net.contains(&ip))
            }
            _ => false,
        })
    })
}

/// An address constraint: as many octets of address as of mask (RFC 5280 §4.2.1.10).
fn network(octets: &[u8]) -> Option<IpNet> {
    let (address, mask) = octets.split_at(octets.len() / 2);
    IpNet::with_netmask(ip(address)?, ip(mask)?).ok()
}

/// The domain a DNS name stands in: `*.example.test` in `example.test`.
fn domain(name: &str) -> String {
    name.strip_prefix("*.").unwrap_or(name).to_ascii_lowercase()
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Writes a file whole or not at all, closed to others from its first byte when `mode` says so.
fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    let beside = path.with_extension("new");
    let written = || -> std::io::Result<()> {
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        #[cfg(not(unix))]
        let _ = mode;
        let mut file = options.open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    written().with_context(|| path.display().to_string())
}

fn make_directory(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

const CA_CERTIFICATE: &str = "ca.pem";
const CA_KEY: &str = "ca.key";
const LEAF_CERTIFICATE: &str = "local.pem";
const LEAF_KEY: &str = "local.key";
const PRIVATE: u32 = 0o600;
const PUBLIC: u32 = 0o644;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const CA_LIFETIME: u64 = 3650 * DAY;
/// Browsers refuse more than 398 days.
const LEAF_LIFETIME: u64 = 397 * DAY;
const RENEW_BEFORE: i64 = 30 * 86_400;

const LOOPBACK: [IpNet; 2] = [
    IpNet::new_assert(IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 0)), 8),
    IpNet::new_assert(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST), 128),
];
