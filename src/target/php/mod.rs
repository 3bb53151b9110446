//! `php`: the header by hand, in plain PHP.
//!
//! Run: PHP 8.2. Dollar signs are escaped, since the strings hold a variable.
//!
//! A block in somebody's file must be PHP code, or it would be shown as text: its lines must be within `<?php`, which is
//! not repeated in the block.

use std::ops::Range;

use super::block::{places, replace_block};
use super::quote::{Language, string_content};
use super::words::has_nonce;
use super::{Deployment, Expression, NonceTemplates, SentPolicy, Target};
use crate::edit::nonce::NonceBinding;
use crate::error::{Error, ErrorKind, Result};
use crate::template::{Dialect, mask};

/// The beginning of a file that is ours alone.
const OPEN: &str = "<?php\n";

const COMMENT: &str = "//";

pub(super) static PHP: Target = Target {
    comment: Some(COMMENT),
    templates: Some(&NonceTemplates::new(
        "php",
        "plain PHP",
        &[Expression::new(Dialect::Php, "<?= $cspNonce ?>").with_binding(NonceBinding::CONTEXT)],
    )),
    write: Some(write),
    merge: Some(merge),
    ..Target::framework("php", "header() in plain PHP")
};

fn write(sent: &[SentPolicy<'_>]) -> Result<String> {
    let (scope, make) = match has_nonce(sent) {
        false => ("", ""),
        true => (", in the scope of the template", "$cspNonce = base64_encode(random_bytes(16));\n"),
    };
    let mut out = format!("{OPEN}// Before anything is printed{scope}.\n{make}");
    for sent in sent {
        let name = sent.header_name();
        out.push_str(&format!("header(\"{name}: \" . implode(\"; \", [\n"));
        for part in sent.parts(&[]) {
            let line = part.line("'nonce-{$cspNonce}'", |word| string_content(Language::Php, word));
            out.push_str(&format!("    \"{line}\",\n"));
        }
        out.push_str("]));\n");
    }
    Ok(out)
}

fn merge(deployment: &Deployment<'_>, existing: &[u8]) -> Result<Vec<u8>> {
    let text = PHP.text(deployment)?;
    let block = text.strip_prefix(OPEN.as_bytes()).unwrap_or(&text);
    let is_new = existing.trim_ascii().is_empty();
    let existing = if is_new { OPEN.as_bytes() } else { existing };
    let merged = replace_block(existing, COMMENT, block)?;
    let mark = |which| places(&merged, &format!("{COMMENT} cspseal {which}"));
    let code = mask(Dialect::Php, &merged).spans;
    let is_code = mark("begin").iter().zip(mark("end")).all(|(begin, end)| {
        let holds = |span: &Range<usize>| span.start <= begin.0 && end.1 <= span.end;
        code.iter().any(|span| holds(&span.range))
    });
    if !is_code {
        let message = "the block would not be PHP code there; put the lines `// cspseal begin` and `// cspseal end` into PHP code that runs before anything is printed";
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Scope;
    use crate::target::print_into;
    use crate::target::tests::fixture::{BASE, HOSTILE, ONE, PAGES, PLAIN, deployed, enforced, only_reported, text};

    #[test]
    fn without_a_nonce_the_header_is_a_string() {
        assert_eq!(
            enforced(&PHP),
            format!(
                r#"<?php
// Before anything is printed.
header("Content-Security-Policy: " . implode("; ", [
    "default-src 'self'",
    "script-src 'self' {ONE}",
    "img-src *",
    "upgrade-insecure-requests",
]));
"#
            )
        );
        assert_eq!(only_reported(&PHP), enforced(&PHP).replace("-Policy", "-Policy-Report-Only"));
    }

    fn into(existing: &str) -> Result<String> {
        deployed(BASE, PAGES, Scope::Site, |deployment| {
            let merged = print_into(&PHP, deployment, existing.as_bytes())?;
            Ok(String::from_utf8(merged).unwrap())
        })
    }

    #[test]
    fn a_block_is_code_of_the_file() {
        let printed = enforced(&PHP);
        let block = format!("// cspseal begin\n{}// cspseal end\n", printed.strip_prefix("<?php\n").unwrap());
        assert_eq!(into("").unwrap(), format!("<?php\n{block}"));
        let code = "<?php\nf(\"?>\");";
        assert_eq!(into(code).unwrap(), format!("{code}\n{block}"));
        let page = |block: &str| format!("<?php\n{block}?>\n<p>x</p>\n");
        let marks = page("// cspseal begin\n// cspseal end\n");
        assert_eq!(into(&marks).unwrap(), page(&block));
        assert_eq!(into(&page(&block)).unwrap(), page(&block));
    }

    #[test]
    fn a_block_that_would_be_text_is_refused() {
        for existing in ["<p>x</p>\n", "<?php f(); ?>\n", "// cspseal begin\n// cspseal end\n<?php f();\n"] {
            let error = into(existing).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{existing}");
            assert!(error.to_string().contains("PHP code"), "{error}");
        }
    }

    #[test]
    fn the_header_holds_the_variable() {
        assert_eq!(
            text(&PHP, PLAIN),
            r#"<?php
// Before anything is printed, in the scope of the template.
$cspNonce = base64_encode(random_bytes(16));
header("Content-Security-Policy: " . implode("; ", [
    "default-src 'self'",
    "script-src 'self' 'strict-dynamic' 'nonce-{$cspNonce}'",
    "style-src 'nonce-{$cspNonce}'",
    "object-src 'none'",
    "upgrade-insecure-requests",
    "sandbox",
]));
"#
        );
    }

    #[test]
    fn no_other_variable_is_read() {
        let text = text(&PHP, HOSTILE);
        assert!(
            text.contains(
                r#"    "report-uri /r?a=\$b&c=%25&d=#{e}&f=`g`&h=\\n&i=\${j}&k=\$NONCE&l=%[1]s&m=%kernel.x%&n={o} /second","#
            ),
            "{text}"
        );
    }
}
