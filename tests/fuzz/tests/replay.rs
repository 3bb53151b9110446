//! Everything that is kept of the corpus, and every seed, through its target: nothing that was mended breaks again.

use std::panic::catch_unwind;

use cspseal_fuzz::{TARGETS, inputs};

#[test]
fn the_corpus_holds() {
    let mut broken = Vec::new();
    for (target, check) in TARGETS {
        let inputs = inputs(target);
        assert!(inputs.len() >= 20, "{target}: {} inputs", inputs.len());
        for (name, input) in &inputs {
            if catch_unwind(|| check(input)).is_err() {
                broken.push(format!("{target}: {name}"));
            }
        }
        println!("{target}: {} inputs", inputs.len());
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_target_is_a_fuzzer() {
    let manifest = include_str!("../Cargo.toml");
    for (target, _) in TARGETS {
        let path = format!("name = \"{target}\"\npath = \"targets/{target}.rs\"");
        assert!(manifest.contains(&path), "{target}");
    }
}
