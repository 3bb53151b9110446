//! The table of targets, and small sites for the tests of each target.

pub(super) mod fixture;

use super::*;

#[test]
fn every_name_is_found_and_stands_once() {
    let mut names: Vec<_> = TARGETS.iter().map(|target| target.name()).collect();
    for name in &names {
        assert_eq!(target(name).unwrap().name(), *name);
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), TARGETS.len());
}
