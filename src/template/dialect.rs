//! The dialects: their names, file extensions and lexing rules, in one table.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::LazyLock;

use super::lexer::{jinja, percent};

/// Which lexer cuts a dialect, and by which of its rules.
#[derive(Clone, Copy, Debug)]
pub(super) enum Family {
    Django,
    Jinja(&'static jinja::Rules),
    Liquid,
    Go,
    Handlebars,
    Mustache,
    Percent(&'static percent::Rules),
    Mako,
    Php,
    Blade,
    Razor,
    Thymeleaf,
}

/// One row of the table.
#[derive(Debug)]
struct Row {
    dialect: Dialect,
    name: &'static str,
    aliases: &'static [&'static str],
    extensions: &'static [&'static str],
    family: Family,
}

macro_rules! dialects {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, [$($alias:literal),*], [$($extension:literal),*], $family:expr;)+) => {
        /// A template dialect.
        ///
        /// ```
        /// use cspseal::template::Dialect;
        /// use std::path::Path;
        ///
        /// assert_eq!(Dialect::find("Hugo"), Some(Dialect::Go));
        /// assert_eq!(Dialect::of_path(Path::new("a/page.blade.php")), Some(Dialect::Blade));
        /// assert_eq!(Dialect::of_path(Path::new("a/page.html")), None);
        /// ```
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Dialect {
            $($(#[doc = $doc])+ $variant,)+
        }

        /// In the order of the variants.
        static TABLE: &[Row] = &[$(Row {
            dialect: Dialect::$variant,
            name: $name,
            aliases: &[$($alias),*],
            extensions: &[$($extension),*],
            family: $family,
        }),+];

        impl Dialect {
            /// Every dialect.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

dialects! {
    /// Django: a tag is one line, strings do not hide its end. Run against Django 5.2.
    Django = "django", ["dtl"], ["djhtml", "dj.html"], Family::Django;
    /// Jinja2: strings and brackets hide an end. Run against Jinja2 3.1 and MiniJinja; Tera, which is
    /// read, also has strings in backticks, which end here at the next delimiter.
    Jinja = "jinja", ["jinja2", "minijinja", "tera"], ["j2", "jinja", "jinja2", "tera"], Family::Jinja(&jinja::JINJA);
    /// Askama: as Jinja, comments nest. Run against askama_parser 0.16.
    Askama = "askama", ["rinja"], ["askama"], Family::Jinja(&jinja::ASKAMA);
    /// Nunjucks: strings and `r/…/` hide an end, brackets do not. Run against nunjucks 3.2.
    Nunjucks = "nunjucks", ["njk"], ["njk", "nunjucks", "nunj"], Family::Jinja(&jinja::NUNJUCKS);
    /// Twig: strings with their interpolations and brackets hide an end. Run against Twig 3.5 for PHP.
    Twig = "twig", [], ["twig"], Family::Jinja(&jinja::TWIG);
    /// Liquid: strings hide nothing, comments nest. Run against Liquid 5.4 for Ruby and liquidjs 10.
    Liquid = "liquid", ["shopify", "jekyll"], ["liquid"], Family::Liquid;
    /// Go's html/template, and Hugo with it: strings hide an end. Run against Go 1.19.
    Go = "go", ["hugo", "gotmpl"], ["tmpl", "gohtml", "gotmpl", "go.html"], Family::Go;
    /// Handlebars: strings and `[…]` hide an end. Run against Handlebars 4.7.
    Handlebars = "handlebars", ["hbs", "ember"], ["hbs", "handlebars"], Family::Handlebars;
    /// Mustache: strings hide nothing, delimiters can change. Run against mustache.js 4.2.
    Mustache = "mustache", [], ["mustache"], Family::Mustache;
    /// EJS: strings hide nothing. Run against EJS 7.
    Ejs = "ejs", [], ["ejs"], Family::Percent(&percent::EJS);
    /// ERB: strings hide nothing, `%%>` does not end. Run against ERB 2.2 of Ruby 3.1.
    Erb = "erb", ["rails"], ["erb", "rhtml"], Family::Percent(&percent::ERB);
    /// JSP: scriptlets, whose strings hide nothing, and `${…}`, whose strings do. Read.
    Jsp = "jsp", [], ["jsp", "jspf", "tag", "tagf"], Family::Percent(&percent::JSP);
    /// Mako: Python's strings and comments hide an end. Run against Mako 1.4.
    Mako = "mako", [], ["mako", "mao"], Family::Mako;
    /// PHP: its strings and `/* */` hide `?>`, its line comments do not. Run against PHP 8.2.
    Php = "php", [], ["php", "phtml"], Family::Php;
    /// Blade: PHP, `{{ }}` whose strings hide nothing, and directives with balanced arguments. Read.
    Blade = "blade", ["laravel"], ["blade.php"], Family::Blade;
    /// Razor: C# behind `@`, with HTML in its blocks. Read.
    Razor = "razor", ["cshtml"], ["cshtml", "razor"], Family::Razor;
    /// Thymeleaf: its parser-level comments and `[[…]]`, `[(…)]`; its attributes are HTML's. Read.
    Thymeleaf = "thymeleaf", [], [], Family::Thymeleaf;
}

/// No extension has more bytes.
const LONGEST_EXTENSION: usize = 16;

/// The dialects by their extensions.
static EXTENSIONS: LazyLock<HashMap<&str, Dialect>> = LazyLock::new(|| {
    let extension = |row: &'static Row| row.extensions.iter().map(|it| (*it, row.dialect));
    TABLE.iter().flat_map(extension).collect()
});

impl Dialect {
    /// The name as `--template` takes it, lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Other names of the dialect or of what is cut like it.
    #[must_use]
    pub fn aliases(self) -> &'static [&'static str] {
        self.row().aliases
    }

    /// The file extensions that say it, without the leading dot. Dialects of `.html` files have none of it.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        self.row().extensions
    }

    /// The dialect of that name or alias, in any case.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let is = |n: &&str| n.eq_ignore_ascii_case(name);
        let row = TABLE.iter().find(|row| is(&row.name) || row.aliases.iter().any(is))?;
        Some(row.dialect)
    }

    /// The dialect that a file's extension says, the longest one first: `a.blade.php` is Blade. `None` for
    /// `.html` and whatever is unknown.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let extensions = name.match_indices('.').map(|(dot, _)| &name[dot + 1..]);
        let mut extensions = extensions.filter(|it| it.len() <= LONGEST_EXTENSION && *it != "html");
        extensions.find_map(|it| EXTENSIONS.get(&*it.to_ascii_lowercase()).copied())
    }

    /// Whether an engine makes a file other than HTML of the template at `path`, by what stands before the extension of its
    /// dialect: `script.py.mako`, `robots.txt.j2`.
    #[must_use]
    pub fn makes_other_text(path: &Path) -> bool {
        let Some(dialect) = Self::of_path(path) else {
            return false;
        };
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let mut extensions = dialect.extensions().iter();
        extensions.any(|extension| {
            let inner = name.strip_suffix(extension);
            let inner = inner.and_then(|name| name.strip_suffix('.')?.rsplit_once('.'));
            inner.is_some_and(|(_, inner)| OTHER_TEXT.split(' ').any(|text| text == inner))
        })
    }

    /// The dialect of `path` among files of this one: Django reads a folder `jinja2` with Jinja2, and `templates` itself.
    fn by_folder(self, path: &Path) -> Self {
        if self != Self::Django {
            return self;
        }
        let folders = path.parent().into_iter().flat_map(Path::components).rev();
        let mut names = folders.filter_map(|folder| folder.as_os_str().to_str());
        match names.find(|name| matches!(*name, "jinja2" | "templates")) {
            Some("jinja2") => Self::Jinja,
            Some(_) | None => self,
        }
    }

    pub(super) fn family(self) -> Family {
        self.row().family
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

/// Extensions of files that are no HTML, lower case.
const OTHER_TEXT: &str = "\
    astro atom bash bat cfg cjs coffee conf cs css csv env eml go graphql ics ini java js json jsonl jsx kt less lua \
    mjs patch pl properties ps1 py rb rs rss sass scss service sh sql svelte tex text toml ts tsv tsx txt vcf vue xml \
    yaml yml";

/// Which dialect a file is in.
///
/// ```
/// use cspseal::template::{Dialect, Templates};
/// use std::path::Path;
///
/// let page = Path::new("a/page.html");
/// assert_eq!(Templates::Auto.dialect_of(page), None);
/// assert_eq!(Templates::Otherwise(Dialect::Django).dialect_of(page), Some(Dialect::Django));
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Templates {
    /// What the file's extension says; `.html` is plain HTML.
    #[default]
    Auto,
    /// What the file's extension says, else this one, or what its engine reads in that folder.
    Otherwise(Dialect),
    /// This one, whatever the extension.
    Dialect(Dialect),
    /// None: there is no template code.
    Off,
}

impl Templates {
    /// The dialect of the file at `path`.
    #[must_use]
    pub fn dialect_of(self, path: &Path) -> Option<Dialect> {
        match self {
            Self::Auto => Dialect::of_path(path),
            Self::Otherwise(dialect) => Dialect::of_path(path).or_else(|| Some(dialect.by_folder(path))),
            Self::Dialect(dialect) => Some(dialect),
            Self::Off => None,
        }
    }
}

impl FromStr for Templates {
    type Err = String;

    /// `auto`, `none`, or the name of a dialect.
    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::Off),
            _ => name.parse().map(Self::Dialect),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::find(name).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|d| d.name()).collect();
            format!("unknown template dialect {name:?}; known are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_follows_the_variants() {
        for (index, dialect) in Dialect::ALL.iter().enumerate() {
            assert_eq!(*dialect as usize, index);
            assert_eq!(dialect.row().dialect, *dialect);
        }
    }

    #[test]
    fn every_name_and_extension_says_one_dialect() {
        let mut names = Vec::new();
        let mut extensions = Vec::new();
        for &dialect in Dialect::ALL {
            for name in dialect.aliases().iter().chain([&dialect.name()]) {
                assert_eq!(Dialect::find(&name.to_ascii_uppercase()), Some(dialect));
                names.push(*name);
            }
            for extension in dialect.extensions() {
                let path = format!("templates/Page.{extension}");
                assert_eq!(Dialect::of_path(Path::new(&path)), Some(dialect));
                extensions.push(*extension);
            }
        }
        for mut list in [names, extensions] {
            let len = list.len();
            list.sort_unstable();
            list.dedup();
            assert_eq!(list.len(), len);
        }
    }

    #[test]
    fn the_longest_extension_decides() {
        for (path, dialect) in [
            ("a.blade.php", Some(Dialect::Blade)),
            ("blade.php", Some(Dialect::Php)),
            ("a.php", Some(Dialect::Php)),
            ("a.html.erb", Some(Dialect::Erb)),
            ("A.HTML.J2", Some(Dialect::Jinja)),
            ("a.html", None),
            (".php", Some(Dialect::Php)),
            ("php", None),
            ("a.php/b.html", None),
        ] {
            assert_eq!(Dialect::of_path(Path::new(path)), dialect, "{path}");
        }
    }

    #[test]
    fn templates_of_other_texts_are_no_pages() {
        for path in
            ["script.py.mako", "a/robots.TXT.j2", "feed.xml.erb", "a.text.erb", "x.min.js.twig", "login-form.vue.ejs"]
        {
            assert!(Dialect::makes_other_text(Path::new(path)), "{path}");
        }
        for path in
            ["a.mako", "a.html.j2", "py.mako", ".py.mako/a.j2", "a.html.erb", "a.py", "a.blade.php", "a.go.html"]
        {
            assert!(!Dialect::makes_other_text(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_folder_of_djangos_may_be_jinjas() {
        let django = Templates::Otherwise(Dialect::Django);
        for (path, dialect) in [
            ("app/jinja2/a.html", Dialect::Jinja),
            ("app/jinja2/app/a.html", Dialect::Jinja),
            ("jinja2/templates/a.html", Dialect::Django),
            ("templates/jinja2/a.html", Dialect::Jinja),
            ("app/templates/a.html", Dialect::Django),
            ("app/jinja2.html", Dialect::Django),
            ("jinja2/a.html", Dialect::Jinja),
        ] {
            assert_eq!(django.dialect_of(Path::new(path)), Some(dialect), "{path}");
        }
        let liquid = Templates::Otherwise(Dialect::Liquid);
        assert_eq!(liquid.dialect_of(Path::new("jinja2/a.html")), Some(Dialect::Liquid));
        let named = Templates::Dialect(Dialect::Django);
        assert_eq!(named.dialect_of(Path::new("jinja2/a.html")), Some(Dialect::Django));
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let message = "smarty".parse::<Dialect>().unwrap_err();
        assert!(message.contains("\"smarty\"") && message.contains("twig"), "{message}");
    }
}
