//! The dependencies of style sheets and scripts of other hosts: they cannot be seen, and those of well-known ones are documented.

use url::Url;

use super::engine::Engine;
use super::external::External;
use super::policies::Judged;
use crate::finding::{Code, Finding};
use crate::page::Destination;
use crate::policy::DirectiveName;
use crate::site::SiteUrl;

/// A style sheet or script that is well known.
struct Known {
    destination: Destination,
    /// Its host; empty for any.
    host: &'static str,
    /// A part of its path.
    path: &'static str,
    /// The destinations and URLs of its dependencies; [`OWN`] is its own origin.
    loads: &'static [(Destination, &'static str)],
    /// The URL of the documentation.
    source: &'static str,
}

/// The origin of what loads it.
const OWN: &str = "";

const FONT_AWESOME: &str = "https://docs.fontawesome.com/web/setup/host-yourself/webfonts";

const fn known_as(
    destination: Destination,
    host: &'static str,
    path: &'static str,
    loads: &'static [(Destination, &'static str)],
    source: &'static str,
) -> Known {
    Known { destination, host, path, loads, source }
}

/// The first that fits counts.
const ALL: &[Known] = {
    use Destination::{Connect, Font, Frame, Image, Script, Style};
    &[
        known_as(
            Style,
            "fonts.googleapis.com",
            "",
            &[(Font, "https://fonts.gstatic.com/")],
            "https://developers.google.com/fonts/docs/technical_considerations",
        ),
        known_as(
            Style,
            "use.typekit.net",
            "",
            &[(Font, OWN), (Style, "https://p.typekit.net/")],
            "https://helpx.adobe.com/fonts/using/content-security-policy.html",
        ),
        known_as(Style, "fonts.bunny.net", "", &[(Font, OWN)], "https://fonts.bunny.net/about"),
        known_as(Style, "use.fontawesome.com", "", &[(Font, OWN)], FONT_AWESOME),
        known_as(Style, "", "fontawesome", &[(Font, OWN)], FONT_AWESOME),
        known_as(Style, "", "font-awesome", &[(Font, OWN)], FONT_AWESOME),
        known_as(Style, "", "katex", &[(Font, OWN)], "https://katex.org/docs/font"),
        known_as(Style, "", "bootstrap-icons", &[(Font, OWN)], "https://icons.getbootstrap.com/#install"),
        known_as(
            Style,
            "",
            "@mdi/font",
            &[(Font, OWN)],
            "https://pictogrammers.com/docs/library/mdi/getting-started/webfont/",
        ),
        known_as(
            Script,
            "www.googletagmanager.com",
            "",
            &[
                (Connect, "https://www.google-analytics.com/"),
                (Image, "https://www.google-analytics.com/"),
                (Image, OWN),
            ],
            "https://developers.google.com/tag-platform/security/guides/csp",
        ),
        known_as(
            Script,
            "www.google.com",
            "/recaptcha/",
            &[
                (Script, "https://www.gstatic.com/recaptcha/"),
                (Frame, "https://www.google.com/recaptcha/"),
                (Frame, "https://recaptcha.google.com/recaptcha/"),
            ],
            "https://developers.google.com/recaptcha/docs/faq",
        ),
        known_as(
            Script,
            "challenges.cloudflare.com",
            "",
            &[(Frame, OWN)],
            "https://developers.cloudflare.com/turnstile/reference/content-security-policy/",
        ),
        known_as(
            Script,
            "js.hcaptcha.com",
            "",
            &[
                (Script, "https://newassets.hcaptcha.com/"),
                (Frame, "https://newassets.hcaptcha.com/"),
                (Connect, "https://api.hcaptcha.com/"),
            ],
            "https://docs.hcaptcha.com/#content-security-policy-settings",
        ),
        known_as(
            Script,
            "js.stripe.com",
            "",
            &[(Frame, OWN), (Frame, "https://hooks.stripe.com/"), (Connect, "https://api.stripe.com/")],
            "https://docs.stripe.com/security/guide#content-security-policy",
        ),
        known_as(Script, "plausible.io", "", &[(Connect, OWN)], "https://plausible.io/docs/proxy/introduction"),
        known_as(
            Script,
            "giscus.app",
            "",
            &[(Frame, OWN), (Style, OWN)],
            "https://github.com/giscus/giscus/blob/main/ADVANCED-USAGE.md",
        ),
        known_as(Script, "utteranc.es", "", &[(Frame, OWN)], "https://utteranc.es/"),
    ]
};

fn known(destination: Destination, url: &Url) -> Option<&'static Known> {
    let host = url.host_str()?;
    ALL.iter().find(|known| {
        known.destination == destination
            && (known.host.is_empty() || known.host == host)
            && url.path().contains(known.path)
    })
}

/// The known dependencies of a style sheet or script at this URL, with the URLs of the origins.
pub(super) fn known_loads(destination: Destination, url: &Url) -> Vec<(Destination, Url)> {
    known(destination, url).map_or(Vec::new(), |it| it.loads(url))
}

/// These URLs, and those of what they are known to load.
pub(super) fn with_known_loads(urls: impl Iterator<Item = (Destination, Url)>) -> Vec<Url> {
    let all = urls.flat_map(|(destination, url)| {
        let loads = known_loads(destination, &url).into_iter();
        let loads: Vec<Url> = loads.map(|(_, url)| url).collect();
        std::iter::once(url).chain(loads)
    });
    all.collect()
}

impl Known {
    fn loads(&self, url: &Url) -> Vec<(Destination, Url)> {
        let loads = self.loads.iter().filter_map(|(destination, from)| {
            let from = match *from {
                OWN => url.join("/").ok()?,
                from => Url::parse(from).ok()?,
            };
            Some((*destination, from))
        });
        loads.collect()
    }
}

/// The note about what a style sheet or script of another host loads, unless the policies allow all that is known of it.
pub(super) fn unknown(
    engine: &Engine,
    site: &SiteUrl,
    destination: Destination,
    url: &Url,
    policies: &[&Judged],
) -> Option<Finding> {
    let noun = match destination {
        Destination::Script => "script",
        Destination::Style => "style sheet",
        _ => return None,
    };
    if !matches!(url.scheme(), "http" | "https") || site.has(url) || policies.is_empty() {
        return None;
    }
    let origin = url.origin().ascii_serialization();
    let message = format!("what a {noun} of {origin} loads cannot be seen from here");
    let Some(known) = known(destination, url) else {
        let help = "load a page and look at what browsers report; list its hosts in the policy";
        return Some(Finding::new(Code::UnknownDependencies, message, help));
    };
    let blocked = known.loads(url).into_iter().filter(|(destination, url)| {
        let external = External::bare(*destination, url);
        external.judge(engine, site, policies).1.is_some()
    });
    let blocked: Vec<String> = blocked
        .map(|(destination, url)| {
            let directive = DirectiveName::from(destination).general();
            // A path without its slash would be that of one file.
            let url = url.as_str();
            let url = url.strip_suffix('/').filter(|it| it.matches('/').count() < 3).unwrap_or(url);
            format!("{url} to {directive}")
        })
        .collect();
    if blocked.is_empty() {
        return None;
    }
    let help = format!("add {}; see {}", blocked.join(", "), known.source);
    Some(Finding::new(Code::UnknownDependencies, message, help))
}
