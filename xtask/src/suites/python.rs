//! What is demanded of the Python scripts: that the oldest Python that `ruff.toml` names can read them, and that they read well.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::grounds::{Grounds, answers, check, stream};
use crate::tally::Tally;
use crate::tidy::sources;

/// Each release judges a little differently.
const VERSION: &str = "0.17.6";

/// Every script and module of this checkout, looked at by ruff.
pub fn lint(grounds: &Grounds) -> Result<Tally> {
    let Some(ruff) = ruff(grounds) else {
        println!(
            "skipped: python: ruff {VERSION} is not installed, nor can it be installed in a virtual environment"
        );
        return Ok(Tally { skipped: 1, ..Tally::default() });
    };
    let scripts: Vec<String> = sources::read(&grounds.root)?
        .into_iter()
        .filter(|text| text.path.ends_with(".py") || is_script(&text.content))
        .map(|text| text.path)
        .collect();
    ensure!(!scripts.is_empty(), "this checkout holds no Python");
    let mut command = grounds.command(ruff);
    command.args(["check", "--quiet", "--no-cache", "--output-format", "concise", "--"]).args(scripts);
    Ok(check("python", stream(&mut command, |_| ())?.success()))
}

fn is_script(content: &str) -> bool {
    content.lines().next().is_some_and(|first| first.starts_with("#!") && first.contains("python"))
}

/// Where ruff is; it is installed below `target` when first asked for.
fn ruff(grounds: &Grounds) -> Option<PathBuf> {
    let folder = grounds.root.join("target/tools").join(format!("ruff-{VERSION}"));
    let program = folder.join("bin/ruff");
    if !program.is_file() {
        stream(grounds.command("python3").args(["-m", "venv"]).arg(&folder), |_| ()).ok()?;
        let mut pip = grounds.command("timeout");
        pip.arg("120").arg(folder.join("bin/python")).args(["-m", "pip", "install", "--quiet", "--no-deps"]);
        pip.args(["--disable-pip-version-check", "--only-binary", ":all:", &format!("ruff=={VERSION}")]);
        stream(&mut pip, |_| ()).ok()?;
    }
    answers(program.to_str()?, &["--version"]).then_some(program)
}
