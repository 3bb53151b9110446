//! Which document types ask for [quirks mode](https://html.spec.whatwg.org/multipage/parsing.html#the-initial-insertion-mode): in it a `table` does not end a
//! paragraph.

/// Starts of public identifiers, in lower case.
const PUBLIC_PREFIXES: &[&str] = &[
    "+//silmaril//dtd html pro v0r11 19970101//",
    "-//as//dtd html 3.0 aswedit + extensions//",
    "-//advasoft ltd//dtd html 3.0 aswedit + extensions//",
    "-//ietf//dtd html 2.0 level 1//",
    "-//ietf//dtd html 2.0 level 2//",
    "-//ietf//dtd html 2.0 strict level 1//",
    "-//ietf//dtd html 2.0 strict level 2//",
    "-//ietf//dtd html 2.0 strict//",
    "-//ietf//dtd html 2.0//",
    "-//ietf//dtd html 2.1e//",
    "-//ietf//dtd html 3.0//",
    "-//ietf//dtd html 3.2 final//",
    "-//ietf//dtd html 3.2//",
    "-//ietf//dtd html 3//",
    "-//ietf//dtd html level 0//",
    "-//ietf//dtd html level 1//",
    "-//ietf//dtd html level 2//",
    "-//ietf//dtd html level 3//",
    "-//ietf//dtd html strict level 0//",
    "-//ietf//dtd html strict level 1//",
    "-//ietf//dtd html strict level 2//",
    "-//ietf//dtd html strict level 3//",
    "-//ietf//dtd html strict//",
    "-//ietf//dtd html//",
    "-//metrius//dtd metrius presentational//",
    "-//microsoft//dtd internet explorer 2.0 html strict//",
    "-//microsoft//dtd internet explorer 2.0 html//",
    "-//microsoft//dtd internet explorer 2.0 tables//",
    "-//microsoft//dtd internet explorer 3.0 html strict//",
    "-//microsoft//dtd internet explorer 3.0 html//",
    "-//microsoft//dtd internet explorer 3.0 tables//",
    "-//netscape comm. corp.//dtd html//",
    "-//netscape comm. corp.//dtd strict html//",
    "-//o'reilly and associates//dtd html 2.0//",
    "-//o'reilly and associates//dtd html extended 1.0//",
    "-//o'reilly and associates//dtd html extended relaxed 1.0//",
    "-//sq//dtd html 2.0 hotmetal + extensions//",
    "-//softquad software//dtd hotmetal pro 6.0::19990601::extensions to html 4.0//",
    "-//softquad//dtd hotmetal pro 4.0::19971010::extensions to html 4.0//",
    "-//spyglass//dtd html 2.0 extended//",
    "-//sun microsystems corp.//dtd hotjava html//",
    "-//sun microsystems corp.//dtd hotjava strict html//",
    "-//w3c//dtd html 3 1995-03-24//",
    "-//w3c//dtd html 3.2 draft//",
    "-//w3c//dtd html 3.2 final//",
    "-//w3c//dtd html 3.2//",
    "-//w3c//dtd html 3.2s draft//",
    "-//w3c//dtd html 4.0 frameset//",
    "-//w3c//dtd html 4.0 transitional//",
    "-//w3c//dtd html experimental 19960712//",
    "-//w3c//dtd html experimental 970421//",
    "-//w3c//dtd w3 html//",
    "-//w3o//dtd w3 html 3.0//",
    "-//webtechs//dtd mozilla html 2.0//",
    "-//webtechs//dtd mozilla html//",
];

/// The same, but only without a system identifier.
const PUBLIC_PREFIXES_ALONE: &[&str] = &["-//w3c//dtd html 4.01 frameset//", "-//w3c//dtd html 4.01 transitional//"];

const PUBLIC: &[&str] = &["-//w3o//dtd w3 html strict 3.0//en//", "-/w3c/dtd html 4.0 transitional/en", "html"];

const SYSTEM: &str = "http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd";

/// Whether a document type, given from behind `<!doctype` up to `>`, asks for quirks mode.
pub(super) fn are_asked_for(doctype: &[u8]) -> bool {
    let doctype = String::from_utf8_lossy(doctype).to_ascii_lowercase();
    let doctype = trim(&doctype);
    let (name, rest) = doctype.split_at(doctype.find(is_space).unwrap_or(doctype.len()));
    let rest = trim(rest);
    if name != "html" {
        return true;
    }
    let (public, system) = if let Some(rest) = rest.strip_prefix("public") {
        match identifier(rest) {
            Some((public, rest)) if trim(rest).is_empty() => (public, None),
            Some((public, rest)) => match identifier(rest) {
                Some((system, _)) => (public, Some(system)),
                None => return true,
            },
            None => return true,
        }
    } else if let Some(rest) = rest.strip_prefix("system") {
        match identifier(rest) {
            Some((system, _)) => ("", Some(system)),
            None => return true,
        }
    } else {
        return !rest.is_empty();
    };
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| public.starts_with(prefix));
    PUBLIC.contains(&public)
        || system == Some(SYSTEM)
        || starts(PUBLIC_PREFIXES)
        || (system.is_none() && starts(PUBLIC_PREFIXES_ALONE))
}

/// A quoted identifier and what follows it; `None` when there is none or it has no end.
fn identifier(text: &str) -> Option<(&str, &str)> {
    let text = trim(text);
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].split_once(quote)
}

fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ')
}

fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

#[cfg(test)]
mod tests {
    use super::are_asked_for;

    #[test]
    fn current_document_types_ask_for_no_quirks() {
        for doctype in [
            " html",
            "HTML ",
            " html SYSTEM \"about:legacy-compat\"",
            " html PUBLIC \"-//W3C//DTD HTML 4.01//EN\"",
            " html PUBLIC '-//W3C//DTD HTML 4.01 Transitional//EN'\n\"http://www.w3.org/TR/html4/loose.dtd\"",
            " html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"",
        ] {
            assert!(!are_asked_for(doctype.as_bytes()), "{doctype}");
        }
    }

    #[test]
    fn old_and_broken_document_types_ask_for_quirks() {
        for doctype in [
            "",
            " htm",
            " html x",
            " html PUBLIC",
            " html PUBLIC \"-//W3C//DTD HTML 4.01//EN",
            " html PUBLIC \"-//W3C//DTD HTML 4.01//EN\" x",
            " html public \"-//W3C//DTD HTML 3.2 Final//EN\"",
            " html PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\"",
            " html PUBLIC \"HTML\"",
            " html SYSTEM \"http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd\"",
        ] {
            assert!(are_asked_for(doctype.as_bytes()), "{doctype}");
        }
    }
}
