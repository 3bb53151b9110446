//! What `check` finds: in pages, in the policies over them, and in what `hash` writes, which must be accepted.

mod agreement;
mod browser_cases;
mod captured;
mod deployed;
mod evaluator;
mod helpers;
mod live;
mod mistakes;
mod pages;
