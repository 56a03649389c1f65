//! The master keys of this installation: where their text lies, the environment or a file; who wraps it, if anybody does; and
//! how they are made, turned and wrapped anew. Unwrapped keys are in memory only.

pub mod waiting;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use store::{MasterError, MasterKeys, SealingRing, WrappedKeys, key_file, new_data_key};
use zeroize::Zeroizing;

use crate::config::{Config, KeyService};

/// Where the text lies.
pub enum Lies<'a> {
    Environment(&'a model::Secret),
    File(PathBuf),
}

impl<'a> Lies<'a> {
    pub fn of(config: &'a Config) -> Self {
        match &config.master_key {
            Some(text) => Lies::Environment(text),
            None => Lies::File(config.master_key_path()),
        }
    }

    /// The text as it lies there.
    pub fn text(&self) -> Result<Zeroizing<String>> {
        match self {
            Lies::Environment(text) => Ok(Zeroizing::new(text.expose().to_owned())),
            Lies::File(path) => Ok(key_file::read(path)?),
        }
    }

    /// In words for an operator.
    pub fn place(&self) -> String {
        match self {
            Lies::Environment(_) => "the environment (COUNTERSIGN_MASTER_KEY)".into(),
            Lies::File(path) => path.display().to_string(),
        }
    }
}

/// The form of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Form {
    InClear,
    Wrapped { service: KeyService, key: String },
}

impl Form {
    /// The form that the configuration asks for.
    pub fn wanted(config: &Config) -> Result<Form> {
        let Some(service) = config.master_key_wrapped_by else { return Ok(Form::InClear) };
        Ok(Form::Wrapped { service, key: config.key_service(service)?.key().to_owned() })
    }

    pub fn of(text: &str) -> Result<Form> {
        let Some(service) = WrappedKeys::service_of(text) else { return Ok(Form::InClear) };
        let known = KeyService::named(service);
        let service = known.with_context(|| {
            format!("the master keys are wrapped by {service:?}, which this version does not know")
        })?;
        Ok(Form::Wrapped { service, key: WrappedKeys::parse(text)?.key })
    }

    /// In words that follow "the master key is".
    pub fn words(&self) -> String {
        match self {
            Form::InClear => "in clear".into(),
            Form::Wrapped { service, key } => format!("wrapped by {} (key {key})", service.name()),
        }
    }
}

/// The master keys; only for a new store may they be made.
pub async fn ring(config: &Config, is_new: bool) -> Result<SealingRing> {
    let lies = Lies::of(config);
    let text = match (lies.text(), &lies) {
        (Err(error), Lies::File(path)) if is_new && is_missing(&error) => made(config, path).await?,
        (text, _) => text?,
    };
    Ok(opened(config, &text).await.with_context(|| lies.place())?.ring()?)
}

/// New master keys in a file, or those that somebody else put there first.
async fn made(config: &Config, path: &Path) -> Result<Zeroizing<String>> {
    let text = closed(config, &MasterKeys::generate()?).await?;
    match key_file::create(path, &text)? {
        true => Ok(text),
        false => Ok(key_file::read(path)?),
    }
}

fn is_missing(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(MasterError::Missing { .. }))
}

/// The keys that a text holds. Whoever wrapped them is asked once.
pub async fn opened(config: &Config, text: &str) -> Result<MasterKeys> {
    let Form::Wrapped { service, key } = Form::of(text)? else { return Ok(MasterKeys::parse(text)?) };
    let wrapped = WrappedKeys::parse(text)?;
    let asked = || format!("the master key is wrapped by {} (key {key})", service.name());
    let kms = config.key_service(service).with_context(asked)?;
    let data_key = kms.unwrap(&key, &wrapped.data_key).await.with_context(asked)?;
    Ok(wrapped.open(&data_key)?)
}

/// The text of keys in the form that the configuration asks for.
async fn closed(config: &Config, keys: &MasterKeys) -> Result<Zeroizing<String>> {
    let Some(service) = config.master_key_wrapped_by else { return Ok(keys.text()) };
    let kms = config.key_service(service)?;
    let data_key = new_data_key()?;
    let asked = || format!("{} (key {}) is to wrap the master key", service.name(), kms.key());
    let wrapped = kms.wrap(&data_key).await.with_context(asked)?;
    let text = WrappedKeys::seal(keys, [service.name(), kms.key(), &wrapped], &data_key)?.text();
    // Who may wrap is not always who may unwrap, and nothing is put away that does not open.
    let again = opened(config, &text).await?;
    ensure!(again.text() == keys.text(), "{}: what it wrapped does not unwrap to the same", service.name());
    Ok(Zeroizing::new(text))
}

/// A text that may lie where the configuration wants it wrapped: wrapped, if it was in clear.
pub async fn put_away(config: &Config, text: &str) -> Result<Zeroizing<String>> {
    match (Form::of(text)?, config.master_key_wrapped_by) {
        (Form::InClear, Some(_)) => closed(config, &MasterKeys::parse(text)?).await,
        (Form::InClear, None) | (Form::Wrapped { .. }, _) => Ok(Zeroizing::new(text.to_owned())),
    }
}

/// The text of one new key.
pub async fn new(config: &Config) -> Result<Zeroizing<String>> {
    closed(config, &MasterKeys::generate()?).await
}

/// Adds a new key in front of those that are there: in the file, or in the text that is answered, for where no file is.
pub async fn with_newer(config: &Config) -> Result<(SealingRing, Option<Zeroizing<String>>)> {
    let lies = Lies::of(config);
    let was = lies.text()?;
    ensure!(
        config.master_key_wrapped_by.is_some() || Form::of(&was)? == Form::InClear,
        "{} is wrapped, and master_key_wrapped_by is not set: with it a new key is wrapped as well; \
         `countersign admin rewrap-master-key` brings the keys into the clear, if that is what you want",
        lies.place()
    );
    let keys = opened(config, &was).await.with_context(|| lies.place())?.with_newer()?;
    let text = closed(config, &keys).await?;
    let text = put(&lies, &was, text)?;
    Ok((keys.ring()?, text))
}

/// Puts a text where the old one lies, or gives it back where that is not ours to write.
fn put(lies: &Lies<'_>, was: &str, text: Zeroizing<String>) -> Result<Option<Zeroizing<String>>> {
    match lies {
        Lies::Environment(_) => Ok(Some(text)),
        Lies::File(path) => {
            key_file::replace(path, was, &text)?;
            Ok(None)
        }
    }
}

/// What became of a text that was wrapped anew.
pub struct Rewrapped {
    pub from: Form,
    pub to: Form,
    /// The new text, where it cannot be put.
    pub text: Option<Zeroizing<String>>,
}

/// Wraps the same keys as the configuration says now, whatever their form was. Nothing that they seal changes.
pub async fn rewrap(config: &Config) -> Result<Rewrapped> {
    let lies = Lies::of(config);
    let text = lies.text()?;
    let keys = opened(config, &text).await.with_context(|| lies.place())?;
    let (from, new) = (Form::of(&text)?, closed(config, &keys).await?);
    let to = Form::of(&new)?;
    let text = put(&lies, &text, new)?;
    Ok(Rewrapped { from, to, text })
}

/// Whether it may go well a moment later.
pub fn is_away(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| matches!(cause.downcast_ref(), Some(kms::Error::Away(_))))
}

/// What is to be done if the form is another than the configuration asks for.
pub fn misfit(config: &Config, lies: &Lies<'_>) -> Result<Option<String>> {
    let (is, wanted) = (Form::of(&lies.text()?)?, Form::wanted(config)?);
    Ok((is != wanted).then(|| {
        format!(
            "the master key in {} is {}, and the configuration wants it {}: run `countersign admin rewrap-master-key`",
            lies.place(),
            is.words(),
            wanted.words()
        )
    }))
}

/// Refuses to turn what a running server would go on with.
pub fn must_stand_still(data_dir: &Path) -> Result<()> {
    match crate::run_file::RunFile::read(data_dir) {
        Ok(run) if run.is_alive() => Err(anyhow!(
            "a server runs on {} (process {}) and would go on with the old key, unable to read what is wrapped with \
             the new one: stop it first; if that process is something else, remove run.json there",
            data_dir.display(),
            run.pid
        )),
        Ok(_) | Err(_) => Ok(()),
    }
}
