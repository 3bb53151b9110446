//! Each path that a configuration or an argument can name, with each kind of link.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::trap::{FILE_LINKS, FOLDER_LINKS, Trap};

/// What a configuration holds at a key for a path: the path replaces `PATH`.
const FILE_KEYS: [(&str, &[&str], &str); 5] = [
    ("policy-file", &["hash"], "paths = ['site']\npolicy-file = 'PATH'\n"),
    ("file", &["hash"], "paths = ['site']\n[[output]]\nformat = 'header'\nfile = 'PATH'\n"),
    (
        // It is compared, not read as what is deployed.
        "file",
        &["hash"],
        "paths = ['site']\n[[output]]\nformat = 'flask'\nfile = 'PATH'\n",
    ),
    ("into", &["hash"], "paths = ['site']\n[[output]]\nformat = 'nginx'\nfile = 'PATH'\ninto = true\n"),
    (
        "report-only-policy-file",
        &["hash"],
        "paths = ['site']\npolicy = 'img-src *'\nreport-only-policy-file = 'PATH'\n",
    ),
];

/// The keys of `cspseal.toml`: whether their values are paths, or globs that are held against paths.
const KEYS: [(&str, bool); 26] = [
    ("paths", true),
    ("include", true),
    ("exclude", true),
    ("follow", false),
    ("no-ignore", false),
    ("charset", false),
    ("template", false),
    ("algorithm", false),
    ("unsafe-hashes", false),
    ("external", false),
    ("mentioned", false),
    ("granularity", false),
    ("site-url", false),
    ("keep-unsafe-inline", false),
    ("exclude-template-content", false),
    ("policy", false),
    ("policy-file", true),
    ("preset", false),
    ("report-only-policy", false),
    ("report-only-policy-file", true),
    ("report-only-preset", false),
    ("output", true),
    ("nonce", false),
    ("deny", false),
    ("warn", false),
    ("allow", false),
];
const OUTPUT_KEYS: [&str; 5] = ["format", "file", "scope", "report-only", "into"];

#[test]
fn every_key_is_known_here() {
    let trap = Trap::new();
    for (table, keys) in [("", KEYS.map(|(key, _)| key).to_vec()), ("[[output]]\n", OUTPUT_KEYS.to_vec())] {
        trap.write("cspseal.toml", &format!("{table}qqqqqqqqqqqq = 1\n"));
        let ran = trap.run(&["hash"]);
        let keys = format!("the keys are {}\n", keys.join(", "));
        assert!(ran.err.contains(&keys), "a key to try with links: {}", ran.err);
    }
}

#[test]
fn no_file_of_a_configuration_is_outside() {
    for (key, args, config) in FILE_KEYS {
        for link in FILE_LINKS.iter().chain(&["dangling", "folder/new.txt"]) {
            let trap = Trap::new();
            trap.write("cspseal.toml", &config.replace("PATH", link));
            for command in [args, &["hash", "--check"], &["check"], &["list"]] {
                let ran = trap.run(command);
                let is_read = key.ends_with("policy-file") || command[0] != "list";
                if is_read && !(command == ["check"] && *link == "dangling") {
                    assert_eq!(ran.code, 2, "{key} {link} {command:?}: {}", ran.err);
                }
            }
            assert!(trap.repo().join("relative").is_symlink());
        }
    }
}

#[test]
fn no_page_of_a_configuration_is_outside() {
    for link in FOLDER_LINKS.iter().chain(&["page.html", "folder/page.html"]) {
        let trap = Trap::new();
        let config = format!("paths = ['{link}']\n[nonce]\nframework = 'flask'\n[[output]]\nformat = 'meta'\n");
        trap.write("cspseal.toml", &config);
        for args in [
            &["hash"][..],
            &["hash", "--check"],
            &["list"],
            &["check"],
            &["check", "--policy", "default-src 'self'"],
            &["nonce"],
            &["nonce", "--write"],
            &["nonce", "--check"],
            &["nonce", "-o", "copy"],
            &["nonce", "--follow", "--write"],
            &["nonce", "--print-policy"],
        ] {
            let ran = trap.run(args);
            assert_eq!(ran.code, 2, "{link} {args:?}: {}", ran.err);
            assert!(ran.err.contains("leads out of the folder"), "{}", ran.err);
        }
    }
}

#[test]
fn a_configuration_follows_links_inside_its_folder_only() {
    for config in [
        "paths = ['site']\nfollow = true\n",
        "paths = ['.']\nfollow = true\ninclude = ['*']\n",
        "paths = ['site']\ninclude = ['../*', '/*', '../../outside/*', '*']\nexclude = ['../*']\n",
    ] {
        let trap = Trap::new();
        trap.write("cspseal.toml", &format!("{config}[nonce]\nframework = 'flask'\n"));
        for args in [
            &["list"][..],
            &["nonce"],
            &["nonce", "--write"],
            &["nonce", "--write", "--follow"],
            &["nonce", "--write", "site"],
            &["check", "--policy", "default-src 'self'"],
        ] {
            let ran = trap.run(args);
            assert!(ran.code < 3);
            let is_told = ran.err.contains("unfollowed-link") || ran.out.contains("unfollowed-link");
            assert!(is_told, "{config} {args:?}: {}", ran.err);
        }
    }
}

#[test]
fn links_that_stay_inside_are_followed() {
    let trap = Trap::new();
    trap.write(
        "cspseal.toml",
        "paths = ['to-site']\npolicy-file = 'to-base'\n[[output]]\nformat = 'header'\nfile = 'to-inner/out.txt'\n\
         [[output]]\nformat = 'json'\nfile = 'json'\n",
    );
    trap.write("inner/json", "old");
    symlink("inner/json", trap.repo().join("json")).unwrap();
    let ran = trap.run(&["hash"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let policy = fs::read_to_string(trap.repo().join("inner/out.txt")).unwrap();
    assert!(policy.starts_with("default-src 'self'; script-src 'self' 'sha256-"));
    assert!(trap.repo().join("json").is_symlink());
    let json = fs::read_to_string(trap.repo().join("inner/json")).unwrap();
    assert!(json.contains("\"to-site/index.html\""), "{json}");
}

#[test]
fn a_hard_link_is_replaced_and_the_other_name_stays() {
    let trap = Trap::new();
    let secret = trap.repo().join("../outside/secret.txt");
    fs::hard_link(secret, trap.repo().join("hard")).unwrap();
    trap.write("cspseal.toml", "paths = ['site']\n[[output]]\nformat = 'header'\nfile = 'hard'\n");
    assert_eq!(trap.run(&["hash"]).code, 0);
    let policy = fs::read_to_string(trap.repo().join("hard")).unwrap();
    assert!(policy.starts_with("script-src 'sha256-"));
}

#[test]
fn repositories_programs_and_configurations_are_left_alone() {
    for (path, is_program) in [
        (".git/config", false),
        (".git/hooks/pre-commit", false),
        (".GIT/config", false),
        (".hg/hgrc", false),
        (".svn/x", false),
        (".jj/x", false),
        ("inner/.git/x", false),
        ("inner/.Git", false),
        ("git~1/config", false),
        (".git./config", false),
        (".g\u{200c}it/config", false),
        ("to-git/config", false),
        ("cspseal.toml", false),
        ("inner/cspseal.toml", false),
        ("inner/CSPSEAL.TOML", false),
        ("run.sh", true),
        ("to-run", true),
    ] {
        let trap = Trap::new();
        let at = trap.repo().join(path);
        fs::create_dir_all(trap.repo().join(".git")).unwrap();
        symlink(".git", trap.repo().join("to-git")).unwrap();
        symlink("run.sh", trap.repo().join("to-run")).unwrap();
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(&at, "canary").unwrap();
        if is_program {
            fs::set_permissions(&at, Permissions::from_mode(0o744)).unwrap();
        }
        for (key, args, config) in FILE_KEYS {
            let config = config.replace("PATH", path);
            trap.write("own.toml", &config);
            let args = [&["--config", "own.toml"], args].concat();
            let is_read_only = key.ends_with("policy-file");
            if is_program && is_read_only {
                continue;
            }
            let ran = trap.run(&args);
            assert_eq!(ran.code, 2, "{key} {path}: {}", ran.err);
            let said = ["version control", "is a configuration", "execute bit", "which is read"];
            assert!(said.iter().any(|said| ran.err.contains(said)), "{path}: {}", ran.err);
            assert_eq!(fs::read_to_string(&at).unwrap(), "canary", "{key}");
        }
        // Whoever starts the program may say so.
        let (_, args, config) = FILE_KEYS[1];
        trap.write("own.toml", &config.replace("PATH", path));
        let ran = trap.run(&[&["--config", "own.toml", "--allow-outside"], args].concat());
        assert_eq!(ran.code, 0, "{path}: {}", ran.err);
        assert!(fs::read_to_string(&at).unwrap().starts_with("script-src"), "{path}");
    }
}

#[test]
fn pages_are_not_looked_for_in_repositories_and_no_program_is_a_page() {
    let trap = Trap::new();
    for folder in [".git", ".HG", "inner/.svn"] {
        fs::create_dir_all(trap.repo().join(folder)).unwrap();
        trap.write(&format!("{folder}/hook.html"), "<script>canary()</script>");
    }
    trap.write("run.html", "<script>b()</script>");
    fs::set_permissions(trap.repo().join("run.html"), Permissions::from_mode(0o755)).unwrap();
    trap.write("cspseal.toml", "paths = ['.']\ninclude = ['*']\nexclude = ['*.txt']\n[nonce]\nframework = 'flask'\n");
    let before = fs::read_to_string(trap.repo().join("cspseal.toml")).unwrap();
    let ran = trap.run(&["nonce", "--write"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("run.html: has an execute bit"), "{}", ran.err);
    let read = |name: &str| fs::read_to_string(trap.repo().join(name)).unwrap();
    assert_eq!(read("run.html"), "<script>b()</script>");
    assert_eq!(read(".git/hook.html"), "<script>canary()</script>");
    assert_eq!(read("cspseal.toml"), before);
    assert!(read("site/index.html").contains("nonce="));
}

#[test]
fn what_a_configuration_includes_is_no_program_in_a_folder_of_the_arguments() {
    let trap = Trap::new();
    trap.write("inner/cspseal.toml", "# <script>a()</script>\n");
    trap.write("inner/tool", "# <script>a()</script>\n");
    let tool = trap.repo().join("inner/tool");
    fs::set_permissions(&tool, Permissions::from_mode(0o755)).unwrap();
    trap.write("cspseal.toml", "include = ['*']\n");
    let nonce = ["nonce", "--framework", "flask", "--write", "inner"];
    let ran = trap.run(&nonce);
    assert_eq!(ran.code, 2, "{}", ran.err);
    for name in ["tool", "cspseal.toml"] {
        let text = fs::read_to_string(trap.repo().join("inner").join(name)).unwrap();
        assert_eq!(text, "# <script>a()</script>\n");
        assert!(ran.err.contains(&format!("inner/{name}: ")), "{}", ran.err);
    }
    // Whoever chooses the files with the arguments may.
    let ran = trap.run(&[&nonce[..], &["--include", "tool"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(fs::read_to_string(tool).unwrap().contains("nonce="));
}

#[test]
fn a_configuration_cannot_lift_the_rule() {
    let trap = Trap::new();
    for text in ["allow-outside = true\n", "[nonce]\nallow-outside = true\n"] {
        trap.write("cspseal.toml", text);
        let ran = trap.run(&["hash"]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains("there is no key \"allow-outside\""), "{}", ran.err);
    }
}

#[test]
fn with_allow_outside_a_configuration_names_what_it_likes() {
    let trap = Trap::new();
    let base = trap.repo().join("../base.txt");
    fs::write(base, "default-src 'self'").unwrap();
    trap.write(
        "cspseal.toml",
        "paths = ['site']\npolicy-file = '../base.txt'\n[[output]]\nformat = 'header'\nfile = '../out.txt'\n",
    );
    let ran = trap.run(&["hash"]);
    assert!(ran.err.contains("../base.txt is outside"), "{}", ran.err);
    let ran = trap.run(&["--allow-outside", "hash"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let policy = fs::read_to_string(trap.repo().join("../out.txt")).unwrap();
    assert!(policy.starts_with("default-src 'self'; script-src 'self'"));
}

/// The path flags of each command and where a link of theirs must not lead; `PATH` is the path.
const FLAGS: [(&str, &[&str]); 27] = [
    ("reports <FILE>", &["reports", "PATH"]),
    ("reports --policy-file", &["reports", "--policy-file", "PATH", "json"]),
    ("reports --inventory", &["reports", "--inventory", "PATH", "json"]),
    ("reports --config", &["reports", "--config", "PATH", "json"]),
    ("hash --report-only-policy-file", &["hash", "--report-only-policy-file", "PATH", "site"]),
    ("hash --policy-file", &["hash", "--policy-file", "PATH", "site"]),
    ("hash --output", &["hash", "-o", "PATH", "site"]),
    ("hash --into", &["hash", "--format", "nginx", "--into", "PATH", "site"]),
    ("hash --config", &["hash", "--config", "PATH", "site"]),
    ("list --report-only-policy-file", &["list", "--report-only-policy-file", "PATH", "site"]),
    ("list --policy-file", &["list", "--policy-file", "PATH", "site"]),
    ("list --config", &["list", "--config", "PATH", "site"]),
    ("merge --report-only-policy-file", &["merge", "--report-only-policy-file", "PATH", "json"]),
    ("merge --policy-file", &["merge", "--policy-file", "PATH", "json"]),
    ("merge --output", &["merge", "-o", "PATH", "json"]),
    ("merge --into", &["merge", "--format", "nginx", "--into", "PATH", "json"]),
    ("merge --config", &["merge", "--config", "PATH", "json"]),
    ("merge <INVENTORIES>", &["merge", "PATH"]),
    ("check --report-only-policy-file", &["check", "--report-only-policy-file", "PATH", "site"]),
    ("check --policy-file", &["check", "--policy-file", "PATH", "site"]),
    ("check --captured", &["check", "--captured", "PATH", "site"]),
    ("check --output", &["check", "-o", "PATH", "--policy", "img-src *", "site"]),
    ("check --config", &["check", "--config", "PATH", "site"]),
    (
        "nonce --report-only-policy-file",
        &["nonce", "--framework", "flask", "--report-only-policy-file", "PATH", "site"],
    ),
    ("nonce --policy-file", &["nonce", "--framework", "flask", "--policy-file", "PATH", "site"]),
    ("nonce --into", &["nonce", "--framework", "flask", "--into", "PATH", "site"]),
    ("nonce --print-policy --output", &["nonce", "--framework", "flask", "--print-policy", "-o", "PATH", "site"]),
];

#[test]
fn no_link_takes_the_file_of_an_argument_out_of_the_working_folder() {
    let trap = Trap::new();
    trap.run(&["hash", "--format", "json", "-o", "json", "site"]);
    for (flag, args) in FLAGS {
        for link in FILE_LINKS.iter().chain(&["dangling"]) {
            let args: Vec<&str> = args.iter().map(|arg| if *arg == "PATH" { *link } else { *arg }).collect();
            let ran = trap.run(&args);
            assert_eq!(ran.code, 2, "{flag} {link}: {}", ran.err);
        }
    }
}

#[test]
fn nothing_is_quoted_from_a_deployed_file_outside() {
    let mut trap = Trap::new();
    let outside = [
        "Content-Security-Policy: canary; script-src canary\n",
        "{\"/\": \"canary; script-src 'canary'\"}",
        "/*\n  Content-Security-Policy: script-src 'canary' canary\n  canary\n",
        "canary",
    ];
    let mut read = 0;
    for content in outside {
        trap.write_outside("secret.txt", content);
        for format in ["json", "netlify", "netlify-toml", "cloudflare", "vercel", "firebase", "azure-swa", "map"] {
            for link in FILE_LINKS {
                for report in ["human", "json", "sarif", "github"] {
                    let args =
                        ["check", "--notes", "--deployed", link, "--deployed-as", format, "--format", report, "site"];
                    let ran = trap.run_reading(&args);
                    read += usize::from(ran.code == 1);
                    assert!(ran.code == 2 || ran.code == 1, "{args:?}: {}", ran.out);
                }
            }
        }
    }
    assert!(read > 10, "{read}");
}

#[test]
fn nothing_is_quoted_from_a_page_outside() {
    let mut trap = Trap::new();
    let page = "<meta http-equiv=Content-Security-Policy content=\"canary; script-src canary 'canary'\">\n\
                <p onclick='canary()' style='x:canary'><a href='javascript:canary'></a>\n\
                <script nonce='canary'>canary()</script><script src='//canary'></script><script>canary()</script>\n\
                <script integrity='canary' src='canary'></script><form action='//canary'></form><base href='//canary'>";
    trap.write_outside("page.html", page);
    let mut read = 0;
    let links = FOLDER_LINKS.iter().chain(&["page.html", "folder/page.html"]);
    for (link, follow) in links.map(|link| (*link, &[][..])).chain([("site", &["--follow"][..])]) {
        let policy = "script-src 'self'; style-src 'self'; form-action 'self'; base-uri 'self'; object-src 'none'";
        let check = ["check", "--notes", "--policy", policy, "--format"];
        let nonce = ["nonce", "--value", "abcdefghijklmnopqrstuv"];
        for args in [
            &["hash"][..],
            &["hash", "--format", "json"],
            &["hash", "--format", "list"],
            &["list"],
            &[&check[..], &["human"]].concat(),
            &[&check[..], &["json"]].concat(),
            &[&check[..], &["sarif"]].concat(),
            &[&check[..], &["github"]].concat(),
            &nonce,
            &[&nonce[..], &["--replace"]].concat(),
            &[&nonce[..], &["--check"]].concat(),
            &[&nonce[..], &["--print-policy"]].concat(),
        ] {
            let ran = trap.run_reading(&[args, follow, &[link]].concat());
            assert!(ran.code < 2, "{args:?} {link}: {}", ran.err);
            read += usize::from(ran.code == 1);
        }
    }
    assert!(read > 60, "{read}");
    // Named without a link it is meant.
    let output = std::process::Command::new(crate::support::PROGRAM)
        .args(["check", "--policy", "script-src 'self'", "../outside/page.html"])
        .current_dir(trap.repo())
        .output()
        .unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("canary"));
}

#[test]
fn no_link_takes_an_argument_into_a_repository_or_to_a_program() {
    for (leads_to, said) in [
        (".git/hooks/pre-commit", "version control"),
        ("cspseal.toml", "is a configuration"),
        ("run.sh", "execute bit"),
    ] {
        let trap = Trap::new();
        fs::create_dir_all(trap.repo().join(".git/hooks")).unwrap();
        trap.write(leads_to, "");
        let mode = Permissions::from_mode(0o744);
        fs::set_permissions(trap.repo().join(leads_to), mode).unwrap();
        symlink(leads_to, trap.repo().join("out.txt")).unwrap();
        for args in [
            &["hash", "--no-config", "site", "-o"][..],
            &["hash", "--no-config", "site", "--format", "nginx", "--into"],
            &["check", "--no-config", "site", "--policy", "img-src *", "-o"],
        ] {
            let ran = trap.run(&[args, &["out.txt"]].concat());
            assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
            assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
            assert_eq!(fs::read(trap.repo().join(leads_to)).unwrap(), b"");
        }
        // Named without a link it is meant.
        let ran = trap.run(&["hash", "--no-config", "site", "-o", leads_to]);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
}

#[test]
fn no_link_takes_pages_that_are_written_out_of_the_working_folder() {
    let trap = Trap::new();
    for link in FOLDER_LINKS.iter().chain(&["page.html", "folder/page.html"]) {
        for args in [&["nonce", "--framework", "flask", "--write"][..], &["hash", "--format", "meta", "--write"]] {
            let ran = trap.run(&[args, &["--", link]].concat());
            assert_eq!(ran.code, 2, "{args:?} {link}: {}", ran.err);
            assert!(ran.err.contains("leads out of the working folder"), "{}", ran.err);
        }
        let ran = trap.run(&["nonce", "--framework", "flask", "-o", link, "site"]);
        assert_eq!(ran.code, 2, "-o {link}: {}", ran.err);
    }
    // Links in a folder are not followed, and what is outside is not shown if they are.
    for args in [
        &["hash", "site"][..],
        &["list", "site"],
        &["check", "--policy", "default-src 'self'", "site"],
        &["nonce", "--framework", "flask", "--write", "site"],
        &["nonce", "--framework", "flask", "-o", "copy", "site"],
    ] {
        trap.run(args);
    }
    let ran = trap.run_reading(&["check", "--follow", "--policy", "default-src 'self'", "site"]);
    assert!(ran.out.contains("site/out/page.html:1:4"), "{}", ran.out);
}

#[test]
fn a_copy_does_not_go_through_the_links_of_an_earlier_one() {
    let trap = Trap::new();
    let copy = ["nonce", "--framework", "flask", "-o", "copy", "site"];
    assert_eq!(trap.run(&copy).code, 0);
    assert!(trap.repo().join("copy/out").is_symlink());
    fs::remove_file(trap.repo().join("site/out")).unwrap();
    fs::remove_file(trap.repo().join("site/page.html")).unwrap();
    fs::create_dir(trap.repo().join("site/out")).unwrap();
    for page in ["site/out/page.html", "site/out/new.html", "site/out/x.png", "site/page.html"] {
        trap.write(page, "<script>evil()</script>");
    }
    let ran = trap.run(&copy);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("copy/out/page.html: cannot be written"), "{}", ran.err);
}

/// Every flag of the command that takes a path is in the table.
#[test]
fn every_path_flag_is_known_here() {
    let trap = Trap::new();
    for command in ["hash", "nonce", "list", "merge", "check", "reports", "init", "explain", "formats"] {
        let help = trap.run(&["help", command]).out;
        for line in help.lines() {
            let line = line.trim();
            let is_path = ["<FILE>", "<DIR>", "INVENTORIES>", "[PATHS]"];
            if !is_path.iter().any(|value| line.contains(value)) || line.contains("Usage") {
                continue;
            }
            let name = line.split_whitespace().find(|word| word.starts_with("--"));
            let name = name.unwrap_or(line.split_whitespace().next().unwrap());
            let name = format!("{command} {}", name.trim_end_matches('.'));
            let elsewhere = name.ends_with("[PATHS]")
                || [
                    "nonce --output",
                    "nonce --config",
                    "check --deployed",
                    // In check::live.
                    "check --compare",
                ]
                .contains(&&*name)
                || ["init", "explain", "formats"].contains(&command);
            let is_known = FLAGS.iter().any(|(flag, _)| *flag == name);
            assert!(is_known || elsewhere, "{name} is to be tried with links");
        }
    }
}

/// A configuration that is a link to a file of another name, and another link to that.
#[test]
fn no_link_leads_to_what_the_configuration_is_a_link_to() {
    let trap = Trap::new();
    let own = "policy = \"script-src 'self'\"\n";
    trap.write("own.toml", own);
    let _ = fs::remove_file(trap.repo().join("cspseal.toml"));
    symlink("own.toml", trap.repo().join("cspseal.toml")).unwrap();
    symlink("own.toml", trap.repo().join("c.html")).unwrap();
    for args in [
        &["hash", "--format", "meta", "--write", "--", "c.html"][..],
        &["nonce", "--framework", "flask", "--write", "--", "c.html"],
        &["hash", "-o", "c.html", "site"],
    ] {
        let ran = trap.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(" configuration"), "{}", ran.err);
        let now = fs::read_to_string(trap.repo().join("own.toml")).unwrap();
        assert_eq!(now, own, "{args:?}");
    }
}

/// No folder has it as a page, whoever names the folder and whether links are followed.
#[test]
fn no_folder_has_what_the_configuration_is_a_link_to() {
    let trap = Trap::new();
    let own = "include = [\"own.*\"]\npolicy = \"script-src 'self'\"\n# <script>own()</script>\n";
    fs::create_dir(trap.repo().join("in")).unwrap();
    trap.write("in/own.toml", own);
    let _ = fs::remove_file(trap.repo().join("cspseal.toml"));
    symlink("in/own.toml", trap.repo().join("cspseal.toml")).unwrap();
    symlink("in", trap.repo().join("there")).unwrap();
    symlink("own.toml", trap.repo().join("in/own.html")).unwrap();
    for args in [
        &[][..],
        &["--", "."],
        &["--", "in"],
        &["--", "there"],
        &["--", "site/../in"],
        &["--follow", "in"],
        &["--follow", "there"],
        &["--follow"],
    ] {
        let args = [&["hash", "--format", "meta", "--write"], args].concat();
        trap.run(&args);
        let now = fs::read_to_string(trap.repo().join("in/own.toml")).unwrap();
        assert_eq!(now, own, "{args:?}");
    }
}
