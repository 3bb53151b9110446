//! Our rules in somebody's JSON: the rest stays byte for byte, the result is JSON, a second time changes nothing, and what was
//! put in can be taken out again.

use cspseal::policy::{Policy, PolicyBuilder};
use cspseal::site::Inventory;
use cspseal::target::deployed::{Deployed, DeployedFormat};
use cspseal::target::{Deployment, Report, Scope, Target, print_into, target};
use cspseal::{HashAlgorithm, ScanOptions, scan_page};
use serde_json::Value;

use crate::input::Input;

const FORMATS: &[&str] = &["vercel", "firebase", "azure-swa"];

pub(crate) fn check(data: &[u8]) {
    let Some(input) = Input::read(data) else {
        return;
    };
    let name = input.choose(FORMATS);
    let format = target(name).unwrap();
    let (site, page) = (input.flag(0), input.flag(1));
    let first = if site { Scope::Site } else { Scope::Page };
    let second = if page { Scope::Site } else { Scope::Page };
    let put = |existing: &[u8], scope, report_only, script| merged(format, existing, scope, report_only, script);
    let report_only = input.flag(2);
    let Ok(once) = put(input.text, first, report_only, "1") else {
        return;
    };
    let shown = String::from_utf8_lossy(&once).into_owned();
    assert_eq!(put(&once, first, report_only, "1").ok(), Some(once.clone()), "{shown}");
    // What another run puts in stands in the place of it, and the other way round.
    // Rules of somebody else may stand in the way of rules for pages.
    let other = match put(&once, second, report_only, "2") {
        Err(_) if second == Scope::Page => return,
        other => other.unwrap_or_else(|error| panic!("{error}\n{shown}")),
    };
    assert_eq!(put(&other, second, report_only, "2").ok().as_deref(), Some(&other[..]));
    let back = put(&other, first, report_only, "1").unwrap_or_else(|error| panic!("{error}\n{shown}"));
    // Lists that were made for our rules may be left, without them.
    let values = |text: &[u8]| without_empty(value(name, std::str::from_utf8(text).unwrap()));
    let lower = |text: &[u8]| values(text).to_string().to_ascii_lowercase();
    assert_eq!(lower(&back), lower(&once), "{shown}");
    // A list that was left may be indented otherwise than one that is made.
    let again = put(&back, second, report_only, "2").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(values(&again), values(&other), "{shown}");

    let text = input.str().unwrap();
    if !text.trim_ascii().is_empty() {
        let (before, after) = (value(name, text), value(name, &shown));
        // Firebase has its list one level below.
        let hosting = before.get("hosting").filter(|_| name == "firebase");
        let has_rules = |site: &Value| site["headers"].get(0).is_some();
        rest_stays(text, &shown, hosting.is_some_and(|site| !has_rules(site)));
        assert_eq!(without_policies(before), without_policies(after), "{text:?} became {shown}");
    }
    let kind = DeployedFormat::find(name).unwrap();
    if let Ok(deployed) = Deployed::read(kind, "x", &shown) {
        let found = deployed.policies().iter().filter(|policy| policy.report_only == report_only);
        assert!(found.count() >= 1, "{shown}");
    }
}

fn merged(format: &Target, existing: &[u8], scope: Scope, report_only: bool, script: &str) -> cspseal::Result<Vec<u8>> {
    let mut inventory = Inventory::new(HashAlgorithm::Sha256);
    for (path, text) in [("a b.html", script), ("docs/index.html", script), ("none.html", "")] {
        let html = format!("<!doctype html><script>{text}</script>");
        inventory.add(scan_page(path, html.as_bytes(), &ScanOptions::new())?)?;
    }
    let builder = PolicyBuilder::new(Some(Policy::preset_self()));
    let report = Report::new(&inventory, &builder);
    let deployment = Deployment::new(&report, scope).with_report_only(report_only);
    print_into(format, &deployment, existing)
}

/// The value of a file that the format takes.
fn value(format: &str, text: &str) -> Value {
    if format != "firebase" {
        return serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
    let options = jsonc_parser::ParseOptions { allow_trailing_commas: false, ..jsonc_parser::ParseOptions::default() };
    let parsed = jsonc_parser::parse_to_serde_value(text, &options);
    parsed.unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A file without the rules and headers that carry a policy, and without the lists and objects that are then empty.
fn without_policies(value: Value) -> Value {
    let is_policy = |name: &str| name.trim().to_ascii_lowercase().starts_with("content-security-policy");
    match value {
        Value::Array(values) => {
            let values = values.into_iter().map(without_policies);
            Value::Array(values.filter(|value| !is_bare_rule(value)).collect())
        }
        Value::Object(members) => {
            if members.get("key").and_then(Value::as_str).is_some_and(is_policy) {
                return Value::Null;
            }
            let members = members
                .into_iter()
                .filter(|(name, _)| !is_policy(name))
                .map(|(name, value)| (name, without_policies(value)))
                .collect();
            without_empty(Value::Object(members))
        }
        other => other,
    }
}

/// Whether a rule has nothing to set, or was a header.
fn is_bare_rule(value: &Value) -> bool {
    let Some(rule) = value.as_object() else {
        return value.is_null();
    };
    let is_rule = ["source", "regex", "route"].iter().any(|name| rule.contains_key(*name));
    is_rule && !rule.contains_key("headers")
}

/// An object without those of the members this program makes that hold nothing.
fn without_empty(value: Value) -> Value {
    let Value::Object(members) = value else {
        return value;
    };
    let made = ["headers", "hosting", "globalHeaders", "routes"];
    let members = members.into_iter().map(|(name, value)| {
        let value = if made.contains(&&*name) { without_empty(value) } else { value };
        (name, value)
    });
    let kept = members.filter(|(name, value)| !(made.contains(&&**name) && is_empty(value)));
    Value::Object(kept.collect())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        other => other.is_null(),
    }
}

/// Where there was no policy, every byte is still there in its order, with something put in at a few places. What has
/// only space in it loses that.
fn rest_stays(before: &str, after: &str, has_short_site: bool) {
    let mention = before.to_ascii_lowercase();
    if mention.contains("ontent-") || mention.contains("\\u") {
        return;
    }
    // Space in what holds nothing else is not kept, nor in an object on one line that gets a list.
    let top = before.trim_ascii_start().strip_prefix('{').unwrap_or_default();
    let has_lines = top.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
    // Nor is space that JSON does not have.
    let is_json_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    let has_other_space = before.contains(|c: char| c.is_whitespace() && !is_json_space(c));
    let is_loose = has_hollow(before) || !has_lines || has_short_site || has_other_space;
    let squeezed = |text: &str| text.replace(char::is_whitespace, "");
    if is_loose {
        assert!(is_kept(&squeezed(before), &squeezed(after)), "{before:?} became {after:?}");
    } else {
        assert!(is_kept(before, after), "{before:?} became {after:?}");
    }
}

/// Whether what was there is still there in its order.
fn is_kept(before: &str, after: &str) -> bool {
    let same = |pair: &(u8, u8)| pair.0 == pair.1;
    let start = before.bytes().zip(after.bytes()).take_while(same).count();
    let ends = before.bytes().rev().zip(after.bytes().rev());
    let end = ends.take_while(same).count().min(before.len() - start);
    let middle = &before.as_bytes()[start..before.len() - end];
    let found = &after.as_bytes()[start..after.len() - end.min(after.len() - start)];
    parts(middle, found, 3)
}

/// Whether `found` holds `wanted` in its order, in as many parts at most.
fn parts(wanted: &[u8], found: &[u8], most: usize) -> bool {
    if wanted.is_empty() || most == 0 {
        return wanted.is_empty();
    }
    let place = |len: usize| found.windows(len).position(|part| part == &wanted[..len]);
    let longest = (1..=wanted.len()).map_while(|len| Some((len, place(len)?)));
    longest.last().is_some_and(|(len, at)| parts(&wanted[len..], &found[at + len..], most - 1))
}

/// Whether there may be an object or array with nothing but space in it.
fn has_hollow(text: &str) -> bool {
    ['}', ']'].iter().any(|close| {
        text.match_indices(*close).any(|(at, _)| {
            let before = text[..at].trim_end();
            before.len() < at && before.ends_with(['{', '['])
        })
    })
}
