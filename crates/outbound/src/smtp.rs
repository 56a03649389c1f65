//! Mail servers that somebody else chose: given one mail at a time, over a connection of its own. The same rules hold as
//! for HTTP: only addresses that may be reached are connected to, and none of them is told a password in the clear.

use std::net::IpAddr;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    address::Envelope,
    message::{Mailbox, Message, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
        extension::ClientId,
    },
};

use crate::{Error, Outbound, Result, networks};

/// A mail server, and what lets this one in.
#[derive(Clone)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub user: Option<String>,
    pub password: Option<String>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// A mail in HTML, and the same as plain text.
#[derive(Debug, Clone)]
pub struct Mail {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub html: String,
    pub text: String,
    /// Further headers, by name.
    pub headers: Vec<(String, String)>,
    /// What the mail is known by, so that one that comes twice is seen to.
    pub id: String,
}

impl Outbound {
    /// Gives a mail to a mail server, which has it when this returns.
    pub async fn send_mail(&self, server: &Smtp, mail: &Mail) -> Result<()> {
        let (envelope, message) = message(mail)?;
        let transport = self.transport(server).await?;
        self.in_time(transport.send_raw(&envelope, &message)).await.map(drop)
    }

    /// Greets a mail server and logs in there, as far as it would be done for a mail; sends none.
    pub async fn greet_mail_server(&self, server: &Smtp) -> Result<()> {
        let transport = self.transport(server).await?;
        match self.in_time(transport.test_connection()).await? {
            true => Ok(()),
            false => Err(Error::Unusable("the mail server takes no commands".into())),
        }
    }

    async fn transport(&self, server: &Smtp) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
        let address = self.address_of(server).await?;
        let tls = self.tls(server, address)?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.to_string())
            .port(server.port)
            .tls(tls)
            .hello_name(ClientId::Domain("countersign".into()))
            .timeout(Some(self.0.settings.total));
        if let (Some(user), Some(password)) = (&server.user, &server.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(builder.build())
    }

    /// The library's limit is for each step; a server that dawdles over all of them is one limit for all.
    async fn in_time<T>(
        &self,
        talk: impl Future<Output = std::result::Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T> {
        let whole = self.0.settings.total.saturating_mul(6);
        match tokio::time::timeout(whole, talk).await {
            Err(_) => Err(Error::Slow),
            Ok(Ok(told)) => Ok(told),
            Ok(Err(error)) if error.is_timeout() => Err(Error::Slow),
            Ok(Err(error)) => Err(refusal(&error)),
        }
    }

    async fn address_of(&self, server: &Smtp) -> Result<IpAddr> {
        let host = server.host.trim_matches(['[', ']']);
        if let Ok(address) = host.parse::<IpAddr>() {
            self.0.settings.may_reach(address)?;
            return Ok(address);
        }
        let found =
            tokio::time::timeout(self.0.settings.connect, tokio::net::lookup_host((host, server.port)));
        let found =
            found.await.map_err(|_| Error::Slow)?.map_err(|error| Error::Unreachable(error.to_string()))?;
        let mut is_known = false;
        for address in found {
            is_known = true;
            if self.0.settings.may_reach(address.ip()).is_ok() {
                return Ok(address.ip());
            }
        }
        if is_known { Err(Error::NotPublic) } else { Err(Error::Unreachable("no such host".into())) }
    }

    /// Port 465 speaks TLS from its first byte. Elsewhere it is begun when the server offers it, and must be before a
    /// password is told, or on the way through the internet.
    fn tls(&self, server: &Smtp, address: IpAddr) -> Result<Tls> {
        let unusable = |error: lettre::transport::smtp::Error| Error::Unusable(error.to_string());
        let host = server.host.trim_matches(['[', ']']).to_owned();
        let mut parameters = TlsParameters::builder(host).certificate_store(CertificateStore::Default);
        if let Some(pem) = &self.0.settings.authorities {
            parameters =
                parameters.add_root_certificate(Certificate::from_pem(pem.as_bytes()).map_err(unusable)?);
        }
        let parameters = parameters.build_rustls().map_err(unusable)?;
        Ok(if server.port == 465 {
            Tls::Wrapper(parameters)
        } else if server.password.is_some() && !address.is_loopback() || networks::is_public(address) {
            Tls::Required(parameters)
        } else {
            Tls::Opportunistic(parameters)
        })
    }
}

/// Whether this names somebody that a mail can be sent to or from: `ann@example.com`, `Ann <ann@example.com>`.
pub fn check_mailbox(text: &str) -> std::result::Result<(), String> {
    text.parse::<Mailbox>().map(drop).map_err(|error| error.to_string())
}

fn message(mail: &Mail) -> Result<(Envelope, Vec<u8>)> {
    let mailbox = |text: &str| text.parse::<Mailbox>().map_err(|error| Error::Unusable(error.to_string()));
    let unusable = |error: &dyn std::error::Error| Error::Unusable(error.to_string());
    let (from, to) = (mailbox(&mail.from)?, mailbox(&mail.to)?);
    let envelope = Envelope::new(Some(from.email.clone()), vec![to.email.clone()]);
    let envelope = envelope.map_err(|error| unusable(&error))?;
    let builder = Message::builder()
        .from(from)
        .to(to)
        .subject(one_line(&mail.subject))
        .message_id(Some(format!("<{}>", one_line(&mail.id))));
    let parts = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
    let message = builder.multipart(parts).map_err(|error| unusable(&error))?;
    let mut written = Vec::new();
    for (name, value) in &mail.headers {
        if is_header(name) {
            written.extend_from_slice(format!("{name}: {}\r\n", one_line(value)).as_bytes());
        }
    }
    written.extend_from_slice(&message.formatted());
    Ok((envelope, written))
}

/// A header of somebody's own, which must not be one of those that say who and what.
fn is_header(name: &str) -> bool {
    name.len() > 2
        && name.starts_with(['X', 'x'])
        && name.as_bytes()[1] == b'-'
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A line that cannot begin another one.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(900).collect::<String>().trim().to_owned()
}

fn refusal(error: &lettre::transport::smtp::Error) -> Error {
    match error.status() {
        // What the server says may repeat what it was given; its number says enough.
        Some(code) => Error::Refused(u16::from(code)),
        None => {
            let mut last = error.to_string();
            let mut cause = std::error::Error::source(error);
            while let Some(inner) = cause {
                last = inner.to_string();
                cause = inner.source();
            }
            Error::Unreachable(last.chars().take(200).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str, to: &str) -> Mail {
        Mail {
            from: "Shop <shop@example.com>".into(),
            to: to.into(),
            subject: subject.into(),
            html: "<p>Grüße</p>".into(),
            text: "Grüße".into(),
            headers: vec![
                ("X-Kind".into(), "a\r\nBcc: eve@example.com".into()),
                ("Bcc".into(), "eve@example.com".into()),
                ("X-\r\nBcc".into(), "eve@example.com".into()),
            ],
            id: "mail_1@example.com".into(),
        }
    }

    #[test]
    fn nothing_that_is_given_begins_another_header() {
        let (envelope, written) = message(&mail("Hi\r\nBcc: eve@example.com\0", "ann@example.com")).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert_eq!(envelope.to().len(), 1);
        assert!(!written.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{written}");
        assert!(written.starts_with("X-Kind: a  Bcc: eve@example.com\r\nFrom: "), "{written}");
        assert!(written.contains("Message-ID: <mail_1@example.com>"), "{written}");
    }

    #[test]
    fn a_mail_is_to_one_mailbox() {
        for to in [
            "",
            "ann",
            "ann@example.com, eve@example.com",
            "ann@example.com\r\nRCPT TO:<eve@example.com>",
            "<ann@example.com> <eve@example.com>",
            "ann@exa mple.com",
            "ann@example.com\0",
        ] {
            assert!(message(&mail("Hi", to)).is_err(), "{to:?}");
            assert!(check_mailbox(to).is_err(), "{to:?}");
        }
        assert!(
            check_mailbox("Ann \"the\" <ann@example.com>").is_ok()
                || check_mailbox("Ann <ann@example.com>").is_ok()
        );
    }
}
