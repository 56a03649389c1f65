//! What lies on this machine: the data folder, the master key, room on the disk, certificates.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use jose::Certificate;

use super::Findings;
use crate::{
    backup,
    config::Config,
    master_key::{self, Form, Lies},
};

const GIB: u64 = 1 << 30;
pub const DAY: i64 = 24 * 3600;
/// How long before its end a certificate that nobody renews here is worth a word.
pub const SOON: i64 = 21 * DAY;

/// Whom the data folder is open to, and whether a restore came to its end.
pub fn folder(config: &Config, findings: &mut Findings) {
    const CHECK: &str = "data folder";
    let dir = config.data_dir();
    let shown = dir.display();
    let found = match fs::metadata(dir) {
        Ok(found) => found,
        Err(error) => {
            return findings.problem(
                CHECK,
                format!("{shown}: {error}"),
                "start the server once, or name the folder with --data-dir",
            );
        }
    };
    let mode = found.mode() & 0o777;
    if !found.is_dir() {
        findings.problem(CHECK, format!("{shown} is no folder"), "name another one with --data-dir");
    } else if mode & 0o022 != 0 {
        let next = format!("chmod go-w {shown}");
        findings.problem(CHECK, format!("others may write to {shown} (mode {mode:03o})"), next);
    } else if mode & 0o055 != 0 {
        let next = format!("chmod 700 {shown}");
        findings.warning(CHECK, format!("others may look into {shown} (mode {mode:03o})"), next);
    } else {
        findings.ok(CHECK, format!("{shown} is its owner's alone"));
    }
    if let Err(error) = backup::must_be_whole(dir) {
        findings.problem("restore", error.to_string(), "run `countersign restore` again");
    }
    for name in [store::db::MAIN, store::db::LOGS] {
        let file = dir.join(name);
        let mode = fs::metadata(&file).map_or(0, |found| found.mode() & 0o777);
        if mode & 0o077 != 0 {
            let shown = file.display();
            findings.warning(
                CHECK,
                format!("{shown} is open to others (mode {mode:03o})"),
                format!("chmod 600 {shown}"),
            );
        }
    }
}

/// Whether there is a master key that can be read, by its owner alone, and who wraps it.
pub async fn master_key(config: &Config, findings: &mut Findings) -> bool {
    const CHECK: &str = "master key";
    let lies = Lies::of(config);
    match master_key::ring(config, false).await {
        Ok(ring) => {
            let form = lies
                .text()
                .and_then(|text| Form::of(&text))
                .map_or_else(|_| String::new(), |form| form.words());
            findings.ok(CHECK, format!("{} holds the key {}, {form}", lies.place(), ring.current_id()));
            match master_key::misfit(config, &lies) {
                Ok(None) => {}
                Ok(Some(misfit)) => findings.warning(CHECK, misfit, "wrap it anew, on each node"),
                Err(error) => findings.problem(CHECK, format!("{error:#}"), "correct the configuration"),
            }
            true
        }
        Err(error) => {
            let next = if master_key::is_away(&error) {
                "see to the service that unwraps it: a server waits for it at its start, one that runs does not need it"
            } else if error.chain().any(|cause| cause.is::<kms::Error>()) {
                "see to what this server may do there, and to the key that wraps"
            } else {
                "put back the key under which the store was made, with mode 600; a new one opens nothing"
            };
            findings.problem(CHECK, format!("{error:#}"), next);
            false
        }
    }
}

/// Whether there is room left.
pub fn disk(config: &Config, findings: &mut Findings) {
    const CHECK: &str = "disk";
    let dir = config.data_dir();
    let Ok(found) = rustix::fs::statvfs(dir) else { return };
    let free = found.f_bavail * found.f_frsize;
    let words = format!("{:.1} GiB are free on the disk of {}", free as f64 / GIB as f64, dir.display());
    let next = "make room: a full disk refuses every change and loses log events";
    if free < GIB / 4 {
        findings.problem(CHECK, words, next);
    } else if free < 2 * GIB {
        findings.warning(CHECK, words, next);
    } else {
        findings.ok(CHECK, words);
    }
}

/// Whether what HTTPS is served with is good, and for how long.
pub fn certificates(config: &Config, findings: &mut Findings) {
    const CHECK: &str = "certificate";
    if config.tls_listen.is_empty() && config.mtls_listen.is_empty() {
        return findings.ok(CHECK, "none is needed: HTTPS is a proxy's work here");
    }
    let now = idp::Clock::System.now();
    if let (Some(certificate), Some(key)) = (&config.tls_certificate, &config.tls_key) {
        if let Err(error) = web::Certificates::from_files(Path::new(certificate), Path::new(key)) {
            findings.problem(
                CHECK,
                format!("{error:#}"),
                "give a certificate chain and the key that belongs to it, as PEM",
            );
        }
        let mode = fs::metadata(key).map_or(0, |found| found.mode() & 0o777);
        if mode & 0o077 != 0 {
            findings.warning(
                CHECK,
                format!("{key} can be read by others (mode {mode:03o})"),
                format!("chmod 600 {key}"),
            );
        }
        return lasts(
            Path::new(certificate),
            now,
            "renew it; the server takes up the new file by itself",
            findings,
        );
    }
    let folder = config.data_dir().join("tls");
    let made = certificates_in(&folder);
    if made.is_empty() {
        return findings.ok(CHECK, "the local authority will make one at the start");
    }
    for file in made {
        lasts(&file, now, "the running server renews it a month before; restart it if this stays", findings);
    }
}

fn certificates_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_certificate = |path: &PathBuf| {
        fs::read_to_string(path).is_ok_and(|text| text.contains("-----BEGIN CERTIFICATE-----"))
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_certificate).collect();
    files.sort();
    files
}

fn lasts(file: &Path, now: i64, next: &str, findings: &mut Findings) {
    const CHECK: &str = "certificate";
    let shown = file.display();
    let parsed = fs::read_to_string(file).map_err(|error| error.to_string());
    let parsed = parsed.and_then(|text| Certificate::from_pem(&text).map_err(|error| error.to_string()));
    let certificate = match parsed {
        Ok(certificate) => certificate,
        Err(error) => {
            return findings.problem(CHECK, format!("{shown}: {error}"), "give a certificate as PEM");
        }
    };
    let left = certificate.not_after_unix() - now;
    let days = left.div_euclid(DAY);
    if certificate.not_before_unix() > now {
        findings.problem(
            CHECK,
            format!("{shown} is not good yet"),
            "look at the clock of this machine, or wait",
        );
    } else if left <= 0 {
        findings.problem(CHECK, format!("{shown} has run out {} days ago", -days), next);
    } else if left < SOON {
        findings.warning(CHECK, format!("{shown} runs out in {days} days"), next);
    } else {
        findings.ok(CHECK, format!("{shown} is good for {days} days"));
    }
}
