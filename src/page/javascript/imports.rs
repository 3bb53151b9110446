//! The modules that a module imports, with the destinations that their import attributes give them: a module of data or styles is no
//! script for a policy.

use std::collections::HashSet;

use oxc_ast::ast::{Expression, ImportAttributeKey, ObjectPropertyKind, Program, PropertyKey, Statement, WithClause};

use super::mention::literal;
use crate::page::Destination;

/// A static import, or an export from another module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) specifier: Box<str>,
    /// The byte of the text at which its literal begins.
    pub(crate) offset: u32,
    pub(crate) destination: Destination,
}

/// The destination of a module by its import attributes, as key and value; [`None`] if browsers reject one. Each was run in Chromium
/// 156 and Firefox ESR 153.
fn destination<'a>(attributes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Destination> {
    let mut destination = Destination::Script;
    for attribute in attributes {
        destination = match attribute {
            ("type", "json" | "text") => Destination::Connect,
            ("type", "css") => Destination::Style,
            _ => return None,
        };
    }
    Some(destination)
}

/// The imports of a module, each once, in source order.
pub(super) fn imports(program: &Program<'_>) -> Vec<Import> {
    let mut seen = HashSet::new();
    let statements = program.body.iter();
    let all = statements.filter_map(|statement| {
        let (source, attributes) = match statement {
            Statement::ImportDeclaration(it) => (&it.source, &it.with_clause),
            Statement::ExportAllDeclaration(it) => (&it.source, &it.with_clause),
            Statement::ExportFromDeclaration(it) => (&it.source, &it.with_clause),
            _ => return None,
        };
        let destination = of_clause(attributes.as_deref())?;
        seen.insert((source.value, destination)).then(|| Import {
            specifier: source.value.as_str().into(),
            offset: source.span.start,
            destination,
        })
    });
    all.collect()
}

fn of_clause(clause: Option<&WithClause<'_>>) -> Option<Destination> {
    let entries = clause.into_iter().flat_map(|clause| &clause.with_entries);
    destination(entries.map(|entry| {
        let key = match &entry.key {
            ImportAttributeKey::Identifier(key) => key.name.as_str(),
            ImportAttributeKey::StringLiteral(key) => key.value.as_str(),
        };
        (key, entry.value.value.as_str())
    }))
}

/// The destination of a dynamic import by its second argument; [`None`] if browsers reject that. One that is not known counts as none.
pub(super) fn of_options(options: Option<&Expression<'_>>) -> Option<Destination> {
    let Some(with) = options.and_then(|options| properties(options)?.find(|it| it.0 == "with")) else {
        return Some(Destination::Script);
    };
    let Some(attributes) = properties(with.1) else {
        return Some(Destination::Script);
    };
    let known = attributes.filter_map(|(key, value)| Some((key, literal(value)?)));
    destination(known)
}

/// The properties of an object literal whose names are known.
fn properties<'e, 'a>(of: &'e Expression<'a>) -> Option<impl Iterator<Item = (&'e str, &'e Expression<'a>)>> {
    let Expression::ObjectExpression(of) = of else {
        return None;
    };
    Some(of.properties.iter().filter_map(|property| {
        let ObjectPropertyKind::ObjectProperty(it) = property else {
            return None;
        };
        let name = match &it.key {
            PropertyKey::StaticIdentifier(key) => key.name.as_str(),
            PropertyKey::StringLiteral(key) => key.value.as_str(),
            _ => return None,
        };
        Some((name, &it.value))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::javascript::{Grammar, Script};

    #[test]
    fn import_attributes_say_what_a_module_is_fetched_as() {
        for (text, expected) in [
            ("import 'a'", &[("a", Destination::Script)][..]),
            ("import 'a' with {}", &[("a", Destination::Script)]),
            ("import a from 'a' with {type: 'json'}", &[("a", Destination::Connect)]),
            ("import a from 'a' with {'type': \"text\"}", &[("a", Destination::Connect)]),
            ("export * from 'a' with {type: 'css'}", &[("a", Destination::Style)]),
            (
                "export {default} from 'a' with {type: 'css'}; import 'a'; import 'a'",
                &[("a", Destination::Style), ("a", Destination::Script)],
            ),
            ("import a from 'a' with {type: 'JSON'}", &[]),
            ("import a from 'a' with {type: 'javascript'}", &[]),
            ("import a from 'a' with {kind: 'json'}", &[]),
        ] {
            for grammar in [Grammar::Module, Grammar::File] {
                let found = Script::parse(text, grammar).unwrap().imports;
                let found = found.iter().map(|it| (&*it.specifier, it.destination));
                assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
            }
        }
    }

    #[test]
    fn so_do_those_of_dynamic_imports() {
        for (text, expected) in [
            ("import('a', {with: {type: 'json'}})", Some(Destination::Connect)),
            ("import('a', {'with': {'type': `css`}})", Some(Destination::Style)),
            ("import('a', {assert: {type: 'json'}})", Some(Destination::Script)),
            ("import('a', options)", Some(Destination::Script)),
            ("import('a', {with: options})", Some(Destination::Script)),
            ("import('a', {with: {type: b}})", Some(Destination::Script)),
            ("import('a', {with: {kind: 'json'}})", None),
            ("import('https://a.test/' + b, {with: {type: 'json'}})", Some(Destination::Connect)),
        ] {
            let found = Script::parse(text, Grammar::Classic).unwrap().mentions.urls;
            let found = found.iter().map(|it| it.destination);
            assert!(found.eq(expected), "{text}");
        }
    }
}
