//! EJS, ERB and JSP: `<% … %>`, ending at the first end whatever is quoted; in JSP also the tags of actions.
//!
//! Run against EJS 7, ERB 2.2 and Erubi 1.9, which Rails has; JSP is read (Jakarta Server Pages 3.1, JSP.1.3.10 and JSP.1.6, and the
//! expression language's quoting).

use memchr::{memchr, memchr2};

use crate::template::input::{Input, Lex, Noted, Seen, Step};
use crate::template::mask::HiddenKind;

/// What sets the dialects of the family apart.
#[derive(Debug)]
pub(in crate::template) struct Rules {
    /// `%%>` in text is a literal `%>`, and `%>`, `-%>`, `_%>` there are dropped, but for one behind a `<%%`.
    literal_close: bool,
    /// `%%>` does not end code.
    escaped_close: bool,
    /// Beginnings of output, comments.
    output: &'static [u8],
    comment: &'static [u8],
    /// `${…}`, `\${`, `%\>`, `<%-- --%>`, and `<\%` where the others write `<%%` for a literal `<%`.
    jsp: bool,
}

pub(in crate::template) const EJS: Rules =
    Rules { literal_close: true, escaped_close: false, output: b"=-", comment: b"#", jsp: false };

pub(in crate::template) const ERB: Rules = Rules { literal_close: false, escaped_close: true, output: b"=", ..EJS };

pub(in crate::template) const JSP: Rules = Rules { literal_close: false, output: b"=", comment: b"", jsp: true, ..EJS };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Text,
    /// In `<% %>`.
    Code,
    /// In `<%-- --%>`.
    Comment,
    /// In the tag of an action, `<c:if …>`, in a string of this quote; no string when zero.
    Action(u8),
    /// In the Java of `<jsp:scriptlet>` and the like, in a CDATA section of it when true.
    Java(bool),
    /// In `${ }`, behind a backslash in a string when `.1`; no string when zero.
    Expression(u8, bool),
}

#[derive(Debug)]
pub(super) struct Percent {
    rules: &'static Rules,
    state: State,
    depth: usize,
    /// Behind `<%%` or `%%>`: the next stray end is literal.
    end_is_literal: bool,
    /// Behind `<%%` in ERB: code up to the next end is text for Erubi.
    may_be_text: bool,
    /// Behind an escape: the bytes that are literal.
    literal: usize,
    /// The next byte is an escape.
    drop: bool,
    /// What the tag of an action begins is Java.
    begins_java: bool,
}

impl Percent {
    pub(super) fn new(rules: &'static Rules) -> Self {
        Self {
            rules,
            state: State::Text,
            depth: 0,
            end_is_literal: false,
            may_be_text: false,
            literal: 0,
            drop: false,
            begins_java: false,
        }
    }

    fn text(&mut self, input: Input<'_>) -> Step {
        if std::mem::take(&mut self.drop) {
            return Step::Whole(HiddenKind::Escape, 1);
        }
        if self.literal > 0 {
            let len = self.literal.min(input.bytes.len());
            self.literal -= len;
            return Step::Text(len);
        }
        let special = |&b: &u8| match b {
            b'<' => true,
            b'%' => self.rules.literal_close || self.may_be_text,
            b'-' | b'_' => self.rules.literal_close,
            b'$' | b'\\' => self.rules.jsp,
            _ => false,
        };
        let plain = if self.rules.jsp || self.rules.literal_close || self.may_be_text {
            input.bytes.iter().position(special)
        } else {
            memchr(b'<', input.bytes)
        };
        match plain {
            None => return Step::Text(input.bytes.len()),
            Some(0) => {}
            Some(len) => return Step::Text(len),
        }
        match input.bytes[0] {
            b'<' => self.opening(input),
            b'%' if self.may_be_text => match input.has(0, b"%>") {
                Seen::Maybe => Step::More,
                Seen::No => Step::Text(1),
                Seen::Yes(()) => {
                    self.may_be_text = false;
                    Step::Text(2)
                }
            },
            b'%' | b'-' | b'_' => self.stray_end(input),
            b'\\' => match (self.escape(input, b"\\${", 2), self.escape(input, b"\\#{", 2)) {
                (Step::Text(_), other) => other,
                (first, _) => first,
            },
            _ => match input.has(0, b"${") {
                Seen::Maybe => Step::More,
                Seen::No => Step::Text(1),
                Seen::Yes(()) => {
                    self.state = State::Expression(0, false);
                    self.depth = 0;
                    Step::Open(HiddenKind::Output, 2)
                }
            },
        }
    }

    /// At what may be an end without a beginning, in EJS.
    fn stray_end(&mut self, input: Input<'_>) -> Step {
        match self.escape(input, b"%%>", 2) {
            Step::Text(_) => {}
            step => return step,
        }
        let ends = [b"%>" as &[u8], b"-%>", b"_%>"];
        for end in ends {
            match input.has(0, end) {
                Seen::Maybe => return Step::More,
                Seen::No => {}
                Seen::Yes(()) if self.end_is_literal => {
                    self.end_is_literal = false;
                    return Step::Text(end.len());
                }
                Seen::Yes(()) => return Step::Whole(HiddenKind::Escape, end.len()),
            }
        }
        Step::Text(1)
    }

    /// `what` at the beginning is an escape whose first byte goes, before `literal` bytes of text.
    fn escape(&mut self, input: Input<'_>, what: &[u8], literal: usize) -> Step {
        match input.has(0, what) {
            Seen::Maybe => Step::More,
            Seen::No => Step::Text(1),
            Seen::Yes(()) => {
                self.literal = literal;
                self.end_is_literal = true;
                Step::Whole(HiddenKind::Escape, 1)
            }
        }
    }

    /// At a `<`.
    fn opening(&mut self, input: Input<'_>) -> Step {
        match input.has(0, if self.rules.jsp { b"<\\%" } else { b"<%%" }) {
            Seen::Maybe => return Step::More,
            Seen::Yes(()) => {
                self.end_is_literal = true;
                self.may_be_text = self.rules.escaped_close;
                self.drop = true;
                return Step::Text(if self.rules.jsp { 1 } else { 2 });
            }
            Seen::No => {}
        }
        if self.rules.jsp {
            match action(input) {
                Seen::Maybe => return Step::More,
                Seen::No => {}
                Seen::Yes((kind, len)) => {
                    self.begins_java = is_java(&input.bytes[1..len]);
                    self.state = State::Action(0);
                    return Step::Open(kind, len);
                }
            }
        }
        if input.has(0, b"<%") == Seen::No {
            return Step::Text(1);
        }
        let comment = if self.rules.jsp { input.has(0, b"<%--") } else { Seen::No };
        match (comment, input.byte(2)) {
            (Seen::Maybe, _) | (_, Seen::Maybe) => Step::More,
            (Seen::Yes(()), _) => {
                self.state = State::Comment;
                Step::Open(HiddenKind::Comment, 4)
            }
            (_, third) => {
                self.state = State::Code;
                self.end_is_literal = false;
                let is = |set: &[u8]| matches!(third, Seen::Yes(b) if set.contains(&b));
                let kind = if std::mem::take(&mut self.may_be_text) {
                    HiddenKind::Verbatim
                } else if is(self.rules.output) {
                    HiddenKind::Output
                } else if is(self.rules.comment) {
                    HiddenKind::Comment
                } else {
                    HiddenKind::Statement
                };
                Step::Open(kind, 2)
            }
        }
    }

    fn until(&mut self, input: Input<'_>, end: &[u8]) -> Step {
        let first = memchr2(end[0], b'%', input.bytes).unwrap_or(input.bytes.len());
        if first > 0 {
            return Step::Inside(first);
        }
        if self.rules.escaped_close {
            match input.has(0, b"%%>") {
                Seen::Yes(()) => return Step::Inside(3),
                Seen::Maybe => return Step::More,
                Seen::No => {}
            }
        }
        match input.has(0, end) {
            Seen::Yes(()) => {
                self.state = State::Text;
                Step::Close(end.len())
            }
            Seen::Maybe => Step::More,
            Seen::No => Step::Inside(1),
        }
    }

    fn expression(&mut self, input: Input<'_>) -> Step {
        for (at, &byte) in input.bytes.iter().enumerate() {
            self.state = match (self.state, byte) {
                (State::Expression(quote, true), _) => State::Expression(quote, false),
                (State::Expression(1.., false), b'\\') => State::Expression(self.quote(), true),
                (State::Expression(0, _), b'"' | b'\'') => State::Expression(byte, false),
                (State::Expression(quote @ 1.., _), _) if byte == quote => State::Expression(0, false),
                (State::Expression(0, _), b'{') => {
                    self.depth += 1;
                    self.state
                }
                (State::Expression(0, _), b'}') if self.depth == 0 => {
                    self.state = State::Text;
                    return Step::Close(at + 1);
                }
                (State::Expression(0, _), b'}') => {
                    self.depth -= 1;
                    self.state
                }
                (state, _) => state,
            };
        }
        Step::inside(input.bytes.len())
    }

    /// In the tag of an action, up to its `>` outside strings.
    fn action(&mut self, input: Input<'_>, mut quote: u8) -> Step {
        for (at, &byte) in input.bytes.iter().enumerate() {
            match (quote, byte) {
                (0, b'"' | b'\'') => quote = byte,
                (0, b'>') if self.begins_java && input.byte_before(at) != b'/' => {
                    self.begins_java = false;
                    self.state = State::Java(false);
                    return Step::Inside(at + 1);
                }
                (0, b'>') => {
                    self.state = State::Text;
                    return Step::Close(at + 1);
                }
                _ if byte == quote => quote = 0,
                _ => {}
            }
        }
        self.state = State::Action(quote);
        Step::inside(input.bytes.len())
    }

    /// In Java, up to the end tag outside CDATA sections.
    fn java(&mut self, input: Input<'_>, is_cdata: bool) -> Step {
        let (first, mark): (u8, &[u8]) = match is_cdata {
            true => (b']', b"]]>"),
            false => (b'<', b"<![CDATA["),
        };
        match memchr(first, input.bytes) {
            Some(0) => {}
            at => return Step::Inside(at.unwrap_or(input.bytes.len())),
        }
        match input.has(0, mark) {
            Seen::Maybe => return Step::More,
            Seen::Yes(()) => {
                self.state = State::Java(!is_cdata);
                return Step::Inside(mark.len());
            }
            Seen::No if is_cdata => return Step::Inside(1),
            Seen::No => {}
        }
        match action(input) {
            Seen::Maybe => Step::More,
            Seen::Yes((_, len)) if input.bytes[1] == b'/' && is_java(&input.bytes[2..len]) => {
                self.state = State::Action(0);
                Step::Inside(len)
            }
            Seen::Yes(_) | Seen::No => Step::Inside(1),
        }
    }

    fn quote(&self) -> u8 {
        match self.state {
            State::Expression(quote, _) => quote,
            _ => 0,
        }
    }
}

impl Lex for Percent {
    fn step(&mut self, input: Input<'_>, _: &mut Vec<Noted>) -> Step {
        match self.state {
            State::Text => self.text(input),
            State::Code => self.until(input, b"%>"),
            State::Comment => self.until(input, b"--%>"),
            State::Action(quote) => self.action(input, quote),
            State::Java(is_cdata) => self.java(input, is_cdata),
            State::Expression(..) => self.expression(input),
        }
    }
}

/// The prefixes under which the tag libraries of JSTL, Spring, Struts, Tiles and Liferay, and JSP's own actions are known.
const PREFIXES: [&[u8]; 13] =
    [b"aui", b"c", b"fmt", b"fn", b"sql", b"x", b"jsp", b"spring", b"form", b"s", b"sec", b"security", b"tiles"];

/// The actions that choose what stands in the page and print nothing themselves.
const CHOOSE: [&[u8]; 14] = [
    b"scriptlet",
    b"declaration",
    b"if",
    b"choose",
    b"when",
    b"otherwise",
    b"forEach",
    b"forTokens",
    b"set",
    b"remove",
    b"catch",
    b"param",
    b"iterator",
    b"authorize",
];

/// Whether the text of an action is Java.
fn is_java(name: &[u8]) -> bool {
    matches!(name, b"jsp:scriptlet" | b"jsp:declaration" | b"jsp:expression")
}

/// What an action at the beginning of `input` is, and the length of its `<` and name.
fn action(input: Input<'_>) -> Seen<(HiddenKind, usize)> {
    let is_end = input.bytes.get(1) == Some(&b'/');
    let start = 1 + usize::from(is_end);
    let prefix_end = input.skip(start, |b| b.is_ascii_alphabetic());
    let prefix = &input.bytes[start.min(prefix_end)..prefix_end];
    if prefix_end >= input.bytes.len() && !input.last {
        let may_be = PREFIXES.iter().any(|known| known.starts_with(prefix));
        return if may_be { Seen::Maybe } else { Seen::No };
    }
    if !PREFIXES.contains(&prefix) || input.bytes.get(prefix_end) != Some(&b':') {
        return Seen::No;
    }
    let end = input.skip(prefix_end + 1, |b| b.is_ascii_alphanumeric());
    if end >= input.bytes.len() && !input.last && end < 64 {
        return Seen::Maybe;
    }
    let name = &input.bytes[prefix_end + 1..end];
    let kind = if is_end || CHOOSE.contains(&name) { HiddenKind::Statement } else { HiddenKind::Output };
    Seen::Yes((kind, end))
}

#[cfg(test)]
mod tests {
    use crate::template::Dialect;
    use crate::template::ProblemKind::Unterminated;
    use crate::template::lexer::tests::{check, problems};

    #[test]
    fn ejs_fragments() {
        check(
            Dialect::Ejs,
            &[
                "<script<%= attrs %>>",
                "<script/xxxxxxxxxxx>",
                "<script <% if (a > b) { %>defer<% } %> src=<%- u %> nonce=\"n\">",
                "<script                   defer        src=xxxxxxxx nonce=\"n\">",
                "<% '%>' %>a<%_ b -%>\n<%# <c> _%>d",
                "      '   a         \n           d",
                "<%% a %>b%%>c%>d-%>e",
                "<%  a %>b %>c%>d   e",
                "<a b=\"<%%= c %>\"><%= d %>%>",
                "<a b=\"<% = c %>\">          ",
            ],
        );
    }

    #[test]
    fn actions_of_jsp_are_code() {
        check(
            Dialect::Jsp,
            &[
                "<c:if test=\"${a > b}\"><script></c:if>",
                "                      <script>       ",
                "<a href=\"<c:url value=\"/x\"/>\" b>",
                "<a href=\"xxxxxxxxxxxxxxxxxxx\" b>",
                "<c:out value='${a}'/><cc:b><c>",
                "                     <cc:b><c>",
                "<script <c:if test='a'>async</c:if>>",
                "<script                async       >",
            ],
        );
        assert_eq!(problems(Dialect::Jsp, "a<c:if test='"), [(Unterminated, 1)]);
    }

    #[test]
    fn erb_fragments() {
        check(
            Dialect::Erb,
            &[
                "<script<%= attrs %>>",
                "<script/xxxxxxxxxxx>",
                "<% '%>' %>a<%- b -%>\n<%# <c> %>d",
                "      ' %>a         \n          d",
                "<%% a %>b%%>c%>d",
                "<%  a %>b%%>c%>d",
                "<% a %%> b %>c",
                "             c",
                "<%== a %><a <%= b %> c=<%= d %>>",
                "         <a xxxxxxxx c=xxxxxxxx>",
            ],
        );
    }

    #[test]
    fn jsp_fragments() {
        check(
            Dialect::Jsp,
            &[
                "<script<%= attrs %>>",
                "<script/xxxxxxxxxxx>",
                "<%-- <b> %> --%>a<%@ page x=\"y\" %><%! int i; %><c:if test=\"${a > b}\">",
                "                a                                                    ",
                "<a href=${a['}']}${ {1: \"\\\"}\"} }>",
                "<a href=xxxxxxxxxxxxxxxxxxxxxxxx>",
                "<% \"%>\" %>a<% b %\\> %>c",
                "      \" %>a           c",
                "\\${a}<\\% b %>${c}$d",
                " ${a}< % b %>    $d",
            ],
        );
    }

    #[test]
    fn unfinished_code_is_told() {
        for (dialect, text, expected) in [
            (Dialect::Ejs, "a<% b", vec![(Unterminated, 1)]),
            (Dialect::Erb, "<% a %%>", vec![(Unterminated, 0)]),
            (Dialect::Jsp, "<%-- a %>", vec![(Unterminated, 0)]),
            (Dialect::Jsp, "${\"}", vec![(Unterminated, 0)]),
        ] {
            assert_eq!(problems(dialect, text), expected, "{text}");
        }
    }
}
