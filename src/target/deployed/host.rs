//! Files with headers that the host of a project does not read: a `_headers` of a project that goes to Vercel sends nothing.

/// The files that tell which host a project goes to, and the other files with headers that this host reads.
const HOSTS: [(&str, &str, &[&str]); 7] = [
    ("vercel.json", "Vercel", &[]),
    ("firebase.json", "Firebase Hosting", &[]),
    ("staticwebapp.config.json", "Azure Static Web Apps", &[]),
    ("netlify.toml", "Netlify", &["_headers"]),
    ("wrangler.toml", "Cloudflare", &["_headers"]),
    ("wrangler.json", "Cloudflare", &["_headers"]),
    ("wrangler.jsonc", "Cloudflare", &["_headers"]),
];
/// The files with headers that do not tell one host: several read them.
const SHARED: [&str; 2] = ["_headers", ".htaccess"];

/// The host that a project goes to and that does not read the file called `name`: the file that tells so, and what the host is
/// called. `is_there` says whether the project has a file of a name. [`None`] if another host that reads the file is told, too.
pub fn unread_by(name: &str, is_there: impl Fn(&str) -> bool) -> Option<(&'static str, &'static str)> {
    if !SHARED.contains(&name) {
        return None;
    }
    let mut told = HOSTS.iter().filter(|(file, ..)| is_there(file)).peekable();
    let (file, host, _) = told.peek()?;
    told.all(|(.., read)| !read.contains(&name)).then_some((*file, *host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_unread_where_no_host_that_is_told_reads_it() {
        let unread = |name, files: &[&str]| unread_by(name, |file| files.contains(&file));
        let vercel = Some(("vercel.json", "Vercel"));
        assert_eq!(unread("_headers", &["vercel.json"]), vercel);
        assert_eq!(unread("_headers", &["vercel.json", "wrangler.toml"]), None);
        assert_eq!(unread(".htaccess", &["netlify.toml"]), Some(("netlify.toml", "Netlify")));
        assert_eq!(unread("_headers", &[]), None);
        assert_eq!(unread("netlify.toml", &["vercel.json"]), None);
    }
}
