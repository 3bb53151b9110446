//! [Sitemaps](https://www.sitemaps.org/protocol.html): lists of a site's URLs, or of further lists.

use std::io::Read;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

use crate::location::{LineIndex, Location};

/// How many sitemaps are read.
pub(super) const MOST: usize = 100;

/// The length of a sitemap in bytes, decompressed, that the protocol allows.
pub(super) const LONGEST: u64 = 50 << 20;

/// The URLs of a sitemap.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sitemap {
    pub(super) pages: Vec<(String, Location)>,
    /// Further sitemaps.
    pub(super) sitemaps: Vec<(String, Location)>,
}

/// Reads the bytes of a sitemap, which may be compressed with gzip.
///
/// # Errors
///
/// The reason why it is not one.
pub(super) fn parse(bytes: Vec<u8>) -> Result<Sitemap, String> {
    let mut text = bytes;
    if text.starts_with(b"\x1f\x8b") {
        let mut plain = Vec::new();
        let decoder = flate2::read::MultiGzDecoder::new(&text[..]);
        let read = decoder.take(LONGEST + 1).read_to_end(&mut plain);
        read.map_err(|_| "is damaged gzip".to_owned())?;
        text = plain;
    }
    if text.len() as u64 > LONGEST {
        return Err(format!("has more than {} MiB", LONGEST >> 20));
    }
    let lines = LineIndex::new(&text);
    let mut reader = Reader::from_reader(&text[..]);
    let mut sitemap = Sitemap::default();
    let mut open: Vec<String> = Vec::new();
    let mut url = String::new();
    let mut start = 0;
    loop {
        let before = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(|why| format!("is not well-formed XML: {why}"))?;
        match event {
            Event::Start(tag) => {
                open.push(tag.local_name().as_ref().to_owned());
                url.clear();
                start = before;
            }
            Event::Text(piece) => url.push_str(&piece),
            Event::CData(piece) => url.push_str(&piece),
            Event::GeneralRef(name) => {
                url.push_str(&resolve(&name).ok_or("has an unknown entity")?);
            }
            Event::End(_) => {
                let names: Vec<&str> = open.iter().map(String::as_str).collect();
                let found = || (url.trim().to_owned(), lines.location(&text, start));
                match names[..] {
                    ["urlset", "url", "loc"] => sitemap.pages.push(found()),
                    ["sitemapindex", "sitemap", "loc"] => sitemap.sitemaps.push(found()),
                    _ => {}
                }
                open.pop();
                url.clear();
            }
            Event::Eof if open.is_empty() => return Ok(sitemap),
            Event::Eof => return Err("ends inside an element".to_owned()),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// The text of a reference; a sitemap has no entities of its own.
fn resolve(name: &BytesRef<'_>) -> Option<String> {
    if let Some(character) = name.resolve_char_ref().ok()? {
        return Some(character.to_string());
    }
    resolve_predefined_entity(name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const PAGES: &str = "<?xml version='1.0'?>\n<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:i='i'>\n <url>\n  <loc>\n https://a.example/?b&amp;c&#61;1 </loc><i:image><i:loc>no</i:loc></i:image></url>\n<url><loc><![CDATA[/d]]></loc></url></urlset>";

    fn urls(found: &[(String, Location)]) -> Vec<&str> {
        found.iter().map(|(url, _)| &**url).collect()
    }

    #[test]
    fn a_sitemap_has_pages_or_sitemaps() {
        let sitemap = parse(PAGES.into()).unwrap();
        assert_eq!(urls(&sitemap.pages), ["https://a.example/?b&c=1", "/d"]);
        assert_eq!(sitemap.pages[0].1, Location { line: 4, column: 3 });
        let index = "<sitemapindex><sitemap><loc>/a.xml.gz</loc></sitemap></sitemapindex>";
        let index = parse(index.into()).unwrap();
        assert_eq!((urls(&index.sitemaps), index.pages), (vec!["/a.xml.gz"], vec![]));
    }

    #[test]
    fn a_sitemap_may_be_compressed() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(PAGES.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        assert_eq!(parse(gzip.clone()).unwrap(), parse(PAGES.into()).unwrap());
        assert!(parse(gzip[..20].to_vec()).is_err());
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..=LONGEST >> 20 {
            bomb.write_all(&[b' '; 1 << 20]).unwrap();
        }
        assert_eq!(parse(bomb.finish().unwrap()).unwrap_err(), "has more than 50 MiB");
    }

    #[test]
    fn what_is_no_sitemap_is_rejected() {
        for text in ["<urlset><url>", "<a></b>", "<urlset>&x;</urlset>"] {
            assert!(parse(text.into()).is_err(), "{text}");
        }
    }
}
