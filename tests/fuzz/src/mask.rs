//! The mask of a template in each dialect.

use cspseal::template::Dialect;

use crate::input::Input;

#[path = "../../properties/mask.rs"]
mod properties;

pub(crate) fn check(data: &[u8]) {
    let Some(input) = Input::read(data) else {
        return;
    };
    properties::check(input.choose(Dialect::ALL), input.text, &input.ends());
}
