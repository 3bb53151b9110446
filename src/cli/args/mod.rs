//! The arguments; the doc comments are the help.

mod check;
mod findings;
mod integrity;
mod nonce;
mod policy;
mod reports;

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use encoding_rs::Encoding;

use crate::HashAlgorithm;
use crate::site::SiteUrl;
use crate::target::{TARGETS, Target};
use crate::template::{Dialect, Templates};
pub(super) use check::CheckArgs;
pub(super) use findings::{ExplainArgs, LevelArgs};
pub(super) use integrity::IntegrityArgs;
pub(super) use nonce::{NonceArgs, NonceElement, NonceFormat};
pub(super) use policy::{BaseArgs, ExternalArgs, PolicyArgs, Preset, inline_directive};
pub(super) use reports::{ReportsArgs, ReportsFormat};

/// Hash every inline resource of a site that a browser would check, and print the
/// Content-Security-Policy that fits
#[derive(Debug, Parser)]
#[command(name = "cspseal", version, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 done, 1 a finding of severity error, 2 work that could not be done.")]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,

    /// Read the configuration from FILE instead of the nearest cspseal.toml upwards
    #[arg(long, global = true, value_name = "FILE", help_heading = "Config")]
    #[arg(conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,

    /// Read no configuration
    #[arg(long, global = true, help_heading = "Config")]
    pub(super) no_config: bool,

    /// Allow paths of the configuration outside its folder, and links that lead out of the working folder
    ///
    /// Without it they stay below that folder and out of .git, .hg, .svn and .jj, and neither a file with an execute bit nor a
    /// configuration is replaced. A relative path of the arguments stays below the working folder, whatever links are on it.
    #[arg(long, global = true, help_heading = "Config")]
    pub(super) allow_outside: bool,

    /// Colour diagnostics and diffs
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(super) color: Color,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Hash the inline resources and print the policy that allows them
    ///
    /// The policy goes to standard output, findings go to standard error.
    Hash(Box<HashArgs>),
    /// Put a nonce into every script and style of templates or pages, and change nothing else
    ///
    /// Shows a diff unless --write, --check or -o says otherwise. For sources only: never run it over rendered output, since what an
    /// attacker injected there would get a nonce as well.
    Nonce(Box<NonceArgs>),
    /// Put the digest of each file of the site into the elements that name it, and change nothing else
    ///
    /// Writes `integrity` and `crossorigin` into scripts, style sheets and their preloads, and the digests of modules into the import
    /// map. Shows a diff unless --write, --check or -o says otherwise. Elements that scripts create are out of sight.
    Integrity(Box<IntegrityArgs>),
    /// Show what is inline, or with --external what the pages ask for by URL
    ///
    /// A table of every distinct inline resource and the sizes of the policies. With --external tables of directives and origins: of
    /// what the pages ask for, and of what their scripts mention.
    List(ListArgs),
    /// Join inventories (`--format json`) of parts of a site, and print any format for the whole
    Merge(MergeArgs),
    /// Report what browsers would block under the site's policies
    ///
    /// Everything that Chromium or Firefox blocks is an error. The policies are those of the arguments, those that are deployed, and those in
    /// the pages; without any, those of the outputs of the configuration. With a URL such as https://example.com/ as PATHS, the site
    /// is fetched from its server, and each page is judged under the headers that it came with.
    Check(Box<CheckArgs>),
    /// Show what browsers reported: tables of violations, and the hashes of inline resources
    ///
    /// With --policy-file, print that policy with the reported hosts. Anybody can send a report, so review them.
    Reports(ReportsArgs),
    /// List the formats of `hash`: their scopes, limits and targets
    Formats,
    /// Write a cspseal.toml to start from, fitted to what the folder holds
    Init,
    /// Say what a finding means, with an example, and what to do about it
    Explain(ExplainArgs),
}

#[derive(Debug, Args)]
pub(super) struct HashArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    #[command(flatten)]
    pub(super) external: ExternalArgs,
    #[command(flatten)]
    pub(super) sent: SentNonceArgs,

    #[command(flatten)]
    pub(super) output: OutputArgs,

    /// With --format json: add the whole text of each inline resource
    #[arg(long, help_heading = "Output")]
    pub(super) text: bool,

    /// With --format meta: write each page's policy into the page
    #[arg(short, long, help_heading = "Output", group = "place")]
    pub(super) write: bool,

    #[command(flatten)]
    pub(super) levels: LevelArgs,
}

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// What `hash --format json` printed for each part of the site; `-` is standard input
    #[arg(value_name = "INVENTORIES", required = true, help_heading = "Input")]
    pub(super) inventories: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) site: SiteArgs,

    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    #[command(flatten)]
    pub(super) external: ExternalArgs,
    #[command(flatten)]
    pub(super) sent: SentNonceArgs,

    #[command(flatten)]
    pub(super) output: OutputArgs,

    #[command(flatten)]
    pub(super) levels: LevelArgs,
}

/// What is printed, and where it goes.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// What to print; `cspseal formats` lists them with what each can do [default: header]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    #[arg(hide_possible_values = true)]
    #[arg(value_parser = formats())]
    pub(super) format: Option<String>,

    /// One policy for the site, or one for each page; auto takes the site's while that fits the target [default: auto]
    #[arg(long, value_enum, value_name = "SCOPE", help_heading = "Output")]
    pub(super) scope: Option<ScopeArg>,

    /// Have violations reported only, not blocked; of two policies, send the report-only one alone
    #[arg(long, help_heading = "Output")]
    pub(super) report_only: bool,

    /// Write to FILE, and only when its content changes
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    #[arg(group = "place")]
    pub(super) output: Option<PathBuf>,

    /// Write into FILE, which holds other things too: only what is cspseal's is replaced
    #[arg(long, value_name = "FILE", help_heading = "Output", group = "place")]
    pub(super) into: Option<PathBuf>,

    /// Write nothing; show what is out of date and exit with 1 if anything is
    #[arg(long, help_heading = "Output")]
    pub(super) check: bool,
}

/// Which pages share a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ScopeArg {
    /// One policy for the site.
    Site,
    /// Each page its own.
    Page,
    /// The site's while it fits.
    Auto,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    #[command(flatten)]
    pub(super) policy: PolicyArgs,
    #[command(flatten)]
    pub(super) sent: SentNonceArgs,

    /// Show what the pages ask for by URL instead, and what their scripts mention: tables of directives and origins
    ///
    /// 'self' is the site itself. What scripts ask for at run time is unknown.
    #[arg(long, help_heading = "Output")]
    pub(super) external: bool,

    /// With --external: show each URL instead of each origin
    #[arg(long, help_heading = "Output", requires = "external")]
    pub(super) urls: bool,

    /// Show the whole text of each inline resource, too
    #[arg(long, help_heading = "Output", conflicts_with = "external")]
    pub(super) text: bool,

    #[command(flatten)]
    pub(super) levels: LevelArgs,
}

#[derive(Debug, Default, Args)]
pub(super) struct FileArgs {
    /// Folders to walk and files to read; `-` is standard input [default: those of the configuration, else .]
    #[arg(value_name = "PATHS", help_heading = "Input")]
    pub(super) paths: Vec<PathBuf>,

    /// Read the files of folders that match GLOB instead of *.html, *.htm and template files
    ///
    /// A glob without a slash is matched against the name, one with a slash against the path below
    /// the folder. Can be given several times. Files named as PATHS are read whatever their name.
    #[arg(long, value_name = "GLOB", help_heading = "Input")]
    pub(super) include: Vec<String>,

    /// Leave out files and folders that match GLOB
    #[arg(long, value_name = "GLOB", help_heading = "Input")]
    pub(super) exclude: Vec<String>,

    /// Read what git ignores, virtual environments, and folders of packages and caches also where templates are looked for
    ///
    /// Built sites are read whole in any case.
    #[arg(long, help_heading = "Input")]
    pub(super) no_ignore: bool,

    /// Follow symbolic links in folders, even when they lead outside
    ///
    /// Without it they are left alone, and those to pages and folders are reported.
    #[arg(short = 'L', long, help_heading = "Input")]
    pub(super) follow: bool,

    /// The charset that the server sends with its pages, which beats what they declare
    #[arg(long, value_name = "LABEL", help_heading = "Input", value_parser = encoding)]
    pub(super) charset: Option<&'static Encoding>,

    /// Which template code is in the files: auto, none, or a dialect [default: auto]
    ///
    /// auto goes by the extension (.j2, .erb, .blade.php and so on) and takes .html for plain HTML. Dialects: django,
    /// jinja, askama, nunjucks, twig, liquid, go, handlebars, mustache, ejs, erb, jsp, mako, php, blade, razor, thymeleaf.
    #[arg(long, value_name = "DIALECT", help_heading = "Template")]
    #[arg(hide_possible_values = true, value_parser = templates())]
    pub(super) template: Option<Templates>,
}

#[derive(Debug, Args)]
pub(super) struct InputArgs {
    #[command(flatten)]
    pub(super) files: FileArgs,

    /// Leave out the content of inert <template> elements
    ///
    /// It is hashed by default, because browsers check it as soon as a script clones it.
    #[arg(long, help_heading = "Input")]
    pub(super) exclude_template_content: bool,

    #[command(flatten)]
    pub(super) site: SiteArgs,

    /// The hash algorithm [default: sha256]
    #[arg(long, value_name = "ALGORITHM", help_heading = "Policy")]
    #[arg(value_parser = algorithms())]
    pub(super) algorithm: Option<HashAlgorithm>,
}

/// Where the site is served.
#[derive(Debug, Default, Args)]
pub(super) struct SiteArgs {
    /// The URL below which the pages are served, such as https://example.com/docs/
    ///
    /// Absolute URLs of its origin then count as 'self'. Without it they are those of another host.
    #[arg(long, value_name = "URL", help_heading = "Input", value_parser = SiteUrl::parse)]
    pub(super) site_url: Option<SiteUrl>,
}

/// The nonce in the policies.
#[derive(Debug, Default, Args)]
pub(super) struct SentNonceArgs {
    /// Add the nonce of what carries one, made by this framework or server [default: as [nonce] in cspseal.toml says]
    ///
    /// The format is then that of the framework or server unless --format says otherwise. A server replaces the placeholder in
    /// the pages.
    #[arg(long, value_name = "FRAMEWORK|SERVER", help_heading = "Policy")]
    #[arg(hide_possible_values = true, value_parser = nonce::makers())]
    pub(super) nonce: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
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
    let value = |target: &&Target| PossibleValue::new(target.name()).help(target.about);
    PossibleValuesParser::new(TARGETS.iter().map(value))
}

fn algorithms() -> impl clap::builder::TypedValueParser<Value = HashAlgorithm> {
    use clap::builder::TypedValueParser as _;
    PossibleValuesParser::new(HashAlgorithm::ALL.map(HashAlgorithm::name)).try_map(|name| name.parse::<HashAlgorithm>())
}

fn templates() -> impl clap::builder::TypedValueParser<Value = Templates> {
    use clap::builder::TypedValueParser as _;
    let dialect = |dialect: &Dialect| PossibleValue::new(dialect.name()).aliases(dialect.aliases());
    let special = ["auto", "none"].map(PossibleValue::new).into_iter();
    PossibleValuesParser::new(special.chain(Dialect::ALL.iter().map(dialect))).try_map(|name| name.parse::<Templates>())
}

fn encoding(label: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(label.as_bytes())
        .ok_or_else(|| "not a label of the Encoding Standard; try utf-8 or windows-1252".to_owned())
}
