//! The npm packages of the dashboard, which the program holds as it was built.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use cyclonedx_bom::models::license::{LicenseChoice, LicenseIdentifier};
use cyclonedx_bom::prelude::{Bom, Component};

use super::{Part, printed};
use crate::suites::answers;

/// What npm lists.
#[derive(Debug)]
pub struct Packages {
    pub bom: Bom,
    /// Where they are installed.
    pub folder: PathBuf,
}

impl Packages {
    /// Without npm there are none, and the program is built without a dashboard.
    pub fn read(root: &Path) -> Result<Option<Packages>> {
        if !answers("npm", &["sbom", "--help"]) {
            println!("npm is not installed or too old: the dashboard's packages are not listed");
            return Ok(None);
        }
        let folder = root.join("dashboard");
        let words = ["sbom", "--sbom-format=cyclonedx", "--omit=dev", "--package-lock-only"];
        let listed = printed(Command::new("npm").args(words).current_dir(&folder))?;
        let bom = Bom::parse_from_json(listed.as_bytes()).context("npm lists packages")?;
        Ok(Some(Packages { bom, folder: folder.join("node_modules") }))
    }

    /// Whether their notices can be read.
    pub fn are_installed(&self) -> bool {
        self.folder.is_dir()
    }

    /// All of them, and the dashboard itself.
    pub fn names(&self) -> impl Iterator<Item = Part> {
        super::document::names(&self.bom).into_iter()
    }
}

/// In the words of its authors.
pub fn licence(package: &Component) -> Option<String> {
    let known = package.licenses.iter().flat_map(|licences| &licences.0).map(|licence| match licence {
        LicenseChoice::Expression(words) => words.to_string(),
        LicenseChoice::License(licence) => match &licence.license_identifier {
            LicenseIdentifier::SpdxId(id) => id.to_string(),
            LicenseIdentifier::Name(name) => name.to_string(),
        },
    });
    known.reduce(|all, one| format!("{all}, {one}"))
}
