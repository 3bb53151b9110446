//! Documents in frames, and policies in pages.

use crate::measure::{check, hash, numbered, under};

#[test]
fn hashing_frames() {
    check(&[
        ("srcdocs", |at, n| {
            let frames = numbered(n / 4, |i| format!("<iframe srcdoc='<script>{i}</script>'></iframe>"));
            hash(at, "a.html", frames)
        }),
        ("srcdocs with findings", |at, n| hash(at, "a.html", "<iframe srcdoc='<script>a'></iframe>".repeat(n / 4))),
        ("data: documents", |at, n| {
            let frames = numbered(n / 4, |i| format!("<iframe src='data:text/html,<script>{i}</script>'></iframe>"));
            hash(at, "a.html", frames)
        }),
        ("data: documents that are read twice", |at, n| {
            let frames = numbered(n / 4, |i| format!("<iframe src='data:text/html,<script>{i}\n</script>'></iframe>"));
            hash(at, "a.html", frames)
        }),
        ("a data: document that is read twice", |at, n| {
            let scripts = numbered(n / 4, |i| format!("<script>{i}\n</script>"));
            hash(at, "a.html", format!("<iframe src='data:text/html,{scripts}'></iframe>"))
        }),
        ("readings of data: documents with findings", |at, n| {
            hash(at, "a.html", "<iframe src='data:text/html,<script>a\n'></iframe>".repeat(n / 4))
        }),
        ("data: documents in data: documents", |at, n| {
            let inner = "<iframe src='data:text/html,%3Cscript>a\n%3C/script>'></iframe>".repeat(n / 16);
            let frame = inner.replace('\'', "%27").replace('<', "%3C");
            hash(at, "a.html", format!("<iframe src='data:text/html,{frame}\n'></iframe>"))
        }),
        ("base64", |at, n| {
            hash(at, "a.html", format!("<iframe src='data:text/html;base64,{}'>", "PHAgb25jbGljaz1hPgo8".repeat(n)))
        }),
        ("parameters of a data: URL", |at, n| {
            hash(at, "a.html", format!("<iframe src='data:text/html{},<p>'>", ";a=b".repeat(4 * n)))
        }),
        ("noscripts", |at, n| {
            hash(at, "a.html", numbered(n / 4, |i| format!("<noscript><style>{i}</style></noscript>")))
        }),
        ("a noscript", |at, n| {
            let styles = numbered(n / 4, |i| format!("<style>{i}</style>"));
            hash(at, "a.html", format!("<noscript>{styles}</noscript>"))
        }),
        ("javascript: URLs", |at, n| {
            hash(at, "a.html", numbered(n / 8, |i| format!("<a href='javascript:a%20{i}\n'>")))
        }),
        ("a javascript: URL", |at, n| hash(at, "a.html", format!("<a href='javascript:{}'>", "a%20\n".repeat(16 * n)))),
        ("templates", |at, n| {
            hash(at, "a.html", "<template shadowrootmode=open><style>a</style></template>".repeat(n))
        }),
    ]);
}

#[test]
fn checking_frames() {
    check(&[
        ("srcdocs", |at, n| {
            let frames = "<iframe srcdoc='<script>a</script>'></iframe>".repeat(n / 8);
            under(at, "script-src 'none'", frames)
        }),
        ("data: documents that are read twice", |at, n| {
            let frames = numbered(n / 8, |i| format!("<iframe src='data:text/html,<script>{i}\n</script>'></iframe>"));
            under(at, "script-src 'none'", frames)
        }),
        ("policies in srcdocs", |at, n| {
            let frame = "<iframe srcdoc='<meta http-equiv=content-security-policy content=\"script-src a\"><script>a</script>'></iframe>";
            under(at, "script-src 'self'", frame.repeat(n / 16))
        }),
        ("a policy before many frames", |at, n| {
            let metas = "<meta http-equiv=content-security-policy content=\"script-src 'self'\">".repeat(50);
            under(at, "img-src a", metas + &"<iframe srcdoc='<script>a</script>'></iframe>".repeat(n / 64))
        }),
        ("sandboxed frames", |at, n| {
            under(at, "script-src 'none'", "<iframe sandbox srcdoc='<p onclick=a>'></iframe>".repeat(n / 8))
        }),
        ("metas behind scripts", |at, n| {
            let meta = "<script>a</script><meta http-equiv=content-security-policy content=\"script-src 'self'\">";
            under(at, "img-src a", meta.repeat(n / 8))
        }),
        ("metas in the body", |at, n| {
            let meta = "<meta http-equiv=content-security-policy content=\"script-src 'self'\">";
            under(at, "img-src a", "<body>".to_owned() + &meta.repeat(n))
        }),
        ("comments that allow", |at, n| {
            let script = "<!-- cspseal-allow blocked-script: a --><script>a</script>";
            under(at, "script-src 'none'", script.repeat(n / 8))
        }),
        ("comments that allow nothing", |at, n| {
            under(at, "script-src 'none'", "<!-- cspseal-allow blocked-script: a -->".repeat(n))
        }),
        ("comments that allow many codes", |at, n| {
            let comment = format!("<!-- cspseal-allow {}: a -->", "blocked-script,x,".repeat(n));
            under(at, "script-src 'none'", comment + "<script>a</script>")
        }),
    ]);
}
