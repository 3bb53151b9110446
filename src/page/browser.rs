//! The browsers that a page must work in. Where they read a page or a policy differently, what each reads counts.

/// Browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Browser {
    Chromium,
    Firefox,
}

impl Browser {
    pub(crate) const ALL: [Self; 2] = [Self::Chromium, Self::Firefox];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
        }
    }
}
