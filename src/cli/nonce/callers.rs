//! What the files of a run give the templates that they call: an index over all of them, made before any is rewritten.
//!
//! Only names that stand as strings in the templates are followed, and only to files of the run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read as _;
use std::path::Path;

use memchr::memmem;

use super::contexts::{self, Contexts};
use super::django::{self, By};
use super::values::Values;
use crate::edit::nonce::{Callers, Filled, Gap, NonceScope, gives, path};
use crate::site::{PageFile, in_order::in_order, open};
use crate::target::one_line;
use crate::template::{Blocks, Call, Dialect, Placed};

/// The callers of every template of a run.
#[derive(Default)]
pub(super) struct Index {
    /// By the path of the file.
    files: HashMap<String, Callers>,
}

/// A template, as far as others are concerned.
struct Template {
    name: String,
    /// The names by which others may call it.
    names: Vec<String>,
    dialect: Dialect,
    /// The expression that is written into it.
    expression: String,
    calls: Vec<Call>,
    /// The named templates in it.
    named: Vec<String>,
    /// Whether a Python file that renders it gives it the nonce.
    by_python: Option<Filled>,
    placed: Placed,
    callers: Callers,
}

/// A file larger than this is not looked through.
const LONGEST: u64 = 4 << 20;

/// How often what is found of one file is followed to those that it calls.
const MOST_STEPS: usize = 16;

impl Index {
    /// Over the files that are to be rewritten.
    pub(super) fn new(files: &[PageFile], values: &Values) -> Self {
        let mut templates = Vec::new();
        let read = in_order(
            files,
            |file| template(file, values),
            |template| {
                templates.extend(template);
                Ok::<(), std::convert::Infallible>(())
            },
        );
        let Ok(()) = read;
        by_python(files, &mut templates);
        follow(&mut templates);
        for template in &mut templates {
            by_place(template);
        }
        by_context(&mut templates);
        let with_gap = templates
            .into_iter()
            .filter(|template| template.callers != Callers::default());
        Self {
            files: with_gap
                .map(|template| (template.name, template.callers))
                .collect(),
        }
    }

    /// Those of the file of this name.
    pub(super) fn of(&self, name: &str) -> Callers {
        self.files.get(name).cloned().unwrap_or_default()
    }
}

/// Reads a template, if values may be missing in it.
fn template(file: &PageFile, values: &Values) -> Option<Template> {
    let dialect = values.dialect(&file.path)?;
    let (expression, binding) = values.expression(dialect)?;
    let mut template = Template {
        name: file.name.to_string(),
        names: names(file, dialect),
        dialect,
        expression,
        calls: Vec::new(),
        named: Vec::new(),
        by_python: None,
        placed: Placed::default(),
        callers: Callers::default(),
    };
    let has_calls = binding.scope != NonceScope::Global && !tags(dialect).is_empty();
    if !has_calls && !Placed::may_be_in(dialect) {
        return Some(template);
    }
    let mut source = Vec::new();
    // What cannot be read is reported when it is rewritten.
    open(file)
        .ok()?
        .take(LONGEST)
        .read_to_end(&mut source)
        .ok()?;
    let without_mark = source.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&source);
    if let Ok(source) = std::str::from_utf8(without_mark) {
        template.placed = Placed::of(dialect, source);
    }
    if has_calls
        && tags(dialect)
            .iter()
            .any(|tag| memmem::find(&source, tag.as_bytes()).is_some())
    {
        let blocks = Blocks::of(dialect, &source);
        template.named = blocks.named().map(str::to_owned).collect();
        template.calls = blocks.calls;
    }
    Some(template)
}

/// Takes what the parts of each template are placed in.
fn by_context(templates: &mut [Template]) {
    let sources: Vec<_> = templates
        .iter()
        .map(|template| contexts::Source {
            names: &template.names,
            path: &template.name,
            dialect: template.dialect,
            placed: &template.placed,
        })
        .collect();
    let found = contexts::contexts(&sources);
    for (template, Contexts { no_tags, unknown }) in templates.iter_mut().zip(found) {
        template.callers.no_tags = no_tags;
        template.callers.unknown = unknown;
    }
}

/// The tags by which a template of a dialect calls another.
fn tags(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Django => &["include"],
        Dialect::Jinja | Dialect::Nunjucks => &["include", "import"],
        Dialect::Twig => &["include", "embed"],
        Dialect::Liquid => &["render", "include"],
        Dialect::Go => &["template", "block", "define"],
        Dialect::Askama
        | Dialect::Handlebars
        | Dialect::Mustache
        | Dialect::Ejs
        | Dialect::Erb
        | Dialect::Jsp
        | Dialect::Mako
        | Dialect::Php
        | Dialect::Blade
        | Dialect::Razor
        | Dialect::Thymeleaf => &[],
    }
}

/// The names by which other templates may call a file: its place below the folder that was named, and below the last
/// folder of templates.
fn names(file: &PageFile, dialect: Dialect) -> Vec<String> {
    let mut names = BTreeSet::from([file.site_path.to_string()]);
    let parts: Vec<&str> = file.name.split('/').collect();
    let is_root = |part: &&str| matches!(*part, "templates" | "jinja2" | "views" | "snippets");
    if let Some(root) = parts.iter().rposition(is_root) {
        names.insert(parts[root + 1..].join("/"));
    }
    match dialect {
        Dialect::Go => names.extend(parts.last().map(|name| (*name).to_owned())),
        Dialect::Liquid => {
            let bare: Vec<_> = names
                .iter()
                .filter_map(|name| name.strip_suffix(".liquid"))
                .map(str::to_owned)
                .collect();
            names.extend(bare);
        }
        _ => {}
    }
    names.into_iter().collect()
}

/// Follows the calls from template to template.
fn follow(templates: &mut [Template]) {
    for _ in 0..MOST_STEPS {
        let found = step(templates);
        let is_done = templates
            .iter()
            .zip(&found)
            .all(|(template, callers)| template.callers == *callers);
        for (template, callers) in templates.iter_mut().zip(found) {
            template.callers = callers;
        }
        if is_done {
            return;
        }
    }
}

/// What the callers of each template give it, as far as is known of the callers.
fn step(templates: &[Template]) -> Vec<Callers> {
    let mut sums: HashMap<(&str, bool), Sum> = HashMap::new();
    for template in templates {
        for call in &template.calls {
            let sum = sums.entry((&call.name, call.is_import)).or_default();
            sum.calls += 1;
            if !gives(call, &template.expression) {
                sum.missing += 1;
                sum.gap.get_or_insert_with(|| gap(template, call));
            } else if let Filled::No(Gap { help, .. }) = template.callers.file
                && !call.is_import
            {
                sum.missing += 1;
                let name = one_line(&template.name);
                let why = format!("{name} includes this file and lacks the nonce itself");
                sum.gap.get_or_insert(Gap { why, help });
            }
        }
    }
    let of = |names: &[String], is_import: bool| {
        let found = names
            .iter()
            .filter_map(|name| sums.get(&(&**name, is_import)));
        found.cloned().reduce(Sum::and)
    };
    let callers = templates.iter().map(|template| {
        let named = template.named.iter().filter_map(|name| {
            let sum = of(std::slice::from_ref(name), false)?;
            Some((name.clone(), sum.filled()))
        });
        let by_python = template.by_python.clone().and_then(Sum::of);
        let files = by_python.into_iter().chain(of(&template.names, false));
        Callers {
            file: files.reduce(Sum::and).unwrap_or_default().filled(),
            macros: of(&template.names, true).map(Sum::filled),
            named: named.collect::<BTreeMap<_, _>>(),
            ..Callers::default()
        }
    });
    callers.collect()
}

/// Some calls of one template.
#[derive(Clone, Default)]
struct Sum {
    calls: usize,
    /// Those that do not give it the nonce.
    missing: usize,
    /// Why the first of them does not.
    gap: Option<Gap>,
}

impl Sum {
    /// One renderer, next to which there may be others.
    fn of(filled: Filled) -> Option<Self> {
        let (calls, gap) = match filled {
            Filled::Yes => return None,
            Filled::Perhaps(gap) => (2, gap),
            Filled::No(gap) => (1, gap),
        };
        Some(Self {
            calls,
            missing: 1,
            gap: Some(gap),
        })
    }

    fn and(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            missing: self.missing + other.missing,
            gap: self.gap.or(other.gap),
        }
    }

    fn filled(self) -> Filled {
        match self.gap {
            None => Filled::Yes,
            Some(gap) if self.missing == self.calls => Filled::No(gap),
            Some(gap) => Filled::Perhaps(gap),
        }
    }
}

/// How an include gives the nonce on.
const HELP: &[(Dialect, &str)] = &[
    (
        Dialect::Django,
        "give the nonce on, as in {% include \"a.html\" with csp_nonce=csp_nonce only %}, or leave out what isolates it",
    ),
    (
        Dialect::Twig,
        "give the nonce on, as in {% include 'a.twig' with {csp_nonce: csp_nonce} only %}, or leave out what isolates it",
    ),
    (
        Dialect::Liquid,
        "give the nonce on, as in {% render 'a', csp_nonce: csp_nonce %}",
    ),
    (Dialect::Jinja, "leave out `without context`"),
];

/// Why a template does not give another one the nonce.
fn gap(template: &Template, call: &Call) -> Gap {
    let name = one_line(&template.name);
    match (call.is_import, template.dialect) {
        (true, _) => Gap {
            why: format!("{name} imports this file without context"),
            help: "import it with context, as in {% from \"a.html\" import b with context %}",
        },
        (false, Dialect::Go) => Gap {
            why: format!("{name} gives this template other data than its own"),
            help: "give it the page's data, as in {{template \"a\" $}}, or data with a Nonce",
        },
        (false, dialect) => Gap {
            why: format!("{name} includes this file without the variables of the page"),
            help: HELP
                .iter()
                .find(|row| row.0 == dialect)
                .map_or(HELP[0].1, |row| row.1),
        },
    }
}

/// Takes what Django's Python files say of their templates.
fn by_python(files: &[PageFile], templates: &mut [Template]) {
    if !templates
        .iter()
        .any(|template| template.dialect == Dialect::Django)
    {
        return;
    }
    let rendered = django::rendered(files.iter().map(|file| &*file.path));
    for template in templates
        .iter_mut()
        .filter(|template| template.dialect == Dialect::Django)
    {
        let found = template.names.iter().find_map(|name| rendered.get(name));
        let Some(rendered) = found else {
            continue;
        };
        let root = path(&template.expression)
            .split('.')
            .next()
            .unwrap_or_default();
        if !rendered.gives(root) {
            let file = one_line(&rendered.file);
            template.by_python = Some(match rendered.by {
                By::Widget => Filled::No(Gap {
                    why: format!(
                        "a widget of {file} renders this file, and forms are rendered without the request"
                    ),
                    help: "load the script by URL, in the Media of the widget",
                }),
                By::Tag => Filled::No(Gap {
                    why: format!(
                        "an inclusion tag of {file} renders this file with its own variables only"
                    ),
                    help: "take the context in the tag and give the nonce on, as in {\"csp_nonce\": context[\"csp_nonce\"]}",
                }),
                // Others may render it with the request.
                By::Call => Filled::Perhaps(Gap {
                    why: format!("{file} renders this file without the request"),
                    help: "give the request on, as in render_to_string(\"a.html\", {…}, request) or template.render({…}, request)",
                }),
            });
        }
    }
}

/// Takes what a place says of a template: mails are rendered outside requests, and Django's forms without one.
fn by_place(template: &mut Template) {
    if template.callers.file != Filled::Yes {
        return;
    }
    let name = template.name.to_ascii_lowercase();
    if template.dialect == Dialect::Django && format!("/{name}").contains("/django/forms/") {
        template.callers.file = Filled::No(Gap {
            why: "Django renders the templates of its forms without the request".to_owned(),
            help: "load the script by URL, in the Media of the widget",
        });
    } else if is_mail(Path::new(&name), &template.placed.parents) {
        template.callers.file = Filled::Perhaps(Gap {
            why: "this looks like a mail, which is rendered outside a request".to_owned(),
            help: "mail programs run no scripts and follow no policy; leave mails out with --exclude",
        });
    }
}

/// Whether a file is one of a mail, by the names that frameworks and people give them. A page about mails may have the name
/// of one, but it has the layout of a page.
fn is_mail(path: &Path, parents: &[String]) -> bool {
    let is_one = |part: &str| {
        let folders = [
            "email", "emails", "mail", "mails", "mailer", "mailers", "mailing",
        ];
        folders.contains(&part)
            || part.ends_with("_mailer")
            || part.ends_with("_email")
            || part.ends_with("_mail")
    };
    let stem = path
        .file_name()
        .and_then(|name| name.to_str())
        .and_then(|name| name.split('.').next());
    let is_named = stem
        .is_some_and(|stem| is_one(stem) && !matches!(stem, "email" | "emails" | "mail" | "mails"));
    let mut folders = path.parent().into_iter().flat_map(Path::components);
    let has_layout = parents
        .iter()
        .any(|parent| !parent.to_ascii_lowercase().contains("mail"));
    is_named && !has_layout || folders.any(|folder| folder.as_os_str().to_str().is_some_and(is_one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_by_their_names() {
        for path in [
            "app/views/user_mailer/welcome.html.erb",
            "app/views/layouts/mailer.html.erb",
            "templates/email/a.html",
            "resources/views/emails/a.blade.php",
            "registration/password_reset_email.html",
        ] {
            assert!(
                is_mail(Path::new(path), &["base_Mail.html".to_owned()]),
                "{path}"
            );
        }
        for path in [
            "templates/a.html",
            "account/email.html",
            "templates/mail.html",
            "thumbnail/a.html",
            "email.html",
        ] {
            assert!(!is_mail(Path::new(path), &[]), "{path}");
        }
        for (path, expected) in [
            ("control/outgoing_mail.html", false),
            ("Collector/mailer.html.twig", false),
            ("emails/welcome.html", true),
        ] {
            let parents = ["layout.html".to_owned()];
            assert_eq!(is_mail(Path::new(path), &parents), expected, "{path}");
        }
    }
}
