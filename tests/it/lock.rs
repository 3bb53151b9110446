//! The lock files say all that a bill of materials needs: each package comes from crates.io, with its checksum.

use std::fs;

/// The packages of a lock file that do not come from crates.io with a checksum.
fn others(path: &str) -> Vec<String> {
    let lock: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let packages = lock["package"].as_array().unwrap();
    assert!(packages.len() > 50, "{path}");
    let field = |package: &toml::Value, name: &str| {
        let text = package.get(name).and_then(toml::Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let is_other = |package: &&toml::Value| {
        let checksum = field(package, "checksum");
        let is_checked = checksum.len() == 64 && checksum.bytes().all(|b| b.is_ascii_hexdigit());
        let source = "registry+https://github.com/rust-lang/crates.io-index";
        field(package, "source") != source || !is_checked
    };
    let others = packages.iter().filter(is_other);
    others.map(|package| field(package, "name")).collect()
}

#[test]
fn every_package_is_from_crates_io_with_its_checksum() {
    assert_eq!(others("Cargo.lock"), ["cspseal"]);
    assert_eq!(others("tests/fuzz/Cargo.lock"), ["cspseal", "cspseal-fuzz"]);
}
