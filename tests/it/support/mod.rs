//! What several tests need: the command, folders to run it in, and the pages that are test data.

pub(crate) use command::{PROGRAM, Ran, run, run_with_input};
pub(crate) use folder::{folder, read};
pub(crate) use server::{Server, html, response};

pub(crate) mod browser_cases;
mod command;
mod folder;
pub(crate) mod pages;
mod server;

#[path = "../../properties/differential/mod.rs"]
pub(crate) mod differential;
#[path = "../../properties/nasty.rs"]
pub(crate) mod nasty;
