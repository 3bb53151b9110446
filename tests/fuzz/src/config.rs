//! `cspseal.toml`: read or refused with a message that can be shown; no path leaves the folder, and no key, word or text of the
//! policy's table becomes a directive of its own.

use std::path::Component;

use cspseal::cli::fuzzing::read;
use cspseal::policy::Policy;
use cspseal::target::TARGETS;

pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let table = toml::from_str::<toml::Table>(text);
    let settings = match read(text) {
        Ok(settings) => settings,
        Err(problem) => {
            assert!(problem.contains("invalid-config"), "{problem}");
            return;
        }
    };
    let table = table.unwrap_or_else(|error| panic!("{text:?} is no TOML: {error}"));
    for format in &settings.formats {
        assert!(TARGETS.iter().any(|emitter| emitter.name() == format));
    }
    for path in &settings.paths {
        let mut depth = 0;
        for part in path.components() {
            depth += match part {
                Component::Normal(_) => 1,
                Component::CurDir => 0,
                Component::ParentDir => -1,
                Component::RootDir | Component::Prefix(_) => i32::MIN / 2,
            };
            assert!(depth >= 0, "{} leaves the folder", path.display());
        }
    }
    let Ok(policy) = settings.policy else {
        return;
    };
    let spelled = match (table.get("policy"), policy) {
        (None, None) => return,
        (Some(toml::Value::String(whole)), Some(policy)) => return assert_eq!(*whole, policy),
        (Some(toml::Value::Table(spelled)), Some(policy)) => (spelled, policy),
        other => panic!("{other:?}"),
    };
    check_table(spelled.0, &spelled.1);
}

/// Holds a policy's text against the table that spells it.
fn check_table(table: &toml::Table, policy: &str) {
    let Ok(parsed) = Policy::parse(policy) else {
        return;
    };
    let mut wanted: Vec<Vec<String>> = table
        .iter()
        .filter(|(_, value)| value.as_bool() != Some(false))
        .map(|(name, value)| {
            let mut words = vec![name.to_ascii_lowercase()];
            match value {
                toml::Value::String(text) => {
                    words.extend(text.split_ascii_whitespace().map(str::to_owned));
                }
                toml::Value::Array(list) => {
                    words.extend(list.iter().filter_map(|word| Some(word.as_str()?.to_owned())));
                }
                _ => {}
            }
            words
        })
        .collect();
    let mut found: Vec<Vec<String>> = parsed
        .directives()
        .map(|directive| {
            let text = directive.to_string();
            text.split(' ').map(str::to_owned).collect()
        })
        .collect();
    // Keywords, schemes and hashes are normalised, so that only their number is compared.
    let shape = |directives: &mut Vec<Vec<String>>| -> Vec<(String, usize)> {
        let mut shape: Vec<_> = directives.iter().map(|words| (words[0].clone(), words.len())).collect();
        shape.sort();
        shape
    };
    assert_eq!(shape(&mut wanted), shape(&mut found), "{table:?} became {policy}");
}
