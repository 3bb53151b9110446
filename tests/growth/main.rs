//! How the time of a run grows with its input: four times as much takes at most five times as long, and there is an answer.
//!
//! Each case runs the command on an input of size n and on one of 4n, side by side, so that a machine that is slow or busy is so for
//! both. What counts is the processor's time of the process, the least of a few runs. Linear gives 4 and less, quadratic 16.
//! There is a case for every reader, every command and everything in its input that can repeat.

#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used)]

mod callers;
mod commands;
mod configuration;
mod deployed;
mod encodings;
mod findings;
mod folders;
mod formats;
mod frames;
mod imports;
mod inventories;
mod measure;
mod nesting;
mod policies;
mod rules;
mod scripts;
mod settings;
mod sources;
mod tags;
mod templates;
