//! Whether text that is taken for plain HTML, script or style looks like template code.

use memchr::{memchr2_iter, memmem};

/// The longest construct that is looked at, in bytes.
const LONGEST: usize = 200;

/// The first stretch of `text` that looks like template code, for a message. It may be none: scripts have braces
/// of their own.
///
/// ```
/// use cspseal::template::looks_like_code;
/// assert_eq!(looks_like_code("var a = '{{ user.name }}';"), Some("{{ user.name }}"));
/// assert_eq!(looks_like_code("if (a) {{ b(); }} var c = {d: {}}"), None);
/// ```
#[must_use]
pub fn looks_like_code(text: &str) -> Option<&str> {
    type IsCode = fn(&str) -> bool;
    const DELIMITERS: [(&str, &str, IsCode); 4] = [
        ("{{", "}}", is_expression),
        ("{%", "%}", |code| !code.contains('{')),
        ("<%", "%>", |_| true),
        ("<?", "?>", |code| {
            code.starts_with("php") || code.starts_with('=')
        }),
    ];
    memchr2_iter(b'{', b'<', text.as_bytes()).find_map(|at| {
        // Most of them begin nothing, which their next byte says.
        if !matches!(text.as_bytes().get(at + 1), Some(b'{' | b'%' | b'?')) {
            return None;
        }
        let text = &text[at..];
        let (open, close, is_code) = DELIMITERS
            .iter()
            .find(|(open, ..)| text.starts_with(open))?;
        let code = &text[open.len()..];
        let end = code.find('\n').unwrap_or(code.len()).min(LONGEST);
        let len = memmem::find(&code.as_bytes()[..end], close.as_bytes())?;
        is_code(&code[..len]).then(|| &text[..open.len() + len + close.len()])
    })
}

/// Whether what stands between braces can be a template's expression and is hardly a block of JavaScript.
fn is_expression(code: &str) -> bool {
    let is_spaced = code.starts_with([' ', '-', '~']);
    let code = code.trim_matches(['-', '~', ' ', '\t', '{']);
    let starts = code.starts_with(|c: char| {
        c.is_alphabetic() || matches!(c, '_' | '.' | '$' | '@' | '"' | '\'')
    });
    let is_object = code.contains(':') && !code.contains('|');
    // A block of a minified script has no space at its beginning.
    let is_block = !is_spaced && code.contains('(');
    starts && !is_object && !is_block && !code.contains([';', '{', '='])
}

/// What to say of template code in a file that was read as plain HTML because nobody said otherwise, and what to do.
pub(crate) fn unannounced(code: &str) -> (String, &'static str) {
    (
        format!("{code:?} looks like template code, but the file was read as plain HTML"),
        "name the template dialect, for example --template django, or say that there is none with --template none",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_code_is_recognised() {
        for (text, code) in [
            ("a {{ b }} {% c %}", "{{ b }}"),
            ("a {% url 'b' %}", "{% url 'b' %}"),
            ("a {{- .B -}}", "{{- .B -}}"),
            ("a {{{ b }}", "{{{ b }}"),
            ("a {{ b|default:\"c\" }}", "{{ b|default:\"c\" }}"),
            ("<?php echo 1 ?>", "<?php echo 1 ?>"),
            ("<?= $a ?>", "<?= $a ?>"),
            ("<%= a %>", "<%= a %>"),
        ] {
            assert_eq!(looks_like_code(text), Some(code));
        }
    }

    #[test]
    fn scripts_and_styles_have_braces_of_their_own() {
        for text in [
            "function(){{a()}}",
            "a={{b:1}}",
            "{{",
            "@media x{a{b:c}}",
            "a{%b",
            "if(a<%b)",
            "<?xml version='1.0'?>",
            "{{\na\n}}",
            "{{ a = 1 }}",
        ] {
            assert_eq!(looks_like_code(text), None, "{text}");
        }
    }
}
