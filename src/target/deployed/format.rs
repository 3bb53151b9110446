//! The formats by name, and which one a file is in.

use jsonc_parser::ast::Value;

use super::json::{Comments, Json};
use super::reader::Reader;

macro_rules! formats {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal;)+) => {
        /// A format in which policies are deployed.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum DeployedFormat {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl DeployedFormat {
            /// Every format.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name; that of the output format, where there is one.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

formats! {
    /// The text of one policy, for all pages.
    Policy = "header";
    /// A JSON object of site paths or URL paths and their policies, a string or an array of strings each; `"*"` is for the rest.
    Map = "map";
    /// What `cspseal hash --format json` prints: the policy of the site, for all pages.
    Inventory = "json";
    /// Netlify's `_headers`.
    NetlifyHeaders = "netlify";
    /// The headers of a `netlify.toml`.
    NetlifyToml = "netlify-toml";
    /// The `_headers` of Cloudflare Pages and Workers.
    CloudflareHeaders = "cloudflare";
    /// The headers of a `vercel.json`.
    Vercel = "vercel";
    /// The headers of a `firebase.json`.
    Firebase = "firebase";
    /// The headers of a `staticwebapp.config.json`.
    AzureSwa = "azure-swa";
}

impl DeployedFormat {
    /// The format of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|format| format.name() == name)
    }

    /// The format of a file by its name, else by its content; [`None`] if neither tells.
    #[must_use]
    pub fn guess(path: &str, text: &str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        match name {
            "_headers" => return Some(headers(text)),
            "vercel.json" => return Some(Self::Vercel),
            "firebase.json" => return Some(Self::Firebase),
            "staticwebapp.config.json" => return Some(Self::AzureSwa),
            "netlify.toml" => return Some(Self::NetlifyToml),
            _ if SERVERS.iter().any(|(_, file, _)| *file == name) => return None,
            _ => {}
        }
        if text.trim_start().starts_with('{') {
            return json(path, text);
        }
        if begins(text, &["[[headers]]"]) {
            return Some(Self::NetlifyToml);
        }
        is_policy(text).then_some(Self::Policy)
    }
}

/// Servers whose files are not read: the name of the output format, what such a file is called, and what only it has at the
/// beginning of a line.
const SERVERS: [(&str, &str, &[&str]); 7] = [
    (
        "nginx",
        "nginx.conf",
        &[
            "add_header Content-Security-Policy",
            "map $uri $csp",
            "sub_filter ",
        ],
    ),
    (
        "haproxy",
        "haproxy.cfg",
        &["http-after-response set-header Content-Security-Policy"],
    ),
    (
        "lighttpd",
        "lighttpd.conf",
        &["setenv.set-response-header = "],
    ),
    (
        "caddy",
        "Caddyfile",
        &["map {path} {csp", "header Content-Security-Policy"],
    ),
    ("traefik", "traefik.yml", &["customResponseHeaders:"]),
    (
        "htaccess",
        ".htaccess",
        &["# In the .htaccess", "Header always edit "],
    ),
    (
        "apache",
        "httpd.conf",
        &["Header always set ", "LuaHookFixups "],
    ),
];

/// The names of the output formats whose files are not read.
pub fn servers() -> impl Iterator<Item = &'static str> {
    SERVERS.iter().map(|(server, ..)| *server)
}

/// The server that a file is for, by the name of its output format: such a file is not read. [`None`] if neither the name nor
/// the content tells.
#[must_use]
pub fn server_of(path: &str, text: &str) -> Option<&'static str> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let by_name = SERVERS.iter().find(|(_, file, _)| *file == name);
    let by_content = || SERVERS.iter().find(|(.., starts)| begins(text, starts));
    by_name.or_else(by_content).map(|(server, ..)| *server)
}

/// Whether a line begins with one of these.
fn begins(text: &str, starts: &[&str]) -> bool {
    text.lines()
        .any(|line| starts.iter().any(|start| line.trim().starts_with(start)))
}

/// Whose `_headers` it is: only Cloudflare has lines that detach a header and rules for a URL.
fn headers(text: &str) -> DeployedFormat {
    let cloudflare = text
        .lines()
        .map(str::trim)
        .any(|line| line.starts_with("! ") || line.starts_with("https://"));
    if cloudflare {
        DeployedFormat::CloudflareHeaders
    } else {
        DeployedFormat::NetlifyHeaders
    }
}

fn json(path: &str, text: &str) -> Option<DeployedFormat> {
    let reader = Reader::new(path);
    let json = Json::parse(&reader, text, Comments::Allowed).ok()?;
    let top = json.top().ok()?;
    let has = |name: &str| top.properties.iter().any(|p| p.name.as_str() == name);
    if has("hosting") {
        return Some(DeployedFormat::Firebase);
    }
    if has("globalHeaders") || has("navigationFallback") {
        return Some(DeployedFormat::AzureSwa);
    }
    if has("version") && has("policy") && has("inlines") {
        return Some(DeployedFormat::Inventory);
    }
    if matches!(json.member(top, "headers"), Ok(Some(Value::Array(array))) if array.elements.iter().all(|e| e.as_object().is_some()))
    {
        return Some(DeployedFormat::Vercel);
    }
    let policies = top.properties.iter().all(|property| match &property.value {
        Value::StringLit(_) => true,
        Value::Array(array) => array.elements.iter().all(|e| e.as_string_lit().is_some()),
        _ => false,
    });
    policies.then_some(DeployedFormat::Map)
}

/// Whether a text begins with a directive, as far as its name tells.
fn is_policy(text: &str) -> bool {
    let first = text
        .split(|c: char| c == ';' || c.is_whitespace())
        .find(|word| !word.is_empty());
    first.is_some_and(|word| {
        let word = word.to_ascii_lowercase();
        crate::policy::DirectiveName::find(&word).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_have_the_names_of_the_outputs() {
        let own = ["map"];
        for format in DeployedFormat::ALL {
            assert_eq!(DeployedFormat::find(format.name()), Some(*format));
            assert_eq!(
                crate::target::target(format.name()).is_some(),
                !own.contains(&format.name()),
                "{}",
                format.name()
            );
        }
        assert_eq!(DeployedFormat::find("nope"), None);
    }

    #[test]
    fn a_file_is_known_by_its_name_and_then_by_its_content() {
        for (path, text, name) in [
            ("a/_headers", "/*\n  X: y\n", "netlify"),
            ("a/_headers", "\u{feff}/*\n  ! X\n", "cloudflare"),
            ("_headers", "https://a.b/*\n  X: y\n", "cloudflare"),
            ("vercel.json", "", "vercel"),
            ("sub\\firebase.json", "", "firebase"),
            ("staticwebapp.config.json", "", "azure-swa"),
            ("netlify.toml", "", "netlify-toml"),
            ("x.json", "{\"hosting\": {}}", "firebase"),
            ("x.json", "{\"headers\": []}", "vercel"),
            ("x.json", "{\"globalHeaders\": {}}", "azure-swa"),
            (
                "x.json",
                "{\"version\": 1, \"policy\": \"\", \"inlines\": []}",
                "json",
            ),
            (
                "x.json",
                "{\"/a\": \"default-src\", \"*\": [\"img-src\"]}",
                "map",
            ),
            ("x", "[[headers]]\n", "netlify-toml"),
            ("x", " \nDefault-Src 'self'", "header"),
            ("x", "sandbox;", "header"),
        ] {
            let guess = DeployedFormat::guess(path, text);
            assert_eq!(
                guess.map(DeployedFormat::name),
                Some(name),
                "{path}: {text}"
            );
        }
        for (path, text) in [
            ("x", ""),
            ("x", "hello"),
            ("x.json", "{\"a\": 1}"),
            ("x.json", "{"),
        ] {
            assert_eq!(DeployedFormat::guess(path, text), None, "{text}");
        }
    }
    #[test]
    fn a_file_of_a_server_is_known_and_not_read() {
        for (path, text, name) in [
            (".htaccess", "", "htaccess"),
            ("Caddyfile", "{\n}\n", "caddy"),
            ("x.conf", "map $uri $csp_page {\n", "nginx"),
            (
                "x.conf",
                "  add_header Content-Security-Policy \"\" always;\n",
                "nginx",
            ),
            (
                "x.conf",
                "Header always set Content-Security-Policy \"\"\n",
                "apache",
            ),
            ("x", "map {path} {csp_page} {\n", "caddy"),
            ("x", "# c\nheader Content-Security-Policy \"\"\n", "caddy"),
        ] {
            assert_eq!(DeployedFormat::guess(path, text), None, "{path}: {text}");
            assert_eq!(server_of(path, text), Some(name), "{path}: {text}");
        }
        assert_eq!(server_of("x", "hello"), None);
        for (server, ..) in SERVERS {
            assert!(crate::target::target(server).is_some(), "{server}");
            assert_eq!(DeployedFormat::find(server), None, "{server}");
        }
    }
}
