//! The limits that the README lists for hostile input: what is at one is read, what is past it is rejected with the limit.

use crate::support::{folder, run};

/// A policy of that many bytes.
fn policy(bytes: usize) -> String {
    let (name, value) = ("script-src", "'none'");
    format!("{name}{}{value}", " ".repeat(bytes - name.len() - value.len()))
}

const LONGEST: usize = 16 << 20;

#[test]
fn a_policy_of_16_mib_is_read_and_a_longer_one_is_not() {
    let site = folder(&[("a.html", "<p>"), ("longest.txt", &policy(LONGEST)), ("longer.txt", &policy(LONGEST + 1))]);
    for (command, file, code, message) in [
        ("hash", "longest.txt", 0, ""),
        ("check", "longest.txt", 1, "policy-too-long"),
        ("hash", "longer.txt", 2, "the policy has 16777217 bytes, and 16777216 are read at most"),
        ("check", "longer.txt", 2, "a.html: stands under policies of 16777217 bytes, more than 16777216"),
    ] {
        let ran = run(site.path(), &[command, "--policy-file", file, "a.html"]);
        assert_eq!(ran.code, code, "{command} {file}: {}", ran.err);
        let said = ran.out + &ran.err;
        assert!(said.contains(message), "{command} {file}: {said}");
    }
}

#[test]
fn the_policies_of_a_page_have_limits_together() {
    let meta = |policy: &str| format!("<meta http-equiv=content-security-policy content=\"{policy}\">");
    let long = meta(&policy(LONGEST / 2 + 1));
    let site = folder(&[
        ("long.html", &(long.clone() + &long)),
        ("many.html", &meta("img-src a").repeat(101)),
        ("fine.html", &(long + &meta("img-src a").repeat(99))),
    ]);
    for (page, code, message) in [
        ("fine.html", 0, ""),
        ("long.html", 2, "long.html: stands under policies of 16777218 bytes"),
        ("many.html", 2, "many.html: stands under more than 100 policies"),
    ] {
        let ran = run(site.path(), &["check", page]);
        assert_eq!(ran.code, code, "{page}: {}", ran.err);
        assert!(ran.err.contains(message), "{page}: {}", ran.err);
    }
}

#[test]
fn a_configuration_has_limits() {
    let outputs = |n: usize| -> String {
        let output = |i| format!("[[output]]\nformat = 'header'\nfile = 'out/{i}.txt'\n");
        (0..n).map(output).collect()
    };
    let comment = |bytes: usize| format!("#{}\n", "a".repeat(bytes - 2));
    for (config, code, message) in [
        (outputs(100), 0, ""),
        (outputs(101), 2, "there are 101 outputs, more than 100"),
        (comment(LONGEST), 0, ""),
        (comment(LONGEST + 1), 2, "cspseal.toml: has 16777217 bytes, and 16777216 are read at most"),
        (format!("# {}", ".[{.".repeat(500_000)), 0, ""),
        (
            format!("a{} = 1", ".".repeat(2_000_001)),
            2,
            "cspseal.toml: has 2000001 of the signs `.`, `[` and `{`, with which tables begin, and 2000000 are read at most",
        ),
        (
            format!("exclude = [{}]", "'a',".repeat(1_001)),
            2,
            "1001 globs of 1001 bytes; 1000 of 65536 bytes are read at most",
        ),
    ] {
        let site = folder(&[("a.html", "<p>"), ("out/0.txt", ""), ("cspseal.toml", &config)]);
        let ran = run(site.path(), &["hash"]);
        assert_eq!(ran.code, code, "{}", ran.err);
        assert!(ran.err.contains(message), "{}", ran.err);
    }
}

#[test]
fn a_deployed_file_and_one_to_write_into_have_a_limit() {
    let long = |text: &str, bytes: usize| text.to_owned() + &" ".repeat(bytes - text.len());
    let json = "{\"headers\":[]}";
    let site = folder(&[
        ("a.html", "<script>a()</script>"),
        ("longest/vercel.json", &long(json, LONGEST)),
        ("longer/vercel.json", &long(json, LONGEST + 1)),
        ("longest.conf", &long("#", LONGEST)),
        ("longer.conf", &long("#", LONGEST + 1)),
        ("netlify.toml", &format!("# {}", ".[{.".repeat(500_001))),
    ]);
    let policy = "--policy=default-src 'self'";
    let into = ["hash", policy, "a.html", "--format"];
    let deployed = ["check", "a.html", "--allow=no-policy", "--deployed"];
    let rejected = "has 16777217 bytes, and 16777216 are read at most; shorten it";
    for (args, file, code) in [
        (&deployed.to_vec(), "longest/vercel.json", 0),
        (&[&into[..], &["nginx", "--into"]].concat(), "longest.conf", 0),
        (&[&into[..], &["nginx", "--into"]].concat(), "longer.conf", 2),
        (&[&into[..], &["vercel", "--into"]].concat(), "longest/vercel.json", 0),
        (&[&into[..], &["vercel", "--into"]].concat(), "longer/vercel.json", 2),
        (&deployed.to_vec(), "longer/vercel.json", 2),
    ] {
        let ran = run(site.path(), &[&args[..], &[file]].concat());
        assert_eq!(ran.code, code, "{args:?} {file}: {}", ran.err);
        let message = format!("{file}: {rejected}");
        assert_eq!(ran.err.contains(&message), code == 2, "{args:?} {file}: {}", ran.err);
    }
    let ran = run(site.path(), &[&deployed[..], &["netlify.toml"]].concat());
    assert_eq!(ran.code, 2, "{}", ran.err);
    let message = "netlify.toml: line 1: has 2000004 of the signs";
    assert!(ran.err.contains(message), "{}", ran.err);
}
