//! What the commands that edit pages share: the files, what is done with each, and what it all came to.

mod files;

pub(super) use files::{Edit, Edited, Files, Mode};
