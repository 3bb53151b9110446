//! `cspseal init`: a commented configuration to start from, fitted to what the folder seems to be.

pub(super) mod configured;
mod folders;
mod kind;
mod kinds;
mod needs;
mod recognize;

use std::path::{Path, PathBuf};

use super::address::{Hint, hints};
use super::config::FILE_NAME;
use super::write::write_file;
use super::{Outcome, print_output};
use crate::site::Reach;
use crate::target::one_line;
use crate::template::Templates;
use kind::{Pages, Starter};
use needs::Needs;
use recognize::{paths, recognize};

/// Writes the configuration of the working folder.
pub(super) fn run() -> anyhow::Result<Outcome> {
    let path = PathBuf::from(FILE_NAME);
    if path.exists() || path.is_symlink() {
        anyhow::bail!("{FILE_NAME} is there already; change it, or remove it first");
    }
    let folder = Path::new(".");
    let (name, starter) = recognize(folder);
    let paths = paths(folder, name, starter.pages);
    let needs = match starter.pages {
        Pages::Built(_) => Needs::of(&paths, starter.template.parse().unwrap_or(Templates::Auto))?,
        Pages::Templates(_) | Pages::EveryFolder(_) => Needs::default(),
    };
    let folders: Vec<_> = paths.iter().map(PathBuf::from).collect();
    let address = hints(&folders).into_iter().next();
    let content = text(folder, name, &starter, &paths, &needs, address);
    let written = write_file(&Reach::Argument, &path, content.as_bytes())?;
    if written != Outcome::Done {
        return Ok(written);
    }
    let line = match needs.lacks_pages {
        true => format!(
            "{FILE_NAME}: written for {name}, but {} has no pages yet; build them, remove {FILE_NAME} and run cspseal init again, or name their folder in it\n",
            one_line(&paths.join(" "))
        ),
        false => format!(
            "{FILE_NAME}: written for {name}; {}, then run {}\n",
            match needs.sources.is_empty() {
                true => "check paths and policy",
                false => "review paths, policy and the hosts in it",
            },
            match starter.framework {
                Some(_) => "cspseal nonce",
                None => "cspseal hash",
            }
        ),
    };
    print_output(line.as_bytes())?;
    Ok(Outcome::Done)
}

fn text(
    folder: &Path,
    name: &str,
    starter: &Starter,
    paths: &[String],
    needs: &Needs,
    address: Option<Hint>,
) -> String {
    let Starter { pages: _, template, framework, format, file, is_routed } = starter;
    let paths: Vec<String> = paths.iter().map(|path| format!("{path:?}")).collect();
    let paths = paths.join(", ");
    let (note, nonce) = match framework {
        None => ("Hashes are taken from the built site: build first.".to_owned(), String::new()),
        Some(framework) => (
            "`cspseal nonce` shows which scripts and styles lack a nonce, `cspseal nonce --write` writes them."
                .to_owned(),
            format!(
                "\n# The nonces that `cspseal nonce` writes, and that the policy names.\n[nonce]\nframework = \"{framework}\"\n"
            ),
        ),
    };
    let target = target_file(folder, file);
    let unsafe_hashes = needs.unsafe_hashes;
    let preset = needs.preset.name();
    let policy = needs.preset.policy();
    let sources = match needs.sources.is_empty() {
        true => String::new(),
        false => format!("# Review what they asked for when this file was written:\n{}", needs.sources),
    };
    let (address, why) = match address {
        None => ("https://www.example.com/".to_owned(), String::new()),
        Some(hint) => (hint.address.to_string(), format!(", as {} suggests", one_line(&hint.file))),
    };
    let scope = match is_routed {
        true => {
            "# The router in the pages swaps them without a page load: all stay under the policy of the first one, so they share one.\nscope = \"site\""
        }
        false => "# scope = \"auto\"        # or \"site\", \"page\"",
    };
    format!(
        r#"# cspseal for {name}. {note}
# `cspseal hash` writes the outputs below, `cspseal hash --check` says whether they are up to date.

# Folders to walk, from the folder of this file.
paths = [{paths}]
# exclude = ["drafts"]

# Template code in the files: "auto" goes by the extension, "none", or a dialect such as "django".
template = "{template}"

# Hash event handlers, style attributes and javascript: URLs too, with 'unsafe-hashes'.
unsafe-hashes = {unsafe_hashes}

# Directives to leave alone where they have 'unsafe-inline', which a hash or a nonce would switch off.
# keep-unsafe-inline = ["style-src"]

# algorithm = "sha256"

# The policy that hashes and sources are added to:
# {policy}
preset = "{preset}"

# Add the sources of the images, fonts, style sheets, scripts and frames that the pages ask for by URL.
external = true
{sources}
# mentioned = true          # also the URLs in scripts, which they may ask for; see `cspseal list --external` first
# granularity = "origin"    # or "directory", "path"; {{ script-src = "path" }} says it for a directive
# site-url = "{address}"    # whose URLs are the site's own{why}

# Directives that take the place of the preset's. What scripts ask for at run time is not known from the pages.
# [policy]
# connect-src = ["'self'", "https://api.example.com"]

# A stricter policy next to it whose violations are only reported.
# [report-only-policy]
# script-src = ["'self'"]
# report-to = ["csp"]
{nonce}
# Where the policy goes, any number of times; `cspseal formats` lists what there is.
[[output]]
format = "{format}"
file = "{target}"
{scope}
# report-only = false
# into = false          # true replaces only what is cspseal's in a file that holds other things
"#
    )
}

/// The output: beside the configuration where its folder is not there yet.
fn target_file<'f>(folder: &Path, file: &'f str) -> &'f str {
    match file.rsplit_once('/') {
        Some((parent, name)) if !folder.join(parent).is_dir() => name,
        _ => file,
    }
}

#[cfg(test)]
mod tests {
    use super::kinds::KINDS;
    use super::*;
    use crate::cli::config::Config;

    #[test]
    fn every_starter_is_a_valid_configuration() {
        for kind in KINDS {
            let folder = tempfile::tempdir().unwrap();
            let paths = paths(folder.path(), kind.name, kind.starter.pages);
            let needs = Needs::default();
            let text = text(folder.path(), kind.name, &kind.starter, &paths, &needs, None);
            let config = Config::parse(Path::new(FILE_NAME), &text).unwrap();
            let nonce = config.nonce.text().unwrap();
            assert_eq!(nonce.is_some(), kind.starter.framework.is_some(), "{}", kind.name);
        }
    }
}
