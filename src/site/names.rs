//! How paths are written in what is reported: the same on every system, however they were given.

use std::path::{Component, MAIN_SEPARATOR, Path};

/// A path as it is reported.
pub(super) fn shown(path: &Path) -> String {
    String::from_utf8(slashed(path)).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// A path with `/` between its parts, without a leading `./`, in the bytes of the system.
pub(super) fn slashed(path: &Path) -> Vec<u8> {
    let whole = path.as_os_str().as_encoded_bytes();
    if MAIN_SEPARATOR == '/' && is_slashed(whole) {
        return whole.to_owned();
    }
    rejoined(path)
}

/// The same, part by part.
fn rejoined(path: &Path) -> Vec<u8> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let parts: Vec<&[u8]> = parts.map(|part| part.as_os_str().as_encoded_bytes()).collect();
    let name = parts.join(&b'/');
    // The root of an absolute path is a component of its own.
    match memchr::memmem::find(&name, b"//") {
        Some(twice) => [&name[..twice], &name[twice + 1..]].concat(),
        None => name,
    }
}

/// Whether a path is written with no more than that, as nearly all are.
fn is_slashed(path: &[u8]) -> bool {
    memchr::memchr_iter(b'/', path).all(|at| {
        let part = &path[at + 1..];
        !matches!(part, [] | [b'/', ..] | [b'.'] | [b'.', b'/', ..])
    }) && !matches!(path, [] | [b'.'] | [b'.', b'/', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_slash_between_parts() {
        for (path, name) in [
            ("a/b.html", "a/b.html"),
            ("./a/b.html", "a/b.html"),
            ("a/./b//c/.", "a/b/c"),
            ("a/", "a"),
            (".", ""),
            ("", ""),
            ("./", ""),
            ("/", "/"),
            ("/a", "/a"),
            ("//a", "/a"),
            ("/./a", "/a"),
            ("../a", "../a"),
            ("a/../.b/...", "a/../.b/..."),
        ] {
            assert_eq!(shown(Path::new(path)), name, "{path}");
            assert_eq!(rejoined(Path::new(path)), name.as_bytes(), "{path}");
        }
    }
}
