//! Files with the names of options: what a hook hands over is never an option.

use std::fs;

use crate::support::{folder, read, run};

/// The hooks that get the names of files: their commands.
fn commands() -> Vec<Vec<String>> {
    let manifest = fs::read_to_string(".pre-commit-hooks.yaml").unwrap();
    let hooks = manifest.split("\n- id: ").skip(1);
    let hooks = hooks.filter(|hook| !hook.contains("pass_filenames: false"));
    hooks
        .map(|hook| {
            let value = |key: &str| {
                let line = hook.lines().find_map(|line| line.trim().strip_prefix(key));
                line.unwrap_or_default().trim().to_owned()
            };
            let entry = value("entry: cspseal ");
            let args = value("args:");
            let args = args.trim_matches(['[', ']']).split(',').map(str::trim);
            let words = entry.split(' ').chain(args.filter(|arg| !arg.is_empty()));
            words.map(str::to_owned).collect()
        })
        .collect()
}

/// Every option of a command, long and short.
fn options(command: &str) -> Vec<String> {
    let folder = folder(&[]);
    let help = run(folder.path(), &["help", command]).out;
    let words = help.split([' ', '\n', ',', '=', '[', '<', '.']);
    let is_option = |word: &&str| word.len() > 1 && word.starts_with('-') && *word != "--";
    let mut options: Vec<_> = words.filter(is_option).map(str::to_owned).collect();
    options.sort();
    options.dedup();
    assert!(options.len() > 10, "{options:?}");
    options
}

/// Names of files like each option, with and without a value.
fn names(command: &str) -> Vec<String> {
    let options = options(command).into_iter();
    let names = options.flat_map(|option| [format!("{option}=EVIL.html"), format!("{option}EVIL.html"), option]);
    names.chain(["-".repeat(3)]).collect()
}

fn with_files(names: &[String]) -> tempfile::TempDir {
    let folder = folder(&[("cspseal.toml", "[nonce]\nframework = 'django'\n")]);
    for name in names.iter().map(String::as_str).chain(["page.html"]) {
        fs::write(folder.path().join(name), "<script>a()</script>").unwrap();
    }
    folder
}

#[test]
fn the_hooks_take_names_for_names() {
    let commands = commands();
    assert!(!commands.is_empty());
    for command in commands {
        let names = names(&command[0]);
        let folder = with_files(&names);
        let words = command.iter().chain(&names).map(String::as_str);
        let ran = run(folder.path(), &words.chain(["page.html"]).collect::<Vec<_>>());
        assert!(ran.code < 2, "{}", ran.err);
        for name in names.iter().map(String::as_str).chain(["page.html"]) {
            let page = read(&folder, name);
            assert_eq!(page, "<script nonce=\"{{ csp_nonce }}\">a()</script>", "{name}");
        }
    }
}

#[test]
fn a_name_that_looks_like_an_option_is_neither_without_dashes_before_it() {
    for command in ["nonce", "hash", "list", "check", "merge", "reports"] {
        for name in names(command) {
            let folder = with_files(std::slice::from_ref(&name));
            let mut args = vec![command, &name, "page.html"];
            if command == "nonce" {
                args.push("--write");
            }
            let ran = run(folder.path(), &args);
            assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
            assert!(ran.err.contains("also the name of a file"), "{args:?}: {}", ran.err);
            assert_eq!(read(&folder, "page.html"), "<script>a()</script>", "{args:?}");
        }
    }
    // The dashes can be a name too, and come after the others.
    let folder = with_files(&["--value=EVIL.html".to_owned(), "--".to_owned()]);
    let args = ["nonce", "--write", "page.html", "--value=EVIL.html", "--"];
    let ran = run(folder.path(), &args);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(read(&folder, "page.html"), "<script>a()</script>");
    let args = ["nonce", "--write", "--", "--value=EVIL.html", "--"];
    let ran = run(folder.path(), &args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(read(&folder, "--value=EVIL.html").contains("{{ csp_nonce }}"));
    // With the dashes somewhere it is clear what is what.
    let folder = with_files(&["--notes".to_owned()]);
    let policy = ["check", "--policy", "script-src 'unsafe-inline'"];
    let ran = run(folder.path(), &[&policy[..], &["--notes", "--", "--notes"]].concat());
    assert!(ran.out.contains("--notes") || ran.code == 0, "{}", ran.err);
}

#[test]
fn the_recipes_put_dashes_before_names_that_somebody_else_chose() {
    let readme = fs::read_to_string("README.md").unwrap();
    for line in readme.lines().filter(|line| line.trim_start().starts_with("cspseal ")) {
        let mut words = line.split_whitespace();
        let glob = words.position(|word| word.contains('*') || word.contains("\"$@\""));
        let dashes = line.split_whitespace().position(|word| word == "--");
        assert!(glob.is_none() || dashes < glob && dashes.is_some(), "{line}");
    }
    let args = readme.lines().find(|line| line.contains("args: [--framework")).unwrap();
    assert!(args.contains("args: [--framework, django, --]"), "{args}");
}
