//! The arguments that say how policies are made; the doc comments are the help.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, ValueEnum};

use crate::page::InlineCheckType;
use crate::policy::{DirectiveName, Granularity, Policy};

#[derive(Debug, Default, Args)]
pub(in crate::cli) struct BaseArgs {
    /// The policy to add to; without one only the directives that are needed are printed
    #[arg(long, value_name = "POLICY", help_heading = "Policy")]
    #[arg(conflicts_with = "policy_file")]
    pub(in crate::cli) policy: Option<String>,

    /// Read the policy to add to from FILE
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub(in crate::cli) policy_file: Option<PathBuf>,

    /// Start from a ready policy; the directives of --policy or [policy] replace its own
    #[arg(long, value_enum, value_name = "NAME", help_heading = "Policy")]
    pub(in crate::cli) preset: Option<Preset>,
}

/// The base of the policy that is only reported; the names are those of [`BaseArgs`].
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct SecondArgs {
    /// Send a second, stricter policy next to the enforced one, whose violations are only reported
    ///
    /// It gets hashes and nonces of its own. With --report-only it is sent alone.
    #[arg(long, value_name = "POLICY", help_heading = "Policy")]
    #[arg(conflicts_with = "report_only_policy_file")]
    pub(in crate::cli) report_only_policy: Option<String>,

    /// Read the report-only policy from FILE
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub(in crate::cli) report_only_policy_file: Option<PathBuf>,

    /// Start the report-only policy from a ready one
    #[arg(long, value_enum, value_name = "NAME", help_heading = "Policy")]
    #[arg(hide_possible_values = true)]
    pub(in crate::cli) report_only_preset: Option<Preset>,
}

impl SecondArgs {
    /// The same as those of a base.
    pub(in crate::cli) fn base(&self) -> BaseArgs {
        BaseArgs {
            policy: self.report_only_policy.clone(),
            policy_file: self.report_only_policy_file.clone(),
            preset: self.report_only_preset,
        }
    }
}

#[derive(Debug, Default, Args)]
pub(in crate::cli) struct PolicyArgs {
    #[command(flatten)]
    pub(in crate::cli) base: BaseArgs,

    #[command(flatten)]
    pub(in crate::cli) second: SecondArgs,

    /// Hash event handlers, style attributes and javascript: URLs too
    ///
    /// They need 'unsafe-hashes', which also lets injected markup use the same handlers elsewhere. Without it each of
    /// them is reported as an error, because the policy blocks it.
    #[arg(long, help_heading = "Policy", overrides_with = "no_unsafe_hashes")]
    pub(in crate::cli) unsafe_hashes: bool,

    /// Leave DIRECTIVE alone where it has 'unsafe-inline', and hash for the others
    ///
    /// Names default-src, script-src, style-src or one of their -elem and -attr forms; several with commas between. A hash or nonce would switch
    /// the 'unsafe-inline' off.
    #[arg(long, value_name = "DIRECTIVE", help_heading = "Policy", value_delimiter = ',')]
    #[arg(value_parser = inline_directive)]
    pub(in crate::cli) keep_unsafe_inline: Vec<DirectiveName>,

    /// Report event handlers, style attributes and javascript: URLs as blocked [default]
    #[arg(long, help_heading = "Policy", action = ArgAction::SetTrue)]
    pub(in crate::cli) no_unsafe_hashes: bool,
}

/// What the pages ask for by URL.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct ExternalArgs {
    /// Add the sources of the images, fonts, style sheets, scripts, frames and whatever else the pages ask for by URL
    ///
    /// The requests of scripts at run time are unknown; see --mentioned. data: and blob: URLs of scripts and objects are never added. Without
    /// this option, hash reports what the policy blocks.
    #[arg(long, help_heading = "Policy", overrides_with = "no_external")]
    pub(in crate::cli) external: bool,

    /// Add the sources of the URLs that scripts mention, too; implies --external
    ///
    /// A script need not request a URL that it mentions: review the output of `list --external` first. The use of the URL or the name of the
    /// file selects the directive, else it is connect-src.
    #[arg(long, help_heading = "Policy", conflicts_with = "no_external")]
    pub(in crate::cli) mentioned: bool,

    /// Report what the policy blocks of these, and add nothing [default]
    #[arg(long, help_heading = "Policy")]
    pub(in crate::cli) no_external: bool,

    /// The part of a URL that the sources of --external name [default: origin, and path for a script whose URL has a version]
    #[arg(long, value_name = "PART", help_heading = "Policy", value_parser = granularities())]
    pub(in crate::cli) granularity: Option<Granularity>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(in crate::cli) enum Preset {
    /// default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'
    #[value(name = "self")]
    #[default]
    SelfOnly,
    /// script-src 'strict-dynamic' https: 'unsafe-inline'; object-src 'none'; base-uri 'none': what has a nonce or a hash runs,
    /// and what it loads
    Strict,
    /// default-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'self'; object-src 'none'; form-action 'self';
    /// frame-ancestors 'self': for documentation
    Docs,
}

impl Preset {
    /// The policy.
    pub(in crate::cli) fn policy(self) -> Policy {
        match self {
            Self::SelfOnly => Policy::preset_self(),
            Self::Strict => Policy::preset_strict(),
            Self::Docs => Policy::preset_docs(),
        }
    }

    /// Its name as an argument and in the configuration.
    pub(in crate::cli) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

fn granularities() -> impl clap::builder::TypedValueParser<Value = Granularity> {
    use clap::builder::TypedValueParser as _;
    PossibleValuesParser::new(Granularity::ALL.iter().map(|it| it.name()))
        .try_map(|name| Granularity::find(&name).ok_or("unknown granularity"))
}

/// A directive that governs something inline.
pub(in crate::cli) fn inline_directive(name: &str) -> Result<DirectiveName, String> {
    let governs = |check: &InlineCheckType, name| {
        let mut names = DirectiveName::from(*check).and_fallback();
        names.any(|governing| governing == name)
    };
    DirectiveName::find(name)
        .filter(|name| InlineCheckType::ALL.iter().any(|check| governs(check, *name)))
        .ok_or_else(|| "no directive that governs inline scripts or styles; try style-src or script-src".to_owned())
}
