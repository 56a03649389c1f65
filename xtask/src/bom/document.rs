//! The list in the form of CycloneDX 1.5: crates, what lies inside of them, the dashboard's packages, and what needs what.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use cyclonedx_bom::models::component::{Classification, Scope};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::prelude::{Bom, Component, Components, Metadata, Purl, SpdxExpression};

use super::Part;
use super::crates::{Crate, Crates};
use super::foreign;
use super::packages::Packages;

const PROGRAM: &str = "countersign";

/// The document.
pub fn write(crates: &Crates, packages: Option<&Packages>) -> Result<Vec<u8>> {
    let (mut components, mut dependencies) = (Vec::new(), Vec::new());
    for (part, entry) in &crates.0 {
        components.push(component(crates, part, entry)?);
        let mut uses = Vec::new();
        for needed in &entry.uses {
            uses.push(reference(needed, crates.0.get(needed).context("what is needed is listed")?)?);
        }
        dependencies.push(Dependency { dependency_ref: reference(part, entry)?, dependencies: uses });
    }
    let server = crates.0.iter().find(|((name, _), _)| name == "server").context("the server is built")?;
    let mut uses = vec![reference(server.0, server.1)?];
    let ((_, version), _) = server;
    if let Some(Packages { bom, .. }) = packages {
        components.extend(parts(bom).cloned());
        let about = bom.metadata.as_ref().and_then(|metadata| metadata.component.as_ref());
        uses.extend(about.and_then(|dashboard| dashboard.bom_ref.clone()));
        dependencies.extend(bom.dependencies.iter().flat_map(|known| known.0.iter().cloned()));
    }
    dependencies.push(Dependency { dependency_ref: PROGRAM.into(), dependencies: uses });
    let program = Component::new(Classification::Application, PROGRAM, version, Some(PROGRAM.into()));
    let metadata = Metadata { component: Some(program), ..Metadata::new().context("the time of day")? };
    let bom = Bom {
        metadata: Some(metadata),
        components: Some(Components(components)),
        dependencies: Some(Dependencies(dependencies)),
        ..Bom::default()
    };
    let mut written = Vec::new();
    bom.output_as_json_v1_5(&mut written)?;
    // Without the spaces, which are a third of it: it lies in an image that is to be small.
    let document: serde_json::Value = serde_json::from_slice(&written)?;
    Ok(serde_json::to_vec(&document)?)
}

/// Name and version of everything listed.
pub fn names(bom: &Bom) -> BTreeSet<Part> {
    let inner = |part: &Component| part.components.clone().map(|inner| inner.0).unwrap_or_default();
    let all = parts(bom).flat_map(|part| std::iter::once(part.clone()).chain(inner(part)));
    all.map(|part| {
        (part.name.to_string(), part.version.map(|version| version.to_string()).unwrap_or_default())
    })
    .collect()
}

/// What a document is about, unless it is the program, and what it lists.
fn parts(bom: &Bom) -> impl Iterator<Item = &Component> {
    let about = bom.metadata.iter().filter_map(|metadata| metadata.component.as_ref());
    let about = about.filter(|about| about.component_type != Classification::Application);
    about.chain(bom.components.iter().flat_map(|components| &components.0))
}

fn component(crates: &Crates, part: &Part, entry: &Crate) -> Result<Component> {
    let (name, version) = part;
    let mut component = Component::new(Classification::Library, name, version, Some(reference(part, entry)?));
    component.scope = Some(if entry.is_shipped { Scope::Required } else { Scope::Excluded });
    component.licenses = entry.licence.as_deref().map(licences);
    if let Some(checksum) = &entry.checksum {
        let hash = Hash { alg: HashAlgorithm::SHA_256, content: HashValue(checksum.clone()) };
        component.hashes = Some(Hashes(vec![hash]));
        component.purl = Some(Purl::new("cargo", name, version)?);
    }
    if let Some(foreign) = foreign::within(crates, name)? {
        let mut held = Component::new(Classification::Library, foreign.name, &foreign.version, None);
        held.licenses = Some(licences(foreign.licence));
        held.purl = Some(Purl::new("generic", foreign.name, &foreign.version)?);
        held.bom_ref = held.purl.as_ref().map(Purl::to_string);
        component.components = Some(Components(vec![held]));
    }
    Ok(component)
}

/// What names a crate in the document. One of ours is not the one of the registry that has the same name.
fn reference((name, version): &Part, entry: &Crate) -> Result<String> {
    Ok(match entry.checksum {
        Some(_) => Purl::new("cargo", name, version)?.to_string(),
        None => format!("{PROGRAM}/{name}"),
    })
}

fn licences(words: &str) -> Licenses {
    let known = SpdxExpression::parse_lax(words.to_owned()).map(LicenseChoice::Expression);
    Licenses(vec![known.unwrap_or_else(|_| LicenseChoice::license(words))])
}
