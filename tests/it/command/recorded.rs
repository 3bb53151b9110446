//! The command, run on the cases in `recorded`: each a command line with what it prints and its exit code.

use crate::support::PROGRAM;

#[test]
fn commands_print_what_is_recorded() {
    trycmd::TestCases::new()
        // Cases of a program that is not found would be left out.
        .register_bin("cspseal", std::path::Path::new(PROGRAM))
        .case("tests/it/command/recorded/*.toml")
        .case("tests/it/command/recorded/*.trycmd");
}
