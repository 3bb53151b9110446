//! The integration tests, in one program: each compiled and linked alone would cost more than all of them take to run.
//!
//! The tests share a process and run on several threads, so none of them may change its folder, its environment or its limits;
//! a test that needs others gives them to the command it starts. `growth` and `memory` measure what all children of their process
//! take and `browser` drives browsers, so these are programs of their own.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod check;
mod command;
mod files;
mod layering;
mod lock;
mod merge;
mod pages;
mod properties;
mod readme;
mod repository;
mod support;
