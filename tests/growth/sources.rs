//! Scripts under the sources of a policy.

use crate::measure::{check, numbered, under};

#[test]
fn checking_scripts_under_sources() {
    fn scripts(n: usize) -> String {
        numbered(n, |i| format!("<script src=//e{i}.test/></script>"))
    }
    check(&[
        ("hosts", |at, n| {
            let hosts = numbered(n / 16, |i| format!(" h{i}.test"));
            under(at, format!("script-src{hosts}"), scripts(n / 16))
        }),
        ("paths", |at, n| {
            let hosts = numbered(n / 16, |i| format!(" e1.test/{i}"));
            let page = numbered(n / 16, |i| format!("<script src=//e1.test/a{i}></script>"));
            under(at, format!("script-src{hosts}"), page)
        }),
        ("wildcards and ports", |at, n| {
            let hosts = numbered(n / 16, |i| format!(" *.h{i}.test e1.test:{i}"));
            under(at, format!("script-src{hosts}"), scripts(n / 16))
        }),
        ("schemes", |at, n| {
            let schemes = numbered(n / 16, |i| format!(" x{i}: x{i}://e1.test"));
            under(at, format!("script-src{schemes}"), scripts(n / 16))
        }),
        ("nonces", |at, n| {
            let nonces = numbered(n / 16, |i| format!(" 'nonce-{i:022}'"));
            let page = numbered(n / 16, |i| format!("<script nonce=x{i}>{i}</script>"));
            under(at, format!("script-src{nonces}"), page)
        }),
        ("hashes of files", |at, n| {
            let hash = |i: usize| format!("sha256-{i:043}=");
            let hashes = numbered(n / 16, |i| format!(" '{}'", hash(i)));
            let script = |i| format!("<script src=//e{i}.test/ integrity={}></script>", hash(i));
            under(at, format!("script-src{hashes}"), numbered(n / 16, script))
        }),
        ("hashes of a file", |at, n| {
            let hash = |i: usize| format!("sha256-{i:043}=");
            let hashes = numbered(n / 16, |i| format!(" '{}'", hash(i)));
            let all = numbered(n / 16, |i| hash(i) + " ");
            let page = format!("<script src=//e.test/ integrity='{all}'></script>");
            under(at, format!("script-src{hashes}"), page)
        }),
        ("directives in a meta", |at, n| {
            let content = numbered(n / 4, |i| format!("x{i} a;script-src a;"));
            let meta = format!("<meta http-equiv=content-security-policy content=\"{content}\">");
            under(at, "img-src a", meta + "<script>a</script>")
        }),
        ("findings", |at, n| {
            let page = numbered(n / 8, |i| format!("<script>{i}</script>\n"));
            under(at, "script-src 'none'", page)
        }),
        ("attributes of a script", |at, n| {
            let page = format!("<script nonce=a {}>a</script>", numbered(n, |i| format!("a{i}=x ")));
            under(at, "script-src 'nonce-a'", page)
        }),
    ]);
}
