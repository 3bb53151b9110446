//! Firebase Hosting: the `headers` of `firebase.json`.
//!
//! Every rule that matches adds its headers and the last one wins (superstatic 10, run). A rule has a glob, minimatch's
//! 6.2.3, or an expression, which is searched anywhere in the path.

use jsonc_parser::ast::{Object, Value};

use super::PAGES;
use super::minimatch::minimatch;
use crate::error::Result;
use crate::json_file::Comments;
use crate::target::deployed::{
    Answers, Choice, DeployedFile, Effect, Headers, IsPage, Json, Matcher, Page, Reader, Rules, Switches, Urls, spelled,
};
use crate::target::urls::Case;

pub(super) static FILE: DeployedFile =
    DeployedFile { name: Some("firebase.json"), begins: &[], knows: |file| file.has("hosting"), read: Some(read) };

fn read(reader: &mut Reader<'_>, text: &str) -> Result<Answers> {
    let json = Json::parse(reader, text, Comments::Allowed)?;
    let Some(hosting) = hosting(&json)? else {
        return Ok(Answers::Rules(Box::new(Rules::new(URLS, Choice::Every))));
    };
    json.rules(hosting, URLS, |value, object, policies| rule(reader, &json, (value, object), policies))
}

const URLS: Urls = Urls { cases: &[Case::Matters], switches: Switches::NONE, of: urls };

/// The one site of the file.
fn hosting<'v, 't>(json: &'v Json<'t>) -> Result<Option<&'v Object<'t>>> {
    let Some(value) = json.member(json.top()?, "hosting")? else {
        return Ok(None);
    };
    match value {
        Value::Array(sites) => match &sites.elements[..] {
            [] => Ok(None),
            [site] => Ok(Some(json.object(site, "a site in `hosting`")?)),
            sites => Err(json.error(
                value,
                format!("`hosting` has {} sites, and which one the pages are of is not said; put them into files of their own, for `firebase --config`", sites.len()),
            )),
        },
        _ => Ok(Some(json.object(value, "`hosting`")?)),
    }
}

fn rule<'t>(
    reader: &mut Reader<'_>,
    json: &Json<'t>,
    (rule, object): (&Value<'t>, &Object<'t>),
    policies: Headers<'_, 't>,
) -> Result<(Matcher, Vec<Effect>)> {
    let mut matchers = Vec::new();
    for name in ["source", "glob", "regex"] {
        matchers.extend(json.member(object, name)?.map(|value| (name, value)));
    }
    let [(name, value)] = matchers[..] else {
        return Err(json.error(rule, "a rule has one of `source`, `glob` and `regex`"));
    };
    let text = json.string(value, &format!("`{name}`"))?;
    let refuse = |error: String| json.error(value, format!("`{name}` cannot be read: {error}"));
    let regex = match name {
        "regex" => text.to_owned(),
        // superstatic puts a slash in front of a `source`.
        "source" => minimatch(&slash(text)).map_err(refuse)?,
        _ => minimatch(text).map_err(refuse)?,
    };
    let matcher = Matcher::new(PAGES.inside(&regex), &regex, URLS.cases).map_err(refuse)?;
    let effects = policies.into_iter().map(|(header, value)| json.effect(reader, header, value));
    Ok((matcher, effects.collect::<Result<_>>()?))
}

/// As superstatic 10 has it (run).
fn urls(page: &Page<'_>, switches: Switches, is_page: IsPage<'_>) -> Vec<String> {
    let mut urls = page.unless_clean(switches);
    if let Some(folder) = page.folder {
        if switches.slash != Some(false) || folder.is_empty() {
            urls.push(Page::folder_url(folder, true));
        }
        let bare = switches.slash == Some(false) || (switches.clean && switches.slash.is_none());
        if bare && !folder.is_empty() {
            urls.push(Page::folder_url(folder, false));
        }
    } else if let Some(stem) = page.clean(is_page).filter(|_| switches.clean) {
        urls.push(Page::folder_url(stem, switches.slash == Some(true)));
    }
    spelled(urls)
}

/// The glob as the path of a folder's root, with what `.`, `..` and double slashes mean taken out.
fn slash(glob: &str) -> String {
    let (sign, path) = match glob.strip_prefix('!') {
        Some(path) => ("!", path),
        None => ("", glob),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let end = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    format!("{sign}/{}{end}", parts.join("/"))
}
