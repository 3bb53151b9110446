//! What a folder can be: the files that tell, and how its configuration starts.

/// What a folder can be.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// Files, with spaces between, one of which is there.
    pub(super) marks: &'static str,
    /// What one of them says besides, in small letters; empty for nothing.
    pub(super) says: &'static str,
    pub(super) starter: Starter,
}

/// Where the pages are, and how they are deployed.
#[derive(Clone, Copy)]
pub(super) struct Starter {
    pub(super) pages: Pages,
    pub(super) template: &'static str,
    /// The framework that makes the nonces.
    pub(super) framework: Option<&'static str>,
    pub(super) format: &'static str,
    pub(super) file: &'static str,
    /// Whether the pages have a router that swaps them without a page load.
    pub(super) is_routed: bool,
}

/// Where the pages of a kind are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pages {
    /// In one of these folders, once they are built; the first is the usual one.
    Built(&'static [&'static str]),
    /// In this folder, as templates.
    Templates(&'static str),
    /// In the folders of this name, wherever they are: those of the project and of its parts.
    EveryFolder(&'static str),
}

impl Kind {
    pub(super) const fn new(name: &'static str, marks: &'static str, says: &'static str, starter: Starter) -> Self {
        Self { name, marks, says, starter }
    }
}

impl Starter {
    /// For pages that a generator builds.
    pub(super) const fn built(folders: &'static [&'static str]) -> Self {
        Self {
            pages: Pages::Built(folders),
            template: "none",
            framework: None,
            format: "header",
            file: "csp.txt",
            is_routed: false,
        }
    }

    /// The same with a router in the pages.
    pub(super) const fn routed(folders: &'static [&'static str]) -> Self {
        Self { is_routed: true, ..Self::built(folders) }
    }

    /// For the templates of a framework, whose name is that of its output too.
    pub(super) const fn templates(
        pages: Pages,
        template: &'static str,
        framework: &'static str,
        file: &'static str,
    ) -> Self {
        Self { pages, template, framework: Some(framework), format: framework, file, is_routed: false }
    }

    pub(super) const fn django(framework: &'static str) -> Self {
        Self::templates(Pages::EveryFolder("templates"), "django", framework, "csp_settings.py")
    }

    pub(super) const fn flask(framework: &'static str) -> Self {
        Self::templates(Pages::EveryFolder("templates"), "jinja", framework, "csp.py")
    }
}
