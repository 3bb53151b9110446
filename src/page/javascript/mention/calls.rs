//! What the calls in a script show of the use of URLs.

use oxc_ast::ast::{Argument, CallExpression, Expression, NewExpression};
use oxc_span::GetSpan;
use url::Url;

use super::{Found, Reader, Relative, Sign, Use, literal, name_of};
use crate::page::Destination;

/// The methods of texts, whose arguments are looked for in others.
const COMPARING: [&str; 10] = [
    "endsWith",
    "includes",
    "indexOf",
    "lastIndexOf",
    "match",
    "postMessage",
    "replace",
    "replaceAll",
    "split",
    "startsWith",
];

impl Reader {
    /// Takes a call with `new`.
    pub(super) fn construction(&mut self, it: &NewExpression<'_>) {
        let connects = Use::As(Destination::Connect);
        if let Expression::StaticMemberExpression(member) = &it.callee
            && name_of(&member.object) == "WebAssembly"
        {
            self.sign(Sign::WebAssembly, it.span.start);
        }
        let used = match name_of(&it.callee) {
            "WebSocket" | "EventSource" | "WebTransport" | "Request" => Some(connects),
            "Worker" | "SharedWorker" => {
                self.worker(&it.arguments, it.span.start);
                Some(Use::Nothing)
            }
            "FontFace" => {
                self.argument_is_used(&it.arguments, 1, Use::As(Destination::Font));
                None
            }
            "Audio" => Some(Use::As(Destination::Media)),
            "Image" => {
                self.make("img");
                None
            }
            "Function" if !it.arguments.is_empty() => {
                self.sign(Sign::Eval, it.span.start);
                None
            }
            _ => None,
        };
        if let Some(used) = used {
            self.argument_is_used(&it.arguments, 0, used);
        }
    }

    /// Takes a call.
    pub(super) fn call(&mut self, it: &CallExpression<'_>) {
        let arguments = &it.arguments;
        let connects = Use::As(Destination::Connect);
        match &it.callee {
            Expression::Identifier(name) => match name.name.as_str() {
                "open" => self.argument_is_used(arguments, 0, Use::Nothing),
                name => self.global_call(name, it),
            },
            Expression::StaticMemberExpression(member) => {
                let object = name_of(&member.object);
                match (object, member.property.name.as_str()) {
                    ("window" | "self" | "globalThis", "open") => {
                        self.argument_is_used(arguments, 0, Use::Nothing);
                    }
                    ("window" | "self" | "globalThis", name) => self.global_call(name, it),
                    ("location", "assign" | "replace") => {
                        self.argument_is_used(arguments, 0, Use::Nothing);
                    }
                    ("serviceWorker", "register") => {
                        self.worker(arguments, it.span.start);
                        self.argument_is_used(arguments, 0, Use::Nothing);
                    }
                    ("WebAssembly", _) => self.sign(Sign::WebAssembly, it.span.start),
                    (_, "open") => self.argument_is_used(arguments, 1, connects),
                    (_, "sendBeacon") => self.argument_is_used(arguments, 0, connects),
                    (_, "getScript" | "addModule") => {
                        self.argument_is_used(arguments, 0, Use::As(Destination::Script));
                    }
                    (_, "setAttribute") => self.set_attribute(arguments),
                    (_, "createElement") => {
                        if let Some(Argument::StringLiteral(name)) = arguments.first() {
                            self.make(&name.value);
                        }
                    }
                    (_, name) if COMPARING.contains(&name) => {
                        (0..arguments.len()).for_each(|at| {
                            self.argument_is_used(arguments, at, Use::Nothing);
                        });
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Takes a call of a global function.
    fn global_call(&mut self, name: &str, it: &CallExpression<'_>) {
        let arguments = &it.arguments;
        let is_text = || matches!(arguments.first(), Some(Argument::StringLiteral(_) | Argument::TemplateLiteral(_)));
        match name {
            "fetch" => self.argument_is_used(arguments, 0, Use::As(Destination::Connect)),
            "eval" | "Function" if !arguments.is_empty() => {
                self.sign(Sign::Eval, it.span.start);
            }
            "setTimeout" | "setInterval" if is_text() => self.sign(Sign::Eval, it.span.start),
            "importScripts" => {
                (0..arguments.len()).for_each(|at| {
                    self.argument_is_used(arguments, at, Use::As(Destination::Script));
                });
            }
            _ => {}
        }
    }

    /// Takes the arguments of what starts a worker at a byte.
    fn worker(&mut self, arguments: &[Argument<'_>], at: u32) {
        let argument = arguments.first().and_then(Argument::as_expression);
        let Some((url, offset, relative)) = argument.and_then(worker_url) else {
            return self.sign(Sign::Worker, at);
        };
        match Url::parse(url) {
            Err(_) if url.starts_with("//") => {}
            Err(_) => {
                self.sign(Sign::OwnWorker, at);
                self.found.push(Found {
                    url: url.into(),
                    offset,
                    used: Some(Use::As(Destination::Worker)),
                    by_name: None,
                    relative,
                });
            }
            // No source should allow these everywhere.
            Ok(url) if matches!(url.scheme(), "data" | "blob") => self.sign(Sign::Worker, at),
            // Of another origin it does not start.
            Ok(_) => {}
        }
    }

    fn set_attribute(&mut self, arguments: &[Argument<'_>]) {
        if let Some(Argument::StringLiteral(name)) = arguments.first() {
            let used = of_property(&name.value.to_ascii_lowercase());
            used.into_iter().for_each(|used| self.argument_is_used(arguments, 1, used));
        }
    }
}

/// The use of what is assigned to a property or attribute of this name.
pub(super) fn of_property(name: &str) -> Option<Use> {
    match name {
        "src" => Some(Use::Source),
        "href" => Some(Use::Reference),
        "action" => Some(Use::As(Destination::Form)),
        "poster" => Some(Use::As(Destination::Image)),
        "location" => Some(Use::Nothing),
        _ => None,
    }
}

/// The URL in the argument of a worker, with the byte at which its literal begins; [`None`] if it is not known.
///
/// No browser starts a worker of another origin, so that a relative one is of the site, whatever it is relative to.
fn worker_url<'a>(argument: &Expression<'a>) -> Option<(&'a str, u32, Relative)> {
    let Expression::NewExpression(it) = argument else {
        return Some((literal(argument)?, argument.span().start, Relative::Document));
    };
    let mut arguments = it.arguments.iter().map(Argument::as_expression);
    let url = arguments.next().flatten()?;
    let text = literal(url).filter(|_| name_of(&it.callee) == "URL")?;
    let base = arguments.next().flatten();
    let is_document = base.is_none_or(|base| {
        let known = ["baseURI", "href", "location", "origin"];
        known.contains(&name_of(base))
    });
    let (text, relative) = match base {
        Some(Expression::StaticMemberExpression(base)) if matches!(base.object, Expression::ImportMeta(_)) => {
            (text, Relative::Script)
        }
        _ if is_document || text.starts_with('/') => (text, Relative::Document),
        _ => ("/", Relative::Document),
    };
    Some((text, url.span().start, relative))
}
