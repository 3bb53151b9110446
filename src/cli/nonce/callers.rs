//! An index over the files of a run: the variables and the surroundings that each gives the templates that it calls and places.
//!
//! Only names that stand as strings in the templates are followed, and only to files of the run.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::django;
use super::values::Values;
use crate::edit::nonce::{Callers, Filled, Gap, gives, path};
use crate::site::PageFile;
use crate::site::contexts;
use crate::site::template_names::names;
use crate::target::one_line;
use crate::template::{Call, Dialect, Links};

/// The callers of every template of a run.
#[derive(Default)]
pub(super) struct Index {
    /// By the place of the file in the run.
    files: HashMap<usize, Callers>,
}

/// The dialect of a template, and its links; [`None`] for a file that is no template or could not be read.
pub(super) type Linked = Option<(Dialect, Links)>;

/// A template, as far as others are concerned.
struct Template {
    /// Its place among the files of the run.
    index: usize,
    path: String,
    /// The names by which others may call it.
    names: Vec<String>,
    dialect: Dialect,
    /// The expression that is written into it.
    expression: Arc<str>,
    /// Whether that has a value whoever calls the template.
    is_global: bool,
    links: Links,
}

impl Template {
    fn source(&self) -> contexts::Source<'_> {
        contexts::Source { names: &self.names, path: &self.path, dialect: self.dialect, links: &self.links }
    }
}

/// How often what is found of one file is followed to those that it calls.
const MOST_STEPS: usize = 16;

impl Index {
    /// Over the files of a run, with the links of each.
    pub(super) fn new(files: &[PageFile], links: Vec<Linked>, values: &Values) -> Self {
        let expressions = Dialect::ALL.iter().filter_map(|dialect| {
            let (expression, binding) = values.expression(*dialect)?;
            let is_global = binding.is_global(&expression);
            Some((*dialect, (Arc::from(expression), is_global)))
        });
        let expressions: HashMap<Dialect, (Arc<str>, bool)> = expressions.collect();
        let template = |(index, (file, links)): (usize, (&PageFile, Linked))| {
            let (dialect, links) = links?;
            let (expression, is_global) = expressions.get(&dialect)?;
            Some(Template {
                index,
                path: file.name.to_string(),
                names: names(file, dialect),
                dialect,
                expression: Arc::clone(expression),
                is_global: *is_global,
                links,
            })
        };
        let all = files.par_iter().zip(links).enumerate();
        let templates: Vec<Template> = all.filter_map(template).collect();
        let follow = || {
            let mut callers = follow(&templates, &by_python(files, &templates));
            let callers_of = templates.iter().zip(&mut callers);
            callers_of.for_each(|(template, callers)| by_place(template, callers));
            callers
        };
        let contexts = || {
            let sources: Vec<_> = templates.iter().map(Template::source).collect();
            contexts::contexts(&sources)
        };
        let (callers, contexts) = rayon::join(follow, contexts);
        let found = templates.into_par_iter().zip(callers).zip(contexts);
        let found = found.filter_map(|((template, callers), contexts)| {
            let callers = Callers { texts: contexts.texts, unknown: contexts.unknown, kept: contexts.kept, ..callers };
            (callers != Callers::default()).then_some((template.index, callers))
        });
        Self { files: found.collect() }
    }

    /// Those of the file at a place in the run, if they are others than is assumed at first.
    pub(super) fn of(&self, index: usize) -> Option<&Callers> {
        self.files.get(&index)
    }
}

/// Follows the calls from template to template; `by_python` is whether a Python file that renders each gives it the nonce.
fn follow(templates: &[Template], by_python: &[Option<Filled>]) -> Vec<Callers> {
    let mut callers = vec![Callers::default(); templates.len()];
    for _ in 0..MOST_STEPS {
        let next = step(templates, by_python, &callers);
        let is_done = next == callers;
        callers = next;
        if is_done {
            break;
        }
    }
    callers
}

/// The variables that the callers of each template give it, as far as the callers of those are known.
fn step(templates: &[Template], by_python: &[Option<Filled>], callers: &[Callers]) -> Vec<Callers> {
    let mut sums: HashMap<(&str, Taken), Sum> = HashMap::new();
    for (template, callers) in templates.iter().zip(callers) {
        for call in &template.links.calls {
            let mut add = |taken, gap: Option<Gap>| {
                let sum = sums.entry((&call.name, taken)).or_default();
                sum.calls += 1;
                if let Some(gap) = gap {
                    sum.missing += 1;
                    sum.gap.get_or_insert(gap);
                }
            };
            if call.is_import {
                let gap = gap(template, callers, call);
                let kept = kept_import(template, call);
                add(Taken::Captured, kept.or_else(|| gap.clone()));
                add(Taken::Macros, gap);
            } else {
                add(Taken::File, gap(template, callers, call));
            }
        }
    }
    let of = |names: &[String], taken: Taken| {
        let found = names.iter().filter_map(|name| sums.get(&(&**name, taken)));
        found.cloned().reduce(Sum::and)
    };
    let callers = templates.iter().zip(by_python).map(|(template, by_python)| {
        let named = template.links.named.iter().filter_map(|name| {
            let sum = of(std::slice::from_ref(name), Taken::File)?;
            Some((name.clone(), sum.filled()))
        });
        let by_python = by_python.clone().and_then(Sum::of);
        let files = by_python.into_iter().chain(of(&template.names, Taken::File));
        let links = &template.links;
        let is_shown = links.is_page || links.is_child || of(&template.names, Taken::File).is_some();
        let captured = of(&template.names, Taken::Captured);
        Callers {
            file: files.reduce(Sum::and).unwrap_or_default().filled(),
            macros: of(&template.names, Taken::Macros).map(Sum::filled),
            captured: match captured.unwrap_or_default().filled() {
                Filled::No(gap) if is_shown => Filled::Perhaps(gap),
                filled => filled,
            },
            named: named.collect::<BTreeMap<_, _>>(),
            ..Callers::default()
        }
    });
    callers.collect()
}

/// The part of a template that a call takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Taken {
    File,
    Macros,
    /// The texts of its variables.
    Captured,
}

/// Why a template that imports another one gets a text with an old nonce. Jinja renders what is imported without context once, and
/// keeps it (run, 3.1).
fn kept_import(template: &Template, call: &Call) -> Option<Gap> {
    let is_kept = template.is_global && template.dialect == Dialect::Jinja && call.is_isolated;
    is_kept.then(|| Gap {
        is_kept: true,
        ..Gap::new(
            format!(
                "{} imports this file without context, and Jinja keeps the variables of such a file, so that other responses would get the nonce of the first one",
                one_line(&template.path)
            ),
            "import it with context, as in {% from \"a.html\" import b with context %}, or make it a macro",
        )
    })
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
        Some(Self { calls, missing: 1, gap: Some(gap) })
    }

    fn and(self, other: Self) -> Self {
        Self { calls: self.calls + other.calls, missing: self.missing + other.missing, gap: self.gap.or(other.gap) }
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
    (Dialect::Liquid, "give the nonce on, as in {% render 'a', csp_nonce: csp_nonce %}"),
    (Dialect::Jinja, "leave out `without context`"),
];

/// Why a template does not give another one the nonce.
fn gap(template: &Template, callers: &Callers, call: &Call) -> Option<Gap> {
    let name = one_line(&template.path);
    let own = match &callers.file {
        Filled::No(gap) if !call.is_import => Some(gap),
        Filled::No(_) | Filled::Perhaps(_) | Filled::Yes => None,
    };
    if let Some(kept) = own.filter(|gap| gap.is_kept) {
        return Some(kept.clone());
    }
    // Of a global nothing else is missing.
    let is_kept = template.is_global && template.dialect == Dialect::Jinja && call.is_isolated && !call.is_import;
    let is_given = template.is_global || gives(call, &template.expression);
    let (why, help) = match (call.is_import, template.dialect) {
        _ if is_kept => (
            format!(
                "{name} includes this file without context, and Jinja keeps such output, so that other responses would get the nonce of the first one"
            ),
            "leave out `without context`",
        ),
        _ if is_given => {
            (format!("{name} includes this file and lacks the nonce itself"), own.filter(|_| !template.is_global)?.help)
        }
        (true, _) => (
            format!("{name} imports this file without context"),
            "import it with context, as in {% from \"a.html\" import b with context %}",
        ),
        (false, Dialect::Go) => (
            format!("{name} gives this template other data than its own"),
            "give it the page's data, as in {{template \"a\" $}}, or data with a Nonce",
        ),
        (false, dialect) => {
            let help = HELP.iter().find(|row| row.0 == dialect);
            let why = format!("{name} includes this file without the variables of the page");
            (why, help.map_or(HELP[0].1, |row| row.1))
        }
    };
    Some(Gap { is_kept, ..Gap::new(why, help) })
}

/// Whether a Python file that renders a template gives it the nonce, for each template of Django.
fn by_python(files: &[PageFile], templates: &[Template]) -> Vec<Option<Filled>> {
    let is_django = |template: &Template| template.dialect == Dialect::Django;
    if !templates.iter().any(is_django) {
        return vec![None; templates.len()];
    }
    let rendered = django::rendered(files.iter().map(|file| &*file.path));
    let filled = templates.iter().map(|template| {
        let mut names = template.names.iter().filter(|_| is_django(template));
        let found = names.find_map(|name| rendered.get(name))?;
        let root = path(&template.expression).split('.').next();
        found.lacks(root.unwrap_or_default())
    });
    filled.collect()
}

/// Takes what a place says of a template: mails are rendered outside requests, and Django's forms without one.
fn by_place(template: &Template, callers: &mut Callers) {
    if callers.file != Filled::Yes {
        return;
    }
    let name = template.path.to_ascii_lowercase();
    if template.dialect == Dialect::Django && format!("/{name}").contains("/django/forms/") {
        callers.file = Filled::No(Gap::new(
            "Django renders the templates of its forms without the request",
            "load the script by URL, in the Media of the widget",
        ));
    } else if is_mail(Path::new(&name), &template.links.parents) {
        callers.file = Filled::Perhaps(Gap::new(
            "this looks like a mail, which is rendered outside a request",
            "mail programs run no scripts and follow no policy; leave mails out with --exclude",
        ));
    }
}

/// Whether a file is one of a mail, by the names that frameworks and people give them. A page about mails may have the name
/// of one, but it has the layout of a page.
fn is_mail(path: &Path, parents: &[String]) -> bool {
    let is_one = |part: &str| {
        let folders = ["email", "emails", "mail", "mails", "mailer", "mailers", "mailing"];
        folders.contains(&part) || part.ends_with("_mailer") || part.ends_with("_email") || part.ends_with("_mail")
    };
    let stem = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.split('.').next());
    let is_named = stem.is_some_and(|stem| is_one(stem) && !matches!(stem, "email" | "emails" | "mail" | "mails"));
    let mut folders = path.parent().into_iter().flat_map(Path::components);
    let has_layout = parents.iter().any(|parent| !parent.to_ascii_lowercase().contains("mail"));
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
            assert!(is_mail(Path::new(path), &["base_Mail.html".to_owned()]), "{path}");
        }
        for path in ["templates/a.html", "account/email.html", "templates/mail.html", "thumbnail/a.html", "email.html"]
        {
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
