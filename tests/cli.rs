//! The command, run on the cases in `tests/cmd`: each a command line with what it prints and its exit code.

#[test]
fn commands_print_what_is_recorded() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.toml")
        .case("tests/cmd/*.trycmd");
}
