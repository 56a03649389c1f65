//! How a backup is encrypted: as `age` files are, for recipients or with a passphrase. Whoever has only a recipient can
//! make backups and open none. What goes in is compressed first.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use age::secrecy::{ExposeSecret, SecretString};
use age::{Decryptor, Encryptor, IdentityFile, scrypt, x25519};
use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::Args;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};

/// Whom a backup is for.
#[derive(Debug, Args)]
pub struct Lock {
    /// Who can open it: an age recipient (age1…), as `backup keygen` prints it; may be repeated
    #[arg(long, short, value_name = "RECIPIENT")]
    recipient: Vec<x25519::Recipient>,
    /// File of recipients, one a line
    #[arg(long, short = 'R', value_name = "FILE")]
    recipients_file: Vec<PathBuf>,
    /// File whose first line is a passphrase that opens it, instead of recipients; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["recipient", "recipients_file"])]
    passphrase_file: Option<PathBuf>,
}

/// What opens a backup.
#[derive(Debug, Args)]
pub struct Unlock {
    /// File of the identity that the backup is for, as `backup keygen` writes it
    #[arg(long, short, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// File whose first line is the passphrase; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "identity")]
    passphrase_file: Option<PathBuf>,
}

/// What a passphrase must have, and how much work it is to try one, as a power of two: 256 MiB of memory for a second.
const SHORTEST: usize = 12;
const WORK: u8 = 18;
/// The work that a stranger's file may ask for.
const MOST_WORK: u8 = 20;

/// Where the lines of a backup go.
pub type Sealing<W> = GzEncoder<age::stream::StreamWriter<W>>;

impl Lock {
    /// Refuses at once what could not be sealed at the end.
    pub fn encryptor(&self) -> Result<Encryptor> {
        if let Some(file) = &self.passphrase_file {
            let passphrase = passphrase(file)?;
            ensure!(
                passphrase.expose_secret().chars().count() >= SHORTEST,
                "the passphrase in {} is shorter than {SHORTEST} characters",
                file.display()
            );
            let mut recipient = scrypt::Recipient::new(passphrase);
            recipient.set_work_factor(WORK);
            return Ok(Encryptor::with_recipients(std::iter::once(&recipient as _))?);
        }
        let mut recipients = self.recipient.clone();
        for file in &self.recipients_file {
            recipients.extend(recipients_of(file)?);
        }
        if recipients.is_empty() {
            bail!(
                "a backup is encrypted: say for whom with --recipient (`countersign backup keygen FILE` makes a key), \
                 or give a passphrase with --passphrase-file"
            );
        }
        Ok(Encryptor::with_recipients(recipients.iter().map(|recipient| recipient as _))?)
    }
}

/// Encrypts and compresses what is written to it.
pub fn seal<W: Write>(encryptor: Encryptor, out: W) -> Result<Sealing<W>> {
    let out = encryptor.wrap_output(out).context("writing the backup")?;
    Ok(GzEncoder::new(out, Compression::fast()))
}

/// Writes what is left, and the seal of the end.
pub fn finish<W: Write>(sealing: Sealing<W>) -> Result<W> {
    sealing.finish().and_then(age::stream::StreamWriter::finish).context("writing the backup")
}

impl Unlock {
    /// The lines of a backup.
    pub fn open(&self, from: Box<dyn Read + Send>) -> Result<impl BufRead + Send + use<>> {
        let decryptor = Decryptor::new_buffered(BufReader::with_capacity(BUFFER, from)).map_err(refused)?;
        let opened = match &self.passphrase_file {
            Some(file) => {
                ensure!(decryptor.is_scrypt(), "this backup is for a recipient: give its --identity file");
                let mut identity = scrypt::Identity::new(passphrase(file)?);
                identity.set_max_work_factor(MOST_WORK);
                decryptor.decrypt(std::iter::once(&identity as _))
            }
            None if decryptor.is_scrypt() => {
                bail!("this backup opens with a passphrase: give it with --passphrase-file")
            }
            None if self.identity.is_empty() => {
                bail!("this backup opens with the identity of its recipient: give its file with --identity")
            }
            None => {
                let mut identities = Vec::new();
                for file in &self.identity {
                    identities.extend(identities_of(file)?);
                }
                decryptor.decrypt(identities.iter().map(|identity| identity.as_ref() as _))
            }
        };
        Ok(BufReader::with_capacity(BUFFER, GzDecoder::new(opened.map_err(refused)?)))
    }
}

/// A new key pair: the file's text and the recipient.
pub fn new_identity(made_at: &str) -> (SecretString, String) {
    let identity = x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    let secret = identity.to_string();
    let text = format!("# created: {made_at}\n# public key: {recipient}\n{}\n", secret.expose_secret());
    (text.into(), recipient)
}

fn recipients_of(file: &Path) -> Result<Vec<x25519::Recipient>> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let recipient =
        |line: &str| line.parse().map_err(|reason| anyhow!("{}: {line:?}: {reason}", file.display()));
    lines.map(recipient).collect()
}

fn identities_of(file: &Path) -> Result<Vec<Box<dyn age::Identity>>> {
    let opened = File::open(file).with_context(|| file.display().to_string())?;
    let identities = IdentityFile::from_buffer(BufReader::new(opened))
        .map_err(|_| anyhow!("{} holds no age identity", file.display()))?;
    identities.into_identities().map_err(refused)
}

/// The first line of a file, or of standard input.
fn passphrase(file: &Path) -> Result<SecretString> {
    let mut line = String::new();
    match file == Path::new("-") {
        true => std::io::stdin().lock().take(LINE).read_line(&mut line),
        false => {
            let opened = File::open(file).with_context(|| file.display().to_string())?;
            BufReader::new(opened.take(LINE)).read_line(&mut line)
        }
    }
    .with_context(|| format!("reading the passphrase in {}", file.display()))?;
    let passphrase = line.trim_end_matches(['\r', '\n']).to_owned();
    ensure!(!passphrase.is_empty(), "{} holds no passphrase", file.display());
    Ok(passphrase.into())
}

/// Why a file does not open, in words that say what to do.
fn refused(error: age::DecryptError) -> anyhow::Error {
    use age::DecryptError::{DecryptionFailed, InvalidHeader, InvalidMac, Io, NoMatchingKeys};
    match error {
        NoMatchingKeys => {
            anyhow!("none of the identities given opens this backup: it is for another recipient")
        }
        DecryptionFailed => anyhow!("the passphrase does not open this backup"),
        InvalidMac => anyhow!("the head of the backup was changed"),
        InvalidHeader => anyhow!("this is no encrypted backup of Countersign, or its head was changed"),
        Io(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData) => {
            anyhow!("this is no encrypted backup of Countersign, or it ends within its head")
        }
        other => anyhow!("the backup cannot be opened: {other}"),
    }
}

const LINE: u64 = 4096;
const BUFFER: usize = 1 << 16;
