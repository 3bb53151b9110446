//! How findings are shown.

pub(super) mod human;
