//! The command as a user runs it: arguments, configuration, outputs and exit codes.

mod config;
mod dead_nonce;
mod excerpts;
mod explain;
mod external;
mod integrity;
mod levels;
mod limits;
mod list;
mod mentioned;
mod nonce;
mod nonce_config;
mod one_policy;
mod outputs;
mod recorded;
mod remedies;
mod reports;
mod roll_out;
mod scopes;
mod script_text;
