//! The arguments; the doc comments are the help.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use encoding_rs::Encoding;

use crate::HashAlgorithm;
use crate::emit::EMITTERS;

/// Hash every inline resource of a site that a browser would check, and print the
/// Content-Security-Policy that fits
#[derive(Debug, Parser)]
#[command(name = "cspseal", version, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 a finding of severity error, 2 work that could not be done."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,

    /// Colour the diagnostics
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(super) color: Color,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Hash the inline resources and print the policy that allows them
    ///
    /// The policy goes to standard output, findings go to standard error.
    Hash(HashArgs),
    /// Show what is inline: a table of every distinct inline resource, and the sizes of the policies
    List(ListArgs),
}

#[derive(Debug, Args)]
pub(super) struct HashArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,

    /// What to print
    #[arg(
        long,
        value_name = "FORMAT",
        help_heading = "Output",
        default_value = "header"
    )]
    #[arg(value_parser = formats())]
    pub(super) format: String,

    /// Write to FILE, and only when its content changes
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
}

#[derive(Debug, Args)]
pub(super) struct InputArgs {
    /// Folders to walk and files to read; `-` is standard input
    #[arg(value_name = "PATHS", default_value = ".", help_heading = "Input")]
    pub(super) paths: Vec<PathBuf>,

    /// Read the files of folders that match GLOB instead of *.html and *.htm
    ///
    /// A glob without a slash is matched against the name, one with a slash against the path below
    /// the folder. Can be given several times. Files named as PATHS are read whatever their name.
    #[arg(long, value_name = "GLOB", help_heading = "Input")]
    pub(super) include: Vec<String>,

    /// Leave out files and folders that match GLOB
    #[arg(long, value_name = "GLOB", help_heading = "Input")]
    pub(super) exclude: Vec<String>,

    /// The charset that the server sends with its pages, which beats what they declare
    #[arg(long, value_name = "LABEL", help_heading = "Input", value_parser = encoding)]
    pub(super) charset: Option<&'static Encoding>,

    /// Leave out the content of inert <template> elements
    ///
    /// It is hashed by default, because browsers check it as soon as a script clones it.
    #[arg(long, help_heading = "Input")]
    pub(super) exclude_template_content: bool,

    /// The hash algorithm
    #[arg(
        long,
        value_name = "ALGORITHM",
        help_heading = "Policy",
        default_value = "sha256"
    )]
    #[arg(value_parser = algorithms())]
    pub(super) algorithm: HashAlgorithm,
}

#[derive(Debug, Args)]
pub(super) struct PolicyArgs {
    /// The policy to add the hashes to; without one the directives with the hashes are printed
    #[arg(long, value_name = "POLICY", help_heading = "Policy")]
    #[arg(conflicts_with_all = ["policy_file", "preset"])]
    pub(super) policy: Option<String>,

    /// Read the policy to add the hashes to from FILE
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Policy",
        conflicts_with = "preset"
    )]
    pub(super) policy_file: Option<PathBuf>,

    /// Start from a ready policy
    #[arg(long, value_enum, value_name = "NAME", help_heading = "Policy")]
    pub(super) preset: Option<Preset>,

    /// Hash event handlers, style attributes and javascript: URLs too
    ///
    /// They need 'unsafe-hashes', which also lets injected markup use the same handlers elsewhere. Without it each of
    /// them is reported as an error, because the policy blocks it.
    #[arg(long, help_heading = "Policy", overrides_with = "no_unsafe_hashes")]
    pub(super) unsafe_hashes: bool,

    /// Report event handlers, style attributes and javascript: URLs as blocked [default]
    #[arg(long, help_heading = "Policy", action = ArgAction::SetTrue)]
    pub(super) no_unsafe_hashes: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Preset {
    /// default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'
    #[value(name = "self")]
    SelfOnly,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    /// When standard error is a terminal
    Auto,
    Always,
    Never,
}

impl From<Color> for anstream::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

fn formats() -> PossibleValuesParser {
    let value = |emitter: &&dyn crate::emit::Emitter| {
        PossibleValue::new(emitter.name()).help(emitter.about())
    };
    PossibleValuesParser::new(EMITTERS.iter().map(value))
}

fn algorithms() -> impl clap::builder::TypedValueParser<Value = HashAlgorithm> {
    use clap::builder::TypedValueParser as _;
    PossibleValuesParser::new(HashAlgorithm::ALL.map(HashAlgorithm::name))
        .try_map(|name| name.parse::<HashAlgorithm>())
}

fn encoding(label: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(label.as_bytes())
        .ok_or_else(|| "not a label of the Encoding Standard; try utf-8 or windows-1252".to_owned())
}
