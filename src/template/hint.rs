//! Whether text that is taken for plain HTML, script or style looks like template code.

use memchr::{memchr2_iter, memmem};

use super::strings::Strings;

/// The names that begin the scripts in which frameworks send the data of a built page, whose strings are its content. They are
/// those of Next.js, Nuxt, SvelteKit, VitePress, React Router, Remix, SolidStart, TanStack Start and Gatsby.
const DATA: [&str; 14] = [
    "__next_f",
    "__next_s",
    "__NEXT_DATA__",
    "__NUXT__",
    "__sveltekit_",
    "__VP_HASH_MAP__",
    "__VP_SITE_DATA__",
    "__reactRouterContext",
    "__remixContext",
    "__staticRouterHydrationData",
    "_$HY",
    "$R",
    "$_TSR",
    "pagePath",
];

/// The beginning of a script, in bytes, that says whose data it has.
const BEGINNING: usize = 80;

/// Looks for template code in the text of a script or style.
#[derive(Debug, Default)]
pub(crate) struct Hint {
    /// Whether it is known to be data.
    is_data: bool,
    beginning: String,
    strings: Strings,
    found: Option<String>,
}

impl Hint {
    /// In the text of a data block: what its strings have is its content.
    pub(crate) fn of_data() -> Self {
        Self { is_data: true, ..Self::default() }
    }

    /// Takes the next piece of the text.
    pub(crate) fn push(&mut self, text: &str) {
        if self.found.is_some() {
            return;
        }
        let room = BEGINNING.saturating_sub(self.beginning.len());
        self.beginning.push_str(&text[..text.floor_char_boundary(room)]);
        if !self.is_data && !is_data(&self.beginning) {
            self.found = looks_like_code(text).map(str::to_owned);
            return;
        }
        let mut code = String::with_capacity(text.len());
        for c in text.chars() {
            let was_inside = self.strings.is_inside();
            self.strings.read(c.encode_utf8(&mut [0; 4]));
            code.push(if was_inside { ' ' } else { c });
        }
        self.found = looks_like_code(&code).map(str::to_owned);
    }

    /// What looks like template code.
    pub(crate) fn found(&self) -> Option<&str> {
        self.found.as_deref()
    }
}

/// Whether a script that begins so is the data of a framework.
fn is_data(beginning: &str) -> bool {
    let beginning = beginning.trim_start();
    let beginning = beginning.strip_prefix("/*<![CDATA[*/").unwrap_or(beginning);
    let mut beginning = beginning.trim_start_matches(['(', '{', '!', ' ', '\t', '\r', '\n']);
    for object in ["window.", "self.", "globalThis.", "var ", "const ", "let "] {
        beginning = beginning.strip_prefix(object).unwrap_or(beginning);
    }
    DATA.iter().any(|name| beginning.starts_with(name))
}

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
        ("<?", "?>", |code| code.starts_with("php") || code.starts_with('=')),
    ];
    memchr2_iter(b'{', b'<', text.as_bytes()).find_map(|at| {
        // Most of them begin nothing, which their next byte says.
        if !matches!(text.as_bytes().get(at + 1), Some(b'{' | b'%' | b'?')) {
            return None;
        }
        let text = &text[at..];
        let (open, close, is_code) = DELIMITERS.iter().find(|(open, ..)| text.starts_with(open))?;
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
    let starts = code.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '.' | '$' | '@' | '"' | '\''));
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
    fn the_data_of_frameworks_is_no_template_code() {
        let found = |text: &str| {
            let mut hint = Hint::default();
            hint.push(text);
            hint.found().map(str::to_owned)
        };
        for text in [
            "self.__next_f=[];self.__next_f.push([1,\"Use {{ user.name }} in Jinja\"])",
            "(self.__next_f=self.__next_f||[]).push([1,\"a \\\" {% if b %}\"])",
            "window.__NUXT__={data:[{body:'<%= a %>'}]}",
            "\n\t{\n\t\t__sveltekit_1a2b = { base: \"\" };\n\t\tkit.start(app, element, { data: [{a:\"{{ b }}\"}] });\n\t}",
            "window.__VP_SITE_DATA__=JSON.parse(\"{\\\"description\\\":\\\"{{ a }}\\\"}\");",
            "window.__remixContext = {\"a\":\"<?= $b ?>\"};",
            "/*<![CDATA[*/window.pagePath=\"/{{ a }}/\";/*]]>*/",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        for (text, code) in [
            ("window.__NUXT__ = {{ state }}", "{{ state }}"),
            ("self.__next_f.push([1,\"a\"]);b({{ c }})", "{{ c }}"),
            ("var a = \"{{ b }}\"", "{{ b }}"),
            ("window.state = JSON.parse('{{ state|escapejs }}')", "{{ state|escapejs }}"),
            ("load(); window.__NUXT__ = '{{ a }}'", "{{ a }}"),
        ] {
            assert_eq!(found(text).as_deref(), Some(code), "{text}");
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
