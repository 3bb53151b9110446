//! What the library makes of pages and templates: their hashes and their nonces.

mod browser_cases;
mod differential;
mod nonces;
mod own_files;
mod own_scripts;
mod templates;
