//! Why the file behind a URL of the site tells nothing, or not all. Inventories keep it, since whoever merges them has no files.

use serde::{Deserialize, Serialize};
use url::Url;

use super::SiteUrl;
use super::subresources::{MOST_FILES, MOST_IMPORTS};
use crate::finding::{Code, Finding};
use crate::page::Destination;

/// The problem with the file of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FileProblem {
    /// No file answers the URL.
    Missing,
    /// Nobody said in which folder it would be.
    Unsought,
    /// It cannot be read, for this reason.
    Unread(String),
    /// It imports more files than are read.
    CutOff,
    /// It is a file for `use` with `style` attributes or event handlers.
    InlineAttributes,
    /// It is a script that the parser cannot read.
    TooLarge,
    /// It is a script that imports this name, which the import map of the page resolves.
    Unresolved(String),
}

impl FileProblem {
    /// The finding about it; without a place.
    pub(crate) fn finding(&self, destination: Destination, url: &Url, site: &SiteUrl) -> Finding {
        let shown = site.path_of(url).unwrap_or(url.as_str());
        match self {
            Self::Missing => {
                let mut help = "build the file, or correct the URL".to_owned();
                if !site.is_known() {
                    help.push_str("; if the site is served below a path, name that with --site-url");
                }
                let message = format!("no file of the site answers {shown}");
                Finding::new(Code::MissingFile, message, help)
            }
            Self::Unsought => Finding::new(
                Code::MissingFile,
                format!("the file of {shown} was not found from the page, so what it asks for is unknown"),
                "name the folder of the site in place of its pages",
            ),
            Self::Unread(error) => Finding::new(
                Code::UnreadFile,
                format!("the file of {shown} was not read, so what it asks for is unknown: {error}"),
                "make it a readable file; where a symbolic link leads to it, say --follow",
            ),
            Self::CutOff => {
                let nouns = match destination {
                    Destination::Script => "scripts",
                    Destination::Use => "files for `use`",
                    _ => "style sheets",
                };
                let message = format!(
                    "{shown} leads to {MOST_FILES} {nouns} or more, or they have more than {MOST_IMPORTS} imports; what the others ask for is unknown"
                );
                Finding::new(Code::UnreadFile, message, format!("join the {nouns}"))
            }
            Self::InlineAttributes => Finding::new(
                Code::UnknownDependencies,
                format!(
                    "{shown} has `style` attributes or event handlers; where a page shows it with `use`, Firefox asks the policy of the page about them, and their hashes are not in it"
                ),
                "write the styles as attributes such as `fill`, or in the style sheet of the page",
            ),
            Self::TooLarge => Finding::new(
                Code::UnknownDependencies,
                format!(
                    "{shown} is longer or may be nested deeper than the parser can read, so of what it imports and mentions only URLs in quotes are known"
                ),
                "split it, or look at what browsers report and list its hosts in the policy",
            ),
            Self::Unresolved(specifier) => Finding::new(
                Code::UnknownDependencies,
                format!(
                    "scripts of the site import `{specifier}`, whose URL depends on the import map of the page and is not looked up there"
                ),
                "import it by its URL, or in an inline module of the page, too",
            ),
        }
    }
}
