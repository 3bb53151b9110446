//! What the Python files next to Django's templates say of who renders them: inclusion tags and widgets do, with variables
//! of their own and without the request.
//!
//! Python is not parsed: a call or a class whose template stands as a string in it is found by its words.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fancy_regex::Regex;

/// Who renders a template.
pub(super) struct Rendered {
    /// The Python file.
    pub(super) file: String,
    /// Whether that is a widget of a form.
    pub(super) is_widget: bool,
    /// The code that may give it variables.
    pub(super) body: String,
}

/// A file larger than this is not looked through.
const LONGEST: u64 = 256 << 10;

/// How much of a tag's code is looked through, in characters.
const LONGEST_BODY: usize = 2048;

/// The templates that the applications around some templates render so, by their names.
pub(super) fn rendered<'a>(templates: impl Iterator<Item = &'a Path>) -> HashMap<String, Rendered> {
    let mut found = HashMap::new();
    let applications: BTreeSet<PathBuf> = templates.filter_map(application).collect();
    let mut folders = applications.clone();
    for application in &applications {
        folders.extend(entries(application).filter(|path| path.is_dir()));
    }
    for folder in &folders {
        let tags = entries(&folder.join("templatetags"));
        let modules = ["widgets.py", "forms.py", "fields.py"].map(|name| folder.join(name));
        for path in tags
            .chain(modules)
            .filter(|path| path.extension().is_some_and(|end| end == "py"))
        {
            if let Some(source) = read(&path) {
                take(&path, &source, &mut found);
            }
        }
    }
    found
}

/// The folder that the folder of a template stands in.
fn application(template: &Path) -> Option<PathBuf> {
    let mut folders = template.ancestors().skip(1);
    let templates =
        folders.find(|folder| folder.file_name().is_some_and(|name| name == "templates"))?;
    let above = templates.parent()?;
    Some(if above.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        above.to_owned()
    })
}

/// What stands in a folder, in order; no symbolic links.
fn entries(folder: &Path) -> std::vec::IntoIter<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_own = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| !kind.is_symlink());
    let mut paths: Vec<PathBuf> = entries.filter(is_own).map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter()
}

fn read(path: &Path) -> Option<String> {
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut source = Vec::new();
    fs::File::open(path)
        .ok()?
        .take(LONGEST)
        .read_to_end(&mut source)
        .ok()?;
    Some(String::from_utf8_lossy(&source).into_owned())
}

/// Takes the templates that a Python file names.
fn take(path: &Path, source: &str, found: &mut HashMap<String, Rendered>) {
    static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r#"inclusion_tag\(\s*(?:filename\s*=\s*)?["']([^"'\n]+)["']|"#,
            r#"(?m:^)class\s+\w+\(([^)\n]{0,500})\)\s*:|\btemplate_name\s*=\s*["']([^"'\n]+)["']"#
        ))
        .ok()
    });
    let mut is_widget = false;
    for captures in NAMES
        .iter()
        .flat_map(|names| names.captures_iter(source))
        .flatten()
    {
        if let Some(bases) = captures.get(2) {
            let kinds = ["Widget", "Input", "Select", "Textarea", "Checkbox", "Radio"];
            is_widget = kinds.iter().any(|kind| bases.as_str().contains(kind));
            continue;
        }
        let tag = captures.get(1);
        let Some(name) = tag.or_else(|| captures.get(3).filter(|_| is_widget)) else {
            continue;
        };
        let behind = &source[name.end()..];
        let body = behind.split("\n@").next().unwrap_or_default();
        let rendered = Rendered {
            file: path.to_string_lossy().replace('\\', "/"),
            is_widget: tag.is_none(),
            body: body.chars().take(LONGEST_BODY).collect(),
        };
        found.entry(name.as_str().to_owned()).or_insert(rendered);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_widgets_name_their_templates() {
        let source = concat!(
            "@register.inclusion_tag('a/menu.html', takes_context=True)\ndef menu(context):\n    return {'b': 1}\n\n",
            "@register.inclusion_tag(\n    filename=\"a/nonced.html\")\ndef nonced(context):\n    return {'csp_nonce': 1}\n\n",
            "class Color(forms.TextInput):\n    template_name = 'a/color.html'\n\n",
            "class Page(TemplateView):\n    template_name = 'a/page.html'\n",
        );
        let mut found = HashMap::new();
        take(Path::new("tags.py"), source, &mut found);
        let of = |name: &str| {
            let rendered = found.get(name)?;
            Some((rendered.is_widget, rendered.body.contains("csp_nonce")))
        };
        assert_eq!(of("a/menu.html"), Some((false, false)));
        assert_eq!(of("a/nonced.html"), Some((false, true)));
        assert_eq!(of("a/color.html"), Some((true, false)));
        assert_eq!(of("a/page.html"), None);
    }
}
