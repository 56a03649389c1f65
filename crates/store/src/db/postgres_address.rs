//! The address of a PostgreSQL, as libpq writes it, and the way there. What libpq says of TLS is understood here, since the
//! driver knows half of it; all else is the driver's.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use deadpool_postgres::Connect;
use percent_encoding::percent_decode_str;
use rustls::pki_types::InvalidDnsNameError;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, SslMode, SslNegotiation};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};

use super::postgres::translate_plain;
use super::postgres_tls::{Roots, Tls};
use super::{Error, Result};

/// A PostgreSQL, and how it is spoken to. Its `Debug` has no password.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub config: Config,
    tls: Tls,
    mode: Mode,
}

/// A client, and what has to be polled for it.
type Connected = (Client, Connection<Socket, <Tls as MakeTlsConnect<Socket>>::Stream>);

impl Address {
    /// Understands an address. Nothing is read and nobody called.
    pub fn parse(url: &str) -> Result<Self> {
        let (address, options) = split(url);
        let mut asked = Parameters::default();
        let mut others = Vec::new();
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            if !asked.take(&decoded(name)?, decoded(value)?)? {
                others.push(option);
            }
        }
        let mut config: Config = format!("{address}?{}", others.join("&")).parse().map_err(malformed)?;
        if config.get_hosts().is_empty() {
            // The name that a certificate is then held against.
            for address in config.get_hostaddrs().to_vec() {
                config.host(address.to_string());
            }
        }
        // Nobody listens on a socket of this machine, so libpq does not encrypt there, whatever is asked.
        let is_socket = |host: &Host| matches!(host, Host::Unix(_));
        if !config.get_hosts().is_empty() && config.get_hosts().iter().all(is_socket) {
            asked = Parameters { mode: Some(Mode::Disable), ..Parameters::default() };
        }
        let is_direct = config.get_ssl_negotiation() == SslNegotiation::Direct;
        let (mode, tls) = asked.understood(is_direct)?;
        config.ssl_mode(mode.first());
        Ok(Self { config, tls, mode })
    }

    /// The same, once the files that it names could be read.
    pub fn checked(url: &str) -> Result<Self> {
        let address = Self::parse(url)?;
        address.tls.configured()?;
        Ok(address)
    }

    /// Connects, by the second way as well where the first one fails over whether to encrypt.
    pub async fn connect(&self) -> Result<Connected, tokio_postgres::Error> {
        let error = match self.config.connect(self.tls()).await {
            Ok(connected) => return Ok(connected),
            Err(error) => error,
        };
        let Some(second) = self.mode.second().filter(|_| is_about_encryption(&error)) else {
            return Err(error);
        };
        let mut config = self.config.clone();
        config.ssl_mode(second);
        // What went wrong first is what the operator wanted.
        config.connect(self.tls()).await.map_err(|_| error)
    }

    /// A client, whose connection ends when it is dropped; what goes wrong there is told to whoever waits for an answer.
    pub async fn client(&self) -> Result<Client> {
        let (client, connection) = self.connect().await.map_err(translate_plain)?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// How a connection is encrypted.
    pub fn tls(&self) -> Tls {
        self.tls.clone()
    }

    /// Whether somebody on the way could pose as the database: its certificate is looked at by nobody, and the way leaves
    /// this machine.
    pub fn believes_anybody(&self) -> bool {
        let is_here = |host: &Host| match host {
            Host::Tcp(name) => {
                name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
            }
            Host::Unix(_) => true,
        };
        let asks = if self.tls.is_picky() { Mode::Require } else { Mode::VerifyCa };
        self.mode < asks && !self.config.get_hosts().iter().all(is_here)
    }
}

impl Connect for Address {
    fn connect(&self, _: &Config) -> Boxed<'_, Result<(Client, JoinHandle<()>), tokio_postgres::Error>> {
        Box::pin(async {
            let (client, connection) = Self::connect(self).await?;
            let talking = async {
                if let Err(error) = connection.await {
                    tracing::warn!(%error, "a connection to PostgreSQL ended");
                }
            };
            Ok((client, tokio::spawn(talking)))
        })
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How much is asked of a connection; each asks for more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

const MODES: [(&str, Mode); 6] = [
    ("disable", Mode::Disable),
    ("allow", Mode::Allow),
    ("prefer", Mode::Prefer),
    ("require", Mode::Require),
    ("verify-ca", Mode::VerifyCa),
    ("verify-full", Mode::VerifyFull),
];

impl Mode {
    fn named(name: &str) -> Result<Self> {
        let found = MODES.iter().find(|(known, _)| *known == name);
        let known = || MODES.map(|(name, _)| name).join(", ");
        found
            .map(|(_, mode)| *mode)
            .ok_or_else(|| wrong(format!("sslmode is {name:?}, and may be {}", known())))
    }

    fn first(self) -> SslMode {
        match self {
            Self::Disable | Self::Allow => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::VerifyCa | Self::VerifyFull => SslMode::Require,
        }
    }

    /// What is tried after the first.
    fn second(self) -> Option<SslMode> {
        match self {
            Self::Allow => Some(SslMode::Require),
            Self::Prefer => Some(SslMode::Disable),
            Self::Disable | Self::Require | Self::VerifyCa | Self::VerifyFull => None,
        }
    }
}

/// The parameters that the driver does not know, or not all values of.
#[derive(Debug, Default)]
struct Parameters {
    mode: Option<Mode>,
    roots: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

impl Parameters {
    /// Takes a parameter, and answers whether it is one of these. An empty one is as good as none.
    fn take(&mut self, name: &str, value: String) -> Result<bool> {
        let value = Some(value).filter(|value| !value.is_empty());
        match name {
            "sslmode" => self.mode = value.map(|mode| Mode::named(&mode)).transpose()?,
            // In the words of JDBC, which libpq understands as well.
            "ssl" if value.as_deref() == Some("true") => self.mode = Some(Mode::Require),
            "ssl" => return Err(wrong("ssl may only be true: say sslmode instead")),
            "sslrootcert" => self.roots = value,
            "sslcert" => self.certificate = value,
            "sslkey" => self.key = value,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What they mean together.
    fn understood(self, is_direct: bool) -> Result<(Mode, Tls)> {
        let is_system = self.roots.as_deref() == Some("system");
        let mode = self.mode.unwrap_or(if is_system { Mode::VerifyFull } else { Mode::Prefer });
        let roots = match (self.roots, mode) {
            (None, Mode::VerifyFull) => Some(Roots::System(Arc::default())),
            // Anybody can have a certificate of theirs for a name of his own.
            (Some(_), mode) if is_system && mode < Mode::VerifyFull => {
                return Err(wrong("sslrootcert=system goes with sslmode=verify-full only"));
            }
            (Some(_), _) if is_system => Some(Roots::System(Arc::default())),
            (None, Mode::VerifyCa) => {
                return Err(wrong("sslmode=verify-ca needs sslrootcert, the authorities as a PEM file"));
            }
            (Some(path), _) => Some(Roots::File(path.into())),
            (None, _) => None,
        };
        let identity = match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
            (None, None) => None,
            _ => return Err(wrong("sslcert and sslkey belong together: give both or none")),
        };
        if mode == Mode::Disable {
            return Ok((mode, Tls::default()));
        }
        let is_named = mode == Mode::VerifyFull;
        Ok((mode, Tls { roots, is_named, identity, is_direct }))
    }
}

/// An address and what stands after its question mark.
fn split(url: &str) -> (&str, &str) {
    // A password may hold one.
    let host = url.find('@').map_or(0, |at| at + 1);
    match url[host..].split_once('?') {
        Some((before, options)) => (&url[..host + before.len()], options),
        None => (url, ""),
    }
}

fn decoded(text: &str) -> Result<String> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(String::from).map_err(|_| wrong("a parameter of the address is no UTF-8"))
}

/// What the driver says of an address; it names parameters, and never what they are set to.
fn malformed(error: tokio_postgres::Error) -> Error {
    let cause = error.source().map(ToString::to_string);
    wrong(format!("the address of the database: {}", cause.unwrap_or_else(|| error.to_string())))
}

pub(super) fn wrong(words: impl Into<String>) -> Error {
    Error::Address { words: words.into() }
}

/// Whether another try with or without encryption may do: the handshake went wrong, or the server takes nobody this way.
fn is_about_encryption(error: &tokio_postgres::Error) -> bool {
    if let Some(code) = error.code() {
        return *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION;
    }
    let Some(error) = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()) else {
        return false;
    };
    let ended = [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset].contains(&error.kind());
    ended
        || error
            .get_ref()
            .is_some_and(|cause| cause.is::<rustls::Error>() || cause.is::<InvalidDnsNameError>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Address, Mode};

    fn parse(options: &str) -> Address {
        Address::parse(&format!("postgres://u:secret@db.internal/d{options}")).unwrap()
    }

    fn refused(options: &str) -> String {
        Address::parse(&format!("postgres://u:secret@db.internal/d{options}")).unwrap_err().to_string()
    }

    #[test]
    fn what_libpq_calls_its_parameters_is_understood() {
        for (options, mode, believes_anybody) in [
            ("", Mode::Prefer, true),
            ("?sslmode=", Mode::Prefer, true),
            ("?sslmode=disable", Mode::Disable, true),
            ("?sslmode=allow", Mode::Allow, true),
            ("?sslmode=require&channel_binding=require", Mode::Require, true),
            ("?ssl=true", Mode::Require, true),
            ("?sslmode=require&sslrootcert=/ca.pem", Mode::Require, false),
            ("?sslrootcert=/ca.pem", Mode::Prefer, true),
            ("?sslmode=verify-ca&sslrootcert=%2Fca.pem", Mode::VerifyCa, false),
            ("?sslmode=verify-full", Mode::VerifyFull, false),
            ("?ssl%6Dode=verify-full", Mode::VerifyFull, false),
            ("?sslrootcert=system", Mode::VerifyFull, false),
            ("?sslmode=prefer&sslmode=verify-full", Mode::VerifyFull, false),
            ("?application_name=x&sslmode=verify-full&sslnegotiation=direct", Mode::VerifyFull, false),
            ("?sslmode=require&sslcert=/a.pem&sslkey=/a.key", Mode::Require, true),
        ] {
            let address = parse(options);
            assert_eq!((address.mode, address.believes_anybody()), (mode, believes_anybody), "{options}");
        }
        assert_eq!(parse("?application_name=x&sslmode=require").config.get_application_name(), Some("x"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (options, named) in [
            ("?sslmode=verify", "sslmode"),
            ("?sslmode=verify-ca", "sslrootcert"),
            ("?sslrootcert=system&sslmode=require", "sslrootcert=system"),
            ("?sslcert=/a.pem", "sslkey"),
            ("?sslkey=/a.key&sslmode=disable", "sslcert"),
            ("?ssl=1", "ssl "),
            ("?sslmodus=require", "sslmodus"),
            ("?sslcrl=/crl.pem", "sslcrl"),
            ("?channel_binding=maybe", "channel_binding"),
            ("?sslmode=%FF", "UTF-8"),
            ("?nothing", "unterminated"),
        ] {
            let words = refused(options);
            assert!(words.contains(named) && !words.contains("secret"), "{options}: {words}");
        }
    }

    #[test]
    fn a_socket_of_this_machine_is_not_encrypted() {
        let socket = Address::parse("postgres://u@%2Fvar%2Frun%2Fpostgresql/d?sslmode=verify-full").unwrap();
        assert_eq!((socket.mode, socket.believes_anybody()), (Mode::Disable, false));
    }

    #[test]
    fn this_machine_is_believed_and_an_address_is_a_name() {
        for (url, believes_anybody) in [
            ("postgres://u@127.0.0.1:5433/d", false),
            ("postgres://u@[::1]/d", false),
            ("postgres://u@localhost,db.internal/d", true),
            ("postgres:///d?user=u&hostaddr=127.0.0.1", false),
            ("postgres:///d?user=u&hostaddr=192.0.2.7", true),
        ] {
            assert_eq!(Address::parse(url).unwrap().believes_anybody(), believes_anybody, "{url}");
        }
    }

    #[test]
    fn a_password_may_hold_a_question_mark() {
        let address = Address::parse("postgres://u:a?b=c@db.internal/d?sslmode=require").unwrap();
        assert_eq!(address.config.get_password(), Some(&b"a?b=c"[..]));
        assert_eq!(address.mode, Mode::Require);
        assert!(!format!("{address:?}").contains("a?b=c"));
    }

    proptest! {
        #[test]
        fn no_address_tells_its_password(options in ".{0,60}", name in "ssl[a-z]{0,8}", value in ".{0,20}") {
            for options in [options, format!("{name}={value}")] {
                if let Err(error) = Address::parse(&format!("postgres://u:pass-word-7@h/d?{options}")) {
                    prop_assert!(!format!("{error} {error:?}").contains("pass-word-7"), "{error:?}");
                }
            }
        }
    }
}
