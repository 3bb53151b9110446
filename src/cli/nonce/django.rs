//! What the Python files next to Django's templates say of who renders them: inclusion tags and widgets do, with variables
//! of their own and without the request, and so do calls that are not given the request.
//!
//! Python is not parsed: a call or a class whose template stands as a string in it is found by its words.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fancy_regex::Regex;
use rayon::prelude::*;

use crate::edit::nonce::{Filled, Gap};
use crate::site::read_start;
use crate::target::one_line;

/// Who renders a template.
pub(super) struct Rendered {
    /// The Python file.
    file: String,
    by: By,
    /// The code that may give it variables.
    body: String,
}

/// The code that renders a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// An inclusion tag.
    Tag,
    /// A widget of a form.
    Widget,
    /// A call of `render_to_string` or of a template's `render`.
    Call,
}

impl Rendered {
    /// Whether it gives the template a variable, or all those of the page.
    fn gives(&self, variable: &str) -> bool {
        static WHOLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(concat!(
                r"\breturn\s+context\s*$|\*\*\s*context\b(?!\s*[\[(])|\b(?:dict|copy)\(\s*context\b(?!\s*[\[(])|",
                r"\bcontext\.(?:flatten|copy|new)\("
            ))
            .ok()
        });
        static REPLACED: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(?m)^\s+context\s*(?::[^=\n]*)?=(?!=)(?![^\n]*\bcontext\b)").ok());
        let is_in = |pattern: &LazyLock<Option<Regex>>, text: &str| {
            let found = pattern.as_ref().map(|pattern| pattern.is_match(text));
            matches!(found, Some(Ok(true)))
        };
        let mut lines = self.body.lines();
        let is_whole = lines.any(|line| is_in(&WHOLE, line));
        let is_returned = self.by == By::Tag && is_whole;
        let is_replaced = || is_in(&REPLACED, &self.body) && !self.body.contains("**context");
        self.body.contains(variable) || is_returned && !is_replaced()
    }
}

impl Rendered {
    /// Why it does not give the template a variable.
    pub(super) fn lacks(&self, variable: &str) -> Option<Filled> {
        if self.gives(variable) {
            return None;
        }
        let file = one_line(&self.file);
        Some(match self.by {
            By::Widget => Filled::No(Gap::new(
                format!("a widget of {file} renders this file, and forms are rendered without the request"),
                "load the script by URL, in the Media of the widget",
            )),
            By::Tag => Filled::No(Gap::new(
                format!("an inclusion tag of {file} renders this file with its own variables only"),
                "take the context in the tag and give the nonce on, as in {\"csp_nonce\": context[\"csp_nonce\"]}",
            )),
            // Others may render it with the request.
            By::Call => Filled::Perhaps(Gap::new(
                format!("{file} renders this file without the request"),
                "give the request on, as in render_to_string(\"a.html\", {…}, request) or template.render({…}, request)",
            )),
        })
    }
}

/// A file larger than this is not looked through.
const LONGEST: u64 = 256 << 10;

/// How much of the code of a tag, a widget or a call is looked through, in characters.
const LONGEST_BODY: usize = 8192;

/// The templates that the applications around some templates render so, by their names.
pub(super) fn rendered<'a>(templates: impl Iterator<Item = &'a Path>) -> HashMap<String, Rendered> {
    let mut found = HashMap::new();
    let applications: BTreeSet<PathBuf> = templates.filter_map(application).collect();
    let mut folders = applications.clone();
    for application in &applications {
        folders.extend(entries(application).filter(|path| path.is_dir()));
    }
    // What is rendered in tests is no page.
    let is_part = |folder: &&PathBuf| {
        let name = folder.file_name().and_then(|name| name.to_str());
        !matches!(name, Some("tests" | "migrations" | "templatetags"))
    };
    let folders: Vec<_> = folders.iter().filter(is_part).collect();
    let sources = |folder: &&PathBuf| -> Vec<_> {
        let files = entries(&folder.join("templatetags")).chain(entries(folder));
        let files = files.filter(|path| path.extension().is_some_and(|end| end == "py"));
        files.filter_map(|path| Some((read(&path)?, path))).collect()
    };
    let sources: Vec<_> = folders.par_iter().map(sources).collect();
    for (source, path) in sources.iter().flatten() {
        take(path, source, &mut found);
    }
    found
}

/// The folder that the folder of a template stands in.
fn application(template: &Path) -> Option<PathBuf> {
    let mut folders = template.ancestors().skip(1);
    let templates = folders.find(|folder| folder.file_name().is_some_and(|name| name == "templates"))?;
    let above = templates.parent()?;
    Some(if above.as_os_str().is_empty() { PathBuf::from(".") } else { above.to_owned() })
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
    let source = read_start(fs::File::open(path).ok()?, LONGEST).ok()?;
    Some(String::from_utf8_lossy(&source).into_owned())
}

/// Takes the templates that a Python file names.
fn take(path: &Path, source: &str, found: &mut HashMap<String, Rendered>) {
    static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r#"inclusion_tag\(\s*(?:filename\s*=\s*)?["']([^"'\n]+)["']|"#,
            r#"(?m:^)class\s+\w+\(([^)\n]{0,500})\)\s*:|\btemplate_name\s*=\s*["']([^"'\n]+)["']|"#,
            r#"\b(render_to_string|get_template)\(\s*(?:template_name\s*=\s*)?["']([^"'\n]+)["']"#
        ))
        .ok()
    });
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let has_widgets = matches!(stem, Some("widgets" | "forms" | "fields"));
    let words: &[&str] = match has_widgets {
        true => &[""],
        false => &["inclusion_tag", "render_to_string", "get_template"],
    };
    if !words.iter().any(|word| source.contains(word)) {
        return;
    }
    let mut is_widget = false;
    for captures in NAMES.iter().flat_map(|names| names.captures_iter(source)).flatten() {
        if let Some(bases) = captures.get(2) {
            let kinds = ["Widget", "Input", "Select", "Textarea", "Checkbox", "Radio"];
            is_widget = has_widgets && kinds.iter().any(|kind| bases.as_str().contains(kind));
            continue;
        }
        let (name, by) = match (captures.get(1), captures.get(3), captures.get(5)) {
            (Some(name), ..) => (name, By::Tag),
            (_, Some(name), _) if is_widget => (name, By::Widget),
            (_, _, Some(name)) => (name, By::Call),
            _ => continue,
        };
        let behind = &source[name.end()..];
        let body = match by {
            By::Tag => of_tag(source, behind),
            By::Widget => Some(indented(behind)),
            By::Call if captures.get(4).is_some_and(|call| call.as_str().starts_with("get")) => {
                let behind = indented(behind);
                let behind = behind.split("def ").next().unwrap_or_default();
                behind.split_once(".render(").map(|(_, behind)| arguments(behind))
            }
            By::Call => Some(arguments(behind)),
        };
        // A call that is given the request, or the variables of a page.
        let is_whole = |body: &&str| by == By::Call && ["request", ".flatten("].iter().any(|word| body.contains(word));
        let Some(body) = body.filter(|body| !is_whole(body)) else {
            continue;
        };
        // What a call is given may be made before it.
        let start = source[..name.start()].rfind("def ").unwrap_or_default();
        let body = match by {
            By::Call => indented(&source[start..]),
            By::Tag | By::Widget => body,
        };
        let rendered = Rendered {
            file: path.to_string_lossy().replace('\\', "/"),
            by,
            body: body.chars().take(LONGEST_BODY).collect(),
        };
        found.entry(name.as_str().to_owned()).or_insert(rendered);
    }
}

/// The function of an inclusion tag: the one that it decorates, or that it is called with.
fn of_tag<'a>(source: &'a str, behind: &'a str) -> Option<&'a str> {
    let rest = &behind[arguments(behind).len()..];
    let rest = rest.strip_prefix(')').unwrap_or(rest);
    let function = match rest.strip_prefix('(') {
        Some(name) => {
            let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
            &source[source.find(&format!("def {name}("))?..]
        }
        None => &rest[rest.find("def ")?..],
    };
    Some(indented(function))
}

/// Some code up to the next line without indentation.
fn indented(code: &str) -> &str {
    let mut starts = code.match_indices('\n').map(|(at, _)| at + 1);
    let is_end = |at: &usize| !code[*at..].starts_with([' ', '\t', '\n', '\r', ')', '#']);
    &code[..starts.find(is_end).unwrap_or(code.len())]
}

/// The rest of the arguments of a call.
fn arguments(behind: &str) -> &str {
    let mut depth = 0_usize;
    let end = behind.char_indices().find(|(_, c)| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return true,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        false
    });
    &behind[..end.map_or(behind.len(), |(at, _)| at)]
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
        take(Path::new("widgets.py"), source, &mut found);
        let of = |name: &str| {
            let rendered = found.get(name)?;
            Some((rendered.by, rendered.gives("csp_nonce")))
        };
        assert_eq!(of("a/menu.html"), Some((By::Tag, false)));
        assert_eq!(of("a/nonced.html"), Some((By::Tag, true)));
        assert_eq!(of("a/color.html"), Some((By::Widget, false)));
        assert_eq!(of("a/page.html"), None);
    }

    #[test]
    fn tags_that_give_all_variables() {
        let decorator = "@register.inclusion_tag('a.html', takes_context=True)\n";
        let below = "def other(context):\n    return context\n";
        for (function, expected) in [
            ("def a(context):\n    context['b'] = 1\n    return context\n", true),
            ("def a(\n    context,\n):\n    return {**context.flatten(), 'b': 1}\n", true),
            ("def a(context):\n    return {'b': 1, **context}\n", true),
            ("def a(context):\n    found = copy(context)\n    return found\n", true),
            ("def a(context):\n    context = context.flatten()\n    return context\n", true),
            ("def a(context):\n    return {'b': context['b']}\n", false),
            ("def a(context):\n    context = {'b': 1}\n    return context\n", false),
            ("def a(context):\n    return {**context['b']}\n", false),
        ] {
            let mut found = HashMap::new();
            take(Path::new("tags.py"), &format!("{decorator}{function}\n\n{below}"), &mut found);
            assert_eq!(found["a.html"].gives("csp_nonce"), expected, "{function}");
        }
        let mut found = HashMap::new();
        let called = "register.inclusion_tag('a.html', takes_context=True)(other)\n";
        take(Path::new("tags.py"), &format!("{below}{called}"), &mut found);
        assert!(found["a.html"].gives("csp_nonce"));
    }

    #[test]
    fn calls_without_the_request() {
        for (call, expected) in [
            ("render_to_string('a.html')", true),
            ("render_to_string(\n        \"a.html\", {'b': (1)},\n    )", true),
            ("render_to_string('a.html', {'b': 1}, request)", false),
            ("render_to_string('a.html', {'b': 1}, request=self.request)", false),
            ("render_to_string('a.html', context.flatten())", false),
            ("get_template('a.html').render({'b': 1})", true),
            ("get_template('a.html')\n    return a.render(b, request=c)", false),
            ("get_template('a.html')\n\n    def b():\n        return c.render(d)", false),
        ] {
            let mut found = HashMap::new();
            let source = format!("def a():\n    return {call}\n\nrequest = 1\n");
            take(Path::new("views.py"), &source, &mut found);
            assert_eq!(found.contains_key("a.html"), expected, "{call}");
        }
        for (source, expected) in [
            ("def a():\n    b = {'csp_nonce': 1}\n    return render_to_string('a.html', b)\n", true),
            ("def a():\n    c = get_template('a.html')\n    b = {'csp_nonce': 1}\n    return c.render(b)\n", true),
            ("csp_nonce = 1\ndef a():\n    return render_to_string('a.html', b)\n", false),
        ] {
            let mut found = HashMap::new();
            take(Path::new("views.py"), source, &mut found);
            assert_eq!(found["a.html"].gives("csp_nonce"), expected, "{source}");
        }
    }
}
