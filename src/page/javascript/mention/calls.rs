//! What the calls in a script show of the use of URLs.

use oxc_ast::ast::{Argument, CallExpression, Expression, NewExpression};

use super::{Reader, Sign, Use, name_of};
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
            // Browsers start none of another origin.
            "Worker" | "SharedWorker" => {
                if !it.arguments.first().is_some_and(is_known_url) {
                    self.sign(Sign::Worker, it.span.start);
                }
                Some(Use::Nothing)
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
        let is_text = || {
            matches!(
                arguments.first(),
                Some(Argument::StringLiteral(_) | Argument::TemplateLiteral(_))
            )
        };
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

    fn set_attribute(&mut self, arguments: &[Argument<'_>]) {
        if let Some(Argument::StringLiteral(name)) = arguments.first() {
            let used = of_property(&name.value.to_ascii_lowercase());
            used.into_iter()
                .for_each(|used| self.argument_is_used(arguments, 1, used));
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

/// Whether an argument is the URL of a file of the site, or relative to one: no worker starts from another origin.
fn is_known_url(argument: &Argument<'_>) -> bool {
    match argument {
        Argument::StringLiteral(_) => true,
        Argument::NewExpression(it) => {
            let is_literal = matches!(it.arguments.first(), Some(Argument::StringLiteral(_)));
            name_of(&it.callee) == "URL" && is_literal
        }
        _ => false,
    }
}
