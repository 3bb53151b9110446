//! The size of a policy on its way to the browser: what passes servers can be too long for the proxies in front of them.

use crate::finding::{Code, Finding};

/// How many bytes of policy pass every proxy: nginx has a buffer of 4 or 8 KB for the header of a response, which other headers
/// are in as well, and answers with a 502 where it does not suffice.
pub const PROXY_LIMIT: usize = 4096;

/// The finding about a policy of this many bytes, and how the message names it; `can_split` if each page could have its own.
pub(crate) fn large_policy(name: &str, bytes: usize, can_split: bool) -> Option<Finding> {
    let message = || {
        format!(
            "{name} has {bytes} bytes: nginx as a proxy rejects response headers over its buffer, which has 4 or 8 KB, with a 502, and Node.js those over 16 KB"
        )
    };
    let split = match can_split {
        true => "give each page its own policy with --scope page, ",
        false => "",
    };
    let help =
        || format!("{split}move inline scripts and styles into files, or use nonces; or raise proxy_buffer_size");
    (bytes > PROXY_LIMIT).then(|| Finding::new(Code::LargePolicy, message(), help()))
}
