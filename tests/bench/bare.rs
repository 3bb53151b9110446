//! The yardstick: lol_html with one handler for script and style elements and one for their text, and nothing done.

use lol_html::{HtmlRewriter, Settings, element, text};

/// How many script and style elements a page has, and how many bytes of text they have.
pub(crate) fn pass(page: &[u8]) -> (usize, usize) {
    let mut elements = 0;
    let mut bytes = 0;
    let settings = Settings::new()
        .with_strict(false)
        .append_element_content_handler(element!("script, style", |_| {
            elements += 1;
            Ok(())
        }))
        .append_element_content_handler(text!("script, style", |chunk| {
            bytes += chunk.as_str().len();
            Ok(())
        }));
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    rewriter.write(page).expect("nothing here fails");
    rewriter.end().expect("nothing here fails");
    (elements, bytes)
}
