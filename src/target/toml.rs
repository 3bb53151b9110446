//! A limit for TOML files, in which a table takes a thousand times the bytes of its name.

/// The signs with which a table or a list may begin.
const MOST: usize = 2_000_000;

/// Rejects a file whose tables may take all memory.
pub(crate) fn check_tables(text: &str) -> Result<(), String> {
    let begins = |byte: &u8| matches!(byte, b'.' | b'[' | b'{');
    let signs = text.bytes().filter(begins).count();
    match signs > MOST {
        true => Err(format!(
            "has {signs} of the signs `.`, `[` and `{{`, with which tables begin, and {MOST} are read at most; shorten it"
        )),
        false => Ok(()),
    }
}
