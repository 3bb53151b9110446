//! The `cspseal` command.
fn main() {}
