//! `countersign backup` and `restore`: a store as it is at one moment, in a file that is encrypted before it touches the
//! disk, and a store made of such a file, whole or not at all. Either kind of store makes the same file.

mod lines;
mod place;
mod sealed;

use std::{
    fs::{self, DirBuilder, File},
    io::{BufRead, Read, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use store::{
    Location, copy,
    copy::{PIECES, Piece},
    key_file,
};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::spawn_blocking,
};
use zeroize::Zeroizing;

pub use self::{
    lines::{Amount, Head},
    place::{Place, STANDARD},
    sealed::{Lock, Unlock, new_identity},
};
use crate::{
    config::Config,
    master_key::{self, Lies},
    run_file::Held,
};
use lines::{Reader, Writer};

/// Where a restore is made, beside what is there: while it is there the data folder holds no whole store.
const RESTORING: &str = "restoring";

/// Takes a backup of the store, beside servers that may be at work; nothing is left of one that fails.
pub async fn take(config: &Config, lock: &Lock, place: Place, keeps_key: bool) -> Result<Amount> {
    must_be_whole(config.data_dir())?;
    must_be_there(config)?;
    let encryptor = lock.encryptor()?;
    let (pieces, read) = mpsc::channel(PIECES);
    let location = config.location();
    let reading = tokio::spawn(async move { copy::read(&location, pieces).await });
    let config = config.clone();
    let writing = spawn_blocking(move || {
        place.fill(|out| {
            let sealing = sealed::seal(encryptor, out)?;
            let (sealing, amount) = write(&config, keeps_key, sealing, read)?;
            Ok((sealed::finish(sealing)?, amount))
        })
    });
    let (read, written) = (reading.await?, writing.await?);
    match read {
        // Whoever writes has given up, and says why.
        Ok(()) | Err(store::Error::Closed) => written,
        Err(error) => Err(error).context("reading the store"),
    }
}

fn write<W: Write>(
    config: &Config,
    keeps_key: bool,
    out: W,
    mut from: Receiver<Piece>,
) -> Result<(W, Amount)> {
    let ended = || anyhow!("the store could not be read to its end");
    let Piece::Steps(steps) = from.blocking_recv().ok_or_else(ended)? else { bail!(ended()) };
    // Read later than the store: keys are added, and what was sealed before opens.
    let master_key = if keeps_key { Some(Lies::of(config).text()?) } else { None };
    let head = Head {
        countersign_backup: lines::FORMAT,
        made_at: idp::clock::iso(idp::Clock::System.now_ms()),
        by: env!("CARGO_PKG_VERSION").into(),
        store: if config.database.is_some() { "postgresql" } else { "sqlite" }.into(),
        steps: steps.into_iter().map(|step| (step.name, step.hash)).collect(),
        master_key: master_key.map(|text| text.to_string()),
    };
    let mut writer = Writer::begin(out, &head)?;
    loop {
        match from.blocking_recv().ok_or_else(ended)? {
            Piece::Table(shape) => writer.table(&shape)?,
            Piece::Rows(rows) => rows.iter().try_for_each(|row| writer.row(row))?,
            Piece::End => return writer.end(),
            Piece::Steps(_) => bail!("the store was read out of order"),
        }
    }
}

/// Reads a backup through, without a store.
pub async fn verify(file: &Path, unlock: Unlock) -> Result<(Head, Amount)> {
    let file = file.to_owned();
    spawn_blocking(move || {
        let (head, mut reader) = open(&file, &unlock)?;
        while reader.piece()?.is_some() {}
        Ok((head, reader.amount()))
    })
    .await?
}

/// What a restore came to.
pub struct Restored {
    pub head: Head,
    pub amount: Amount,
    /// Where what was there before lies now, if anything was.
    pub moved: Option<PathBuf>,
}

/// Makes the store of a backup: whole, or not at all.
pub async fn restore(config: &Config, file: &Path, unlock: Unlock, replaces: bool) -> Result<Restored> {
    crate::serve::private_folder(config.data_dir())?;
    let _held = Held::take(config.data_dir())?;
    let opened = {
        let file = file.to_owned();
        spawn_blocking(move || open(&file, &unlock)).await??
    };
    let (head, reader) = opened;
    let location = config.location();
    let is_empty = copy::is_empty(&location).await.context("looking at the store")?;
    let unfinished = config.data_dir().join(RESTORING);
    // What an earlier restore left half done on the embedded store is nobody's; the database is whole or empty.
    let is_half = matches!(location, Location::Sqlite { .. }) && unfinished.exists();
    ensure!(
        is_empty || replaces || is_half,
        "there is a store with tenants at {}: say --replace to put the backup in its place",
        config.place_of_store()
    );
    let key = Key::of(config, &head, replaces).await?;
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).with_context(|| format!("removing {}", unfinished.display()))?;
    }
    let (pieces, read) = mpsc::channel(PIECES);
    let reading = spawn_blocking(move || send(reader, &pieces));
    let (amount, moved) = match &location {
        Location::Postgres { .. } => {
            let written = copy::write(&location, read).await;
            let amount = outcome(reading.await?, written)?;
            (amount, key.put(config, None)?)
        }
        Location::Sqlite { dir } => {
            DirBuilder::new()
                .mode(0o700)
                .create(&unfinished)
                .with_context(|| unfinished.display().to_string())?;
            let written = copy::write(&Location::Sqlite { dir: unfinished.clone() }, read).await;
            let amount = outcome(reading.await?, written).inspect_err(|_| {
                // What fails to go keeps the folder from being taken for a store.
                let _ = fs::remove_dir_all(&unfinished);
            })?;
            let moved = publish(dir, &unfinished, config, key)?;
            (amount, moved)
        }
    };
    Ok(Restored { head, amount, moved })
}

/// Refuses a data folder in which a restore has not come to its end.
pub fn must_be_whole(data_dir: &Path) -> Result<()> {
    let unfinished = data_dir.join(RESTORING);
    ensure!(
        !unfinished.exists(),
        "a restore into {} did not come to its end: run `countersign restore` again; {} is what it left",
        data_dir.display(),
        unfinished.display()
    );
    Ok(())
}

/// Refuses to go on where no store is.
fn must_be_there(config: &Config) -> Result<()> {
    if let Location::Sqlite { dir } = config.location() {
        ensure!(dir.join(store::db::MAIN).exists(), "{} holds no store", dir.display());
    }
    Ok(())
}

fn open(file: &Path, unlock: &Unlock) -> Result<(Head, Reader<impl BufRead + Send + use<>>)> {
    let from: Box<dyn Read + Send> = match file == Path::new(STANDARD) {
        true => Box::new(std::io::stdin()),
        false => Box::new(File::open(file).with_context(|| file.display().to_string())?),
    };
    Reader::begin(unlock.open(from)?)
}

/// Sends what is read, for as long as somebody takes it.
fn send(mut reader: Reader<impl BufRead>, to: &Sender<Piece>) -> Result<Amount> {
    while let Some(piece) = reader.piece()? {
        if to.blocking_send(piece).is_err() {
            break;
        }
    }
    Ok(reader.amount())
}

/// How much was restored; of two who failed, the one who failed first says why.
fn outcome(read: Result<Amount>, written: store::Result<u64>) -> Result<Amount> {
    let amount = read?;
    let rows = written.context("writing the store")?;
    ensure!(rows == amount.rows, "{} rows were read and {rows} written", amount.rows);
    Ok(amount)
}

/// Moves the finished files to where a server looks for them. Until the folder is gone, no server takes them for a store.
fn publish(dir: &Path, unfinished: &Path, config: &Config, key: Key) -> Result<Option<PathBuf>> {
    // What waits for the store that goes is not for the one that comes.
    let old = [store::db::MAIN, store::db::LOGS, store::SPOOL]
        .iter()
        .flat_map(|name| ["", "-wal", "-shm"].map(|end| format!("{name}{end}")));
    let old: Vec<String> = old.filter(|name| dir.join(name).exists()).collect();
    let aside = (!old.is_empty()).then(|| place::aside(dir)).transpose()?;
    for name in &old {
        let aside = aside.as_ref().context("a folder was made for it")?;
        fs::rename(dir.join(name), aside.join(name)).with_context(|| format!("moving {name} away"))?;
    }
    let aside = key.put(config, aside)?;
    for name in [store::db::LOGS, store::db::MAIN] {
        fs::rename(unfinished.join(name), dir.join(name))
            .with_context(|| format!("moving {name} in place"))?;
    }
    File::open(dir).and_then(|folder| folder.sync_all()).with_context(|| dir.display().to_string())?;
    fs::remove_dir(unfinished).with_context(|| format!("removing {}", unfinished.display()))?;
    Ok(aside)
}

/// What two keys are compared by.
const SAME: &str = "whether a backup's key is the one that is there";

/// What is to become of the master key.
enum Key {
    /// The one that is there opens what the backup holds, as far as can be told.
    Stays,
    /// It is written where the server looks for it.
    Comes { text: Zeroizing<String>, replaces: bool },
}

impl Key {
    /// Refuses, before anything is touched, a backup that the key that is there would not open.
    async fn of(config: &Config, head: &Head, replaces: bool) -> Result<Key> {
        let path = config.master_key_path();
        let Some(text) = &head.master_key else { return Ok(Key::Stays) };
        let backed_up = master_key::opened(config, text).await.context("the master key in the backup")?;
        let is_there = config.master_key.is_some() || path.exists();
        if !is_there {
            let text = master_key::put_away(config, text).await?;
            return Ok(Key::Comes { text, replaces: false });
        }
        // Those of two installations may have one name.
        let (here, backed_up) = (master_key::ring(config, false).await?, backed_up.ring()?);
        let id = backed_up.current_id();
        if here.derived_of(id, SAME).is_some_and(|derived| Some(derived) == backed_up.derived_of(id, SAME)) {
            return Ok(Key::Stays);
        }
        ensure!(
            config.master_key.is_none(),
            "the master key of the environment does not open this backup: give the one that was used when it was made"
        );
        ensure!(
            replaces,
            "{} is another master key than the backup's: move it away, or say --replace",
            path.display()
        );
        let text = master_key::put_away(config, text).await?;
        Ok(Key::Comes { text, replaces: true })
    }

    fn put(self, config: &Config, aside: Option<PathBuf>) -> Result<Option<PathBuf>> {
        let Key::Comes { text, replaces } = self else { return Ok(aside) };
        let path = config.master_key_path();
        let aside = match (replaces, aside) {
            (false, aside) => aside,
            (true, aside) => {
                let folder = aside.map_or_else(|| place::aside(config.data_dir()), Ok)?;
                fs::rename(&path, folder.join("master.key"))
                    .with_context(|| format!("moving {} away", path.display()))?;
                Some(folder)
            }
        };
        ensure!(key_file::create(&path, &text)?, "somebody has just made {}", path.display());
        Ok(aside)
    }
}
