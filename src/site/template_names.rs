//! The names by which templates call each other, by the naming rules of their engines.

use super::PageFile;
use super::contexts::Source;
use crate::template::Dialect;

/// The names by which other templates may call a file: its place below the folder that was named, and below the last
/// folder of templates.
pub(crate) fn names(file: &PageFile, dialect: Dialect) -> Vec<String> {
    let name = &*file.name;
    let is_root = |folder: &str| {
        let last = folder.rsplit('/').next();
        matches!(last, Some("templates" | "jinja2" | "views" | "snippets"))
    };
    let mut slashes = name.rmatch_indices('/').map(|(at, _)| at);
    let root = slashes.find(|at| is_root(&name[..*at]));
    let below_root = root.map(|at| &name[at + 1..]);
    let mut names = vec![&*file.site_path];
    names.extend(below_root);
    match dialect {
        Dialect::Go => names.extend(name.rsplit('/').next()),
        Dialect::Liquid => {
            let bare = names.iter().filter_map(|name| name.strip_suffix(".liquid"));
            names.extend(bare.collect::<Vec<_>>());
        }
        _ => {}
    }
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

/// Whether templates of a dialect are named without their extensions, and partial ones without their underscore.
fn is_bare(dialect: Dialect) -> bool {
    matches!(
        dialect,
        Dialect::Erb | Dialect::Ejs | Dialect::Blade | Dialect::Liquid | Dialect::Handlebars | Dialect::Mustache
    )
}

/// A name as it is compared.
pub(super) fn key(dialect: Dialect, name: &str) -> String {
    let name = name.trim_start_matches('/');
    if !is_bare(dialect) {
        return name.to_owned();
    }
    let (folder, file) = name.rsplit_once('/').map_or(("", name), |split| split);
    let file = file.trim_start_matches('_');
    let file = file.split('.').next().unwrap_or_default();
    if folder.is_empty() {
        return file.to_owned();
    }
    format!("{folder}/{file}")
}

/// The names that a use in a file may mean, the likeliest first.
pub(super) fn keys_of_use<'s>(source: &'s Source<'_>, name: &str) -> Box<dyn Iterator<Item = String> + 's> {
    let dialect = source.dialect;
    let name = match dialect {
        Dialect::Blade if !name.ends_with(".php") => name.replace('.', "/"),
        _ => name.to_owned(),
    };
    let is_near_first = name.starts_with('.') || matches!(dialect, Dialect::Php | Dialect::Jsp | Dialect::Ejs);
    let partial = (dialect == Dialect::Go).then(|| format!("partials/{name}"));
    let plain = [key(dialect, &name)].into_iter().chain(partial);
    let own = source.names.iter().map(String::as_str);
    let near = own.chain([source.path]).map(move |own| {
        let mut parts: Vec<&str> = own.split('/').collect();
        parts.pop();
        for part in name.split('/') {
            match part {
                "." => {}
                ".." => drop(parts.pop()),
                _ => parts.push(part),
            }
        }
        key(dialect, &parts.join("/"))
    });
    match is_near_first {
        true => Box::new(near.chain(plain)),
        false => Box::new(plain.chain(near)),
    }
}
