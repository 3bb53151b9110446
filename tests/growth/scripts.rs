//! What scripts mention.

use std::fs;

use crate::measure::{arguments, check, numbered, under};

#[test]
fn checking_what_scripts_mention() {
    fn script(text: &str) -> String {
        format!("<script>{text}</script>")
    }
    check(&[
        ("urls of hosts", |at, n| {
            let hosts = numbered(n / 16, |i| format!(" h{i}.test"));
            let urls = numbered(n / 16, |i| format!("a('//h{i}.test/');"));
            under(at, format!("script-src 'self'{hosts}"), script(&urls))
        }),
        ("scripts", |at, n| {
            let page = numbered(n / 16, |i| script(&format!("a('//h{i}.test/')")));
            under(at, "script-src 'self'", page)
        }),
        ("handlers", |at, n| {
            let page = numbered(n / 16, |i| format!("<i onclick=\"a('//h{i}.test/')\">a</i>"));
            under(at, "script-src 'self'", page)
        }),
        ("a sum", |at, n| {
            under(at, "script-src 'self'", script(&format!("a='//b.test/'{}", "+'//c.test/'".repeat(n))))
        }),
        ("texts of html", |at, n| {
            let texts = numbered(n / 32, |i| format!("a='<b><img src=//h{i}.test/>';"));
            under(at, "script-src 'self'", format!("<body onload=\"{texts}\">"))
        }),
        ("a sum of html", |at, n| {
            let parts = numbered(n / 32, |i| format!("+'<b><img src=//h{i}.test/'+a"));
            under(at, "script-src 'self'", script(&format!("a=b{parts}")))
        }),
        ("a text of css", |at, n| {
            let urls = numbered(n / 32, |i| format!("a{{background:url(//h{i}.test/)}}"));
            under(at, "script-src 'self'", script(&format!("a='{urls}'")))
        }),
        ("members", |at, n| under(at, "script-src 'self'", script(&format!("a='//b.test/'{}", ".c".repeat(n))))),
        ("imports at run time", |at, n| {
            let imports = numbered(n / 16, |i| format!("import('./{i}.js');"));
            under(at, "script-src 'self'", script(&imports))
        }),
        ("signs", |at, n| {
            let page = numbered(n / 16, |_| script("eval(a)"));
            under(at, "script-src 'self'", page)
        }),
    ]);
}

#[test]
fn reading_the_scripts_of_a_site() {
    check(&[
        ("scripts of a page", |at, n| {
            let n = n / 64;
            let page = numbered(n, |i| format!("<script src={i}.js></script>"));
            fs::write(at.join("a.html"), page).unwrap();
            for i in 0..n {
                // The number of scripts that count for one is limited; up to there each of a chain counts for all before it.
                let next = if i % 16 == 15 { i } else { i + 1 };
                let text = format!("import './{next}.js'; fetch('//h{i}.test/')");
                fs::write(at.join(format!("{i}.js")), text).unwrap();
            }
            arguments("hash --preset self --mentioned .")
        }),
        ("pages of a script", |at, n| {
            let n = n / 64;
            for i in 0..n {
                fs::write(at.join(format!("{i}.html")), "<script src=a.js></script>").unwrap();
            }
            let urls = numbered(n, |i| format!("fetch('//h{i}.test/');"));
            fs::write(at.join("a.js"), urls).unwrap();
            arguments("hash --preset self --mentioned .")
        }),
    ]);
}
