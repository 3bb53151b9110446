//! Template syntaxes: which one a file is in, and how its code is hidden from an HTML parser.
//!
//! Code between `{{` and `}}` or `<?php` and `?>` may hold quotes, `<` and `>` that are no HTML.
//! [`Mask`] puts filler of the same length in its place, so that an HTML parser sees only HTML and
//! every offset survives. Each [`Dialect`] is cut by the rules of its own engine. This module knows
//! no HTML beyond what the filler needs to leave tags whole.

mod context;
mod dialect;
mod helpers;
mod hint;
mod input;
mod lexer;
mod mask;
mod outline;
mod places;
mod problem;
mod ruby;
mod scripts;
mod strings;
mod words;

pub use dialect::{Dialect, Templates};
pub(crate) use helpers::{HelperCall, Written};
pub use hint::looks_like_code;
pub(crate) use hint::{Hint, unannounced};
pub use mask::{HiddenKind, HiddenSpan, Mask, Masked, UsualCode, mask};
#[cfg(feature = "cli")]
pub(crate) use outline::Call;
pub(crate) use outline::{Block, BlockKind, Links, MOST_OPEN, Outline, Target, Use, called};
pub use problem::{Problem, ProblemKind};
pub(crate) use strings::Strings;
