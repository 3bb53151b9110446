//! The browsers that a page must work in. Where they read a page or a policy differently, what each reads counts.

named! {
    /// Browser.
    pub(crate) enum Browser {
        Chromium = "Chromium",
        Firefox = "Firefox",
    }
}
