//! The mentions of scripts.

use super::{Relative, Sign};
use crate::page::javascript::{Grammar, Script};

/// The mentions of a script, each as its destination, URL and offset.
fn found(text: &str, grammar: Grammar) -> Vec<String> {
    let found = Script::parse(text, grammar).unwrap().mentions.urls;
    let shown = found.into_iter().map(|it| {
        let import = match it.relative {
            Relative::Document => "",
            Relative::Script => "own ",
            Relative::Import => "import ",
        };
        format!("{import}{} {} {}", it.destination, it.url, it.offset)
    });
    shown.collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(found(text, Grammar::Classic), expected, "{text}");
}

#[test]
fn the_use_of_a_url_decides_on_its_destination() {
    for (text, expected) in [
        ("fetch('https://a.test/b.js')", "connect https://a.test/b.js 6"),
        ("window.fetch(`https://a.test`)", "connect https://a.test 13"),
        ("new WebSocket('wss://a.test')", "connect wss://a.test 14"),
        ("new EventSource('//a.test/b')", "connect //a.test/b 16"),
        ("navigator.sendBeacon('//a.test')", "connect //a.test 21"),
        ("x.open('GET', 'https://a.test/i.png')", "connect https://a.test/i.png 14"),
        ("importScripts('https://a.test/b')", "script https://a.test/b 14"),
        ("new Audio('https://a.test/b')", "media https://a.test/b 10"),
        ("f.action = 'https://a.test/b.js'", "form https://a.test/b.js 11"),
        ("s.src = 'https://a.test/b.js?c'", "script https://a.test/b.js?c 8"),
        ("s.src = c ? 'https://a.test/b' : d; e.createElement('script')", "script https://a.test/b 12"),
        ("new Image().src = 'https://a.test/b'", "image https://a.test/b 18"),
        ("d.createElement('iframe').setAttribute('src', '//a.test/b')", "frame //a.test/b 46"),
        ("d.createElement('img'); d.createElement('script').src = '//a.test/b'", "connect //a.test/b 56"),
        ("d.createElement('link').href = '//a.test/b'", "style //a.test/b 31"),
        ("l.href = '//a.test/b.css'", "style //a.test/b.css 9"),
        ("x = 'https://a.test/b.woff2'", "font https://a.test/b.woff2 4"),
        ("x = { url: 'https://a.test' }", "connect https://a.test 11"),
        ("x = 'https:\\/\\/a.test\\/b'", "connect https://a.test/b 4"),
    ] {
        check(text, &[expected]);
    }
}

#[test]
fn workers_are_files_of_the_site() {
    for (text, expected) in [
        ("new Worker('b.js')", "worker b.js 11"),
        ("new SharedWorker(`/b.js`)", "worker /b.js 17"),
        ("navigator.serviceWorker.register('./b.js', {})", "worker ./b.js 33"),
        ("new Worker(new URL('b.js', import.meta.url))", "own worker b.js 19"),
        ("new Worker(new URL('b.js', document.baseURI))", "worker b.js 19"),
        ("new Worker(new URL('b.js', c))", "worker / 19"),
        ("new Worker(new URL('/b.js', c))", "worker /b.js 19"),
    ] {
        assert_eq!(found(text, Grammar::Module), [expected], "{text}");
    }
}

#[test]
fn the_known_beginning_of_a_text_must_have_the_whole_origin() {
    for (text, expected) in [
        ("x = 'https://a.test/' + b", &["connect https://a.test/ 4"][..]),
        ("x = 'https://a.test/' + b + '.js'", &["script https://a.test/ 4"]),
        ("s.src = 'https://a.test/b.js?c=' + d + e", &["script https://a.test/b.js?c= 8"]),
        ("x = `https://a.test/${b}.png`", &["image https://a.test/ 4"]),
        ("x = 'https://a.test/b'.concat(c, '.js')", &["connect https://a.test/ 4"]),
        ("x = `https://a.test/b.js/c-${d}`", &["connect https://a.test/b.js/ 4"]),
        ("x = location.protocol + '//a.test/b.js'", &["script //a.test/b.js 24"]),
        ("x = 'https://a.test' + b", &[]),
        ("x = 'https://a.test/b/{z}/{x}.png'", &["image https://a.test/b/ 4"]),
        ("x = a + '//a.test' + b", &[]),
        ("x = 'https://b.test/?' + 'https://a.test/'", &["connect https://b.test/? 4"]),
        ("x = `https://a.test${b}/`", &[]),
        ("x = 'https://' + a + '.b.test/'", &[]),
        ("x = ('https:' == p ? 'https://ssl' : 'http://www') + '.a.test/b.js'", &[]),
    ] {
        check(text, expected);
    }
}

#[test]
fn urls_in_texts_of_html_and_css_are_mentioned() {
    for (text, expected) in [
        ("document.write('<script src=\"https://a.test/b.js\"><\\/script>')", &["script https://a.test/b.js 15"][..]),
        (
            "x.insertAdjacentHTML('beforeend', `<iframe src=\"https://a.test/b/${c}\"></iframe>`)",
            &["frame https://a.test/b/ 34"],
        ),
        (
            "x.innerHTML = '<img src=//a.test/b srcset=\"https://c.test/d 2x\"><a href=https://e.test>'",
            &["image //a.test/b 14", "image https://c.test/d 14"],
        ),
        (
            "x = '<iframe width=\"' + w + '\" src=\"https://a.test/b?c=' + d + '\" title=\"' + e + '\">'",
            &["frame https://a.test/b?c= 28"],
        ),
        ("x = '<link rel=stylesheet href=\"' + p + '//a.test/b\">'", &["style //a.test/b 4"]),
        ("x = \"<img src='https://a.test/b/c\"; x += d", &["image https://a.test/b/ 4"]),
        ("x = '<img src=https://a.test/b'; x += c", &["image https://a.test/ 4"]),
        (
            "x = '<style>@font-face{src:url(https://a.test/b)}</style><p style=\"mask:url(//c.test/d)\">'",
            &["font https://a.test/b 4", "image //c.test/d 4"],
        ),
        (
            "x = '<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=https://a.test/b /></svg>'",
            &["image https://a.test/b 4"],
        ),
        ("x.backgroundImage = 'url(\"https://a.test/b.png\")'", &["image https://a.test/b.png 20"]),
        ("x.cssText = 'color: red; background: url(//a.test/b)'", &["image //a.test/b 12"]),
        ("x = 'url(https://a.test/b/' + c + '.png)'", &["image https://a.test/b/ 4"]),
        ("x = css`mask: url(\"https://a.test/b?${c}\")`", &["image https://a.test/b? 7"]),
        ("x = '@import \"https://a.test/b\";'", &["style https://a.test/b 4"]),
        ("x = '@font-face { src: url(https://a.test/b) }'", &["font https://a.test/b 4"]),
        ("x = 'src: url(https://a.test/b.woff2)'", &["font https://a.test/b.woff2 4"]),
        ("new FontFace('x', 'url(https://a.test/b)')", &["font https://a.test/b 18"]),
        ("x = '<form action=https://a.test/b>'", &["form https://a.test/b 4"]),
        // Relative ones depend on the page, and of these nothing is known.
        ("x = '<img src=/b.png><img src=\"//' + a + '/b.png\">'", &[]),
        ("x = 'url(' + a + '//b.test'", &["connect //b.test 17"]),
        ("x = '<a title=\"//a.test/b\"> (see https://a.test/b) </a>'", &[]),
        ("if (x == '<img src=https://a.test/b>') y()", &[]),
    ] {
        check(text, expected);
    }
}

#[test]
fn a_url_that_is_not_fetched_is_left_out() {
    for text in [
        "location = 'https://a.test'",
        "window.location.href = 'https://a.test'",
        "location.replace('https://a.test')",
        "open('https://a.test')",
        "a.href = 'https://a.test'",
        "if (x === 'https://a.test') y()",
        "x.startsWith('https://a.test/')",
        "p.postMessage(1, 'https://a.test')",
        // No browser starts one of another origin.
        "new Worker('https://a.test/b.js')",
        "navigator.serviceWorker.register('//a.test/b.js')",
        "x.register('b.js')",
        "d.createElementNS('http://www.w3.org/2000/svg', 'svg')",
        "// 'https://a.test'",
        "/'https:..a.test'/ // b",
        "x = 'https://a.test/'; (",
        "x = ('https:' == p ? 'https://ssl.' : 'http://www.') + 'a.test/'",
    ] {
        check(text, &[]);
    }
}

#[test]
fn what_a_policy_decides_on_at_run_time_is_seen() {
    use Sign::{Eval, OwnWorker, WebAssembly, Worker};
    for (text, expected) in [
        ("a; eval(b)", &[(Eval, 3)][..]),
        ("window.eval(b); new Function('b', c)", &[(Eval, 0)]),
        ("Function('return this')()", &[(Eval, 0)]),
        ("setTimeout('b()', 1)", &[(Eval, 0)]),
        ("setInterval(`b(${c})`, 1)", &[(Eval, 0)]),
        ("a(eval(b) + eval(c))", &[(Eval, 2)]),
        ("new Worker(URL.createObjectURL(b))", &[(Worker, 0)]),
        ("new SharedWorker(b)", &[(Worker, 0)]),
        ("new Worker('data:,')", &[(Worker, 0)]),
        ("new Worker(`blob:${b}`)", &[(Worker, 0)]),
        ("navigator.serviceWorker.register(b)", &[(Worker, 0)]),
        ("WebAssembly.instantiateStreaming(b)", &[(WebAssembly, 0)]),
        ("new WebAssembly.Module(b)", &[(WebAssembly, 0)]),
        ("eval(b); new Worker(c)", &[(Eval, 0), (Worker, 9)]),
        ("new Worker('b.js')", &[(OwnWorker, 0)]),
        ("new Worker(new URL('b.js', c))", &[(OwnWorker, 0)]),
        ("new Worker('https://a.test/b.js')", &[]),
        ("setTimeout(b, 1); eval(); 'eval(b)'; a.eval(b)", &[]),
        ("/eval(b)/; x = { Function: 1 }", &[]),
    ] {
        let found = Script::parse(text, Grammar::Classic).unwrap();
        assert_eq!(found.mentions.signs, expected, "{text}");
    }
}

#[test]
fn each_grammar_has_its_own_scripts() {
    let imports = "import('./a.js'); import(`b`)";
    let expected = ["import script ./a.js 7", "import script b 25"];
    assert_eq!(found(imports, Grammar::Classic), expected);
    assert_eq!(found(imports, Grammar::Module), expected);
    let fixed = "import 'https://a.test/b.js'; export * from '//c.test'; export { d } from '//e.test'";
    assert_eq!(found(fixed, Grammar::Module), [""; 0]);
    assert_eq!(found("return fetch('//a.test')", Grammar::Classic).len(), 1);
    assert_eq!(found("await fetch('//a.test')", Grammar::Module).len(), 1);
}

#[test]
fn long_chains_do_not_overflow_the_stack() {
    for (begin, unit) in [
        ("x = '//a.test/'", " + b"),
        ("x = a", ".b"),
        ("x = a", "?.b"),
        ("x = a", " || b"),
        ("x = a", " / b"),
        ("x = a", " in b"),
        ("x = a", "``"),
        ("x = a", "\n;b"),
        ("x = a.b", ".c"),
        ("x = b => a", ", b"),
    ] {
        let text = format!("'//a.test/b';{begin}{}", unit.repeat(100_000));
        assert!(!found(&text, Grammar::Classic).is_empty(), "{unit}");
    }
}
