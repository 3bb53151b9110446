//! The digests of the site's own files, by their URLs. Each file is read once for an algorithm, however many elements name it, and
//! never held.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use url::Url;

use super::files::{SiteFiles, Unanswered};
use super::shown;
use crate::hash::{HashAlgorithm, HashSource, Hasher};

/// The digest of a file, and how to see whether it changed since.
#[derive(Clone, Debug)]
struct Digest {
    digest: HashSource,
    /// The path as it is reported.
    name: Arc<str>,
    state: State,
}

/// The length of a file in bytes, and when it was written.
type State = (u64, Option<SystemTime>);

/// The digests so far, by the path and query of the URL that they were read for.
#[derive(Debug, Default)]
pub(super) struct Digests(Mutex<HashMap<(HashAlgorithm, Url), Cell>>);

type Cell = Arc<OnceLock<Result<Digest, Unanswered>>>;

/// How much of a file is read at a time, in bytes.
const PIECE: usize = 64 * 1024;

impl SiteFiles {
    /// The digest of the file at a URL of the site: of its bytes, which a server sends as they are.
    ///
    /// # Errors
    ///
    /// Why it has no content here. Files on a server have none, nor has a file of which nothing may be shown.
    pub fn digest(&self, url: &Url, algorithm: HashAlgorithm) -> Result<HashSource, Unanswered> {
        if !self.has(url) {
            return Err(Unanswered::Elsewhere);
        }
        let cell = {
            let mut known = self.digests.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry((algorithm, plain(url))).or_default())
        };
        let digest = cell.get_or_init(|| self.read_digest(url, algorithm));
        digest.as_ref().map(|it| it.digest).map_err(Clone::clone)
    }

    fn read_digest(&self, url: &Url, algorithm: HashAlgorithm) -> Result<Digest, Unanswered> {
        self.answer(url, |located| {
            if !located.spot.is_shown {
                return Err(io::Error::other("a link leads to it"));
            }
            let mut file = located.open()?;
            let state = state(&file.metadata()?);
            let mut hasher = Hasher::new(algorithm);
            let mut piece = vec![0; PIECE];
            loop {
                let len = file.read(&mut piece)?;
                if len == 0 {
                    break;
                }
                hasher.update(&piece[..len]);
            }
            Ok(Digest { digest: hasher.finish(), name: shown(&located.path).into(), state })
        })
    }

    /// The files that are no longer what their digests say, as they are reported and in their order.
    #[must_use]
    pub fn changed(&self) -> Vec<String> {
        let known = self.digests.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = known.iter().filter_map(|((_, url), cell)| {
            let digest = cell.get()?.as_ref().ok()?;
            let now = self.answer(url, |located| Ok(state(&located.open()?.metadata()?)));
            (now.ok() != Some(digest.state)).then(|| digest.name.to_string())
        });
        let mut changed: Vec<String> = read.collect();
        changed.sort_unstable();
        changed.dedup();
        changed
    }
}

fn state(metadata: &std::fs::Metadata) -> State {
    (metadata.len(), metadata.modified().ok())
}

/// The URL without what leads to no other file.
fn plain(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url
}
