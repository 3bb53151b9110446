//! Sends one request and hands out the response, its body as a stream. Redirects are not followed here; errors are put in the
//! words of somebody who checks a site.

use std::fmt;
use std::io::{self, Read};
use std::time::Duration;

use data_url::mime::Mime;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, BodyReader, Timeout};
use url::Url;

use super::{CONNECT, LONGEST_BODY};
use crate::error::{Error, ErrorKind, Result};
use crate::page::DocumentType;

/// Sends requests.
pub(crate) struct Client {
    agent: Agent,
    timeout: Duration,
    longest: u64,
}

/// A response.
pub(crate) struct Response {
    pub(crate) url: Url,
    pub(crate) status: u16,
    /// Names in lower case. A byte that is not ASCII is the character of that number.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

impl Client {
    /// Waits this long for a response, and for each further piece of it.
    pub(crate) fn new(timeout: Duration) -> Self {
        let certificates = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("cspseal/", env!("CARGO_PKG_VERSION")))
            .accept("text/html,application/xhtml+xml,*/*;q=0.8")
            .tls_config(certificates.build())
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(timeout))
            .timeout_per_read(Some(timeout))
            .timeout_recv_body(Some(timeout * 10))
            .build();
        Self { agent: config.into(), timeout, longest: LONGEST_BODY }
    }

    /// Fetches a URL.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Read`] where there is no response, or one in an encoding that was not asked for.
    pub(crate) fn get(&self, url: &Url) -> Result<Response> {
        let (head, body) = match self.agent.get(url.as_str()).call() {
            Ok(response) => response.into_parts(),
            Err(error) => {
                return Err(Error::new(ErrorKind::Read, self.words(&error)).at(url.as_str()));
            }
        };
        let text = |value: &[u8]| value.iter().copied().map(char::from).collect::<String>();
        let headers = head.headers.iter();
        let headers: Vec<(String, String)> =
            headers.map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect();
        let body = body.into_with_config().limit(self.longest).reader();
        let response = Response {
            url: url.clone(),
            status: head.status.as_u16(),
            headers,
            body: Body { reader: body, timeout: self.timeout, longest: self.longest },
        };
        match response.header("content-encoding") {
            Some(encoding) if !encoding.eq_ignore_ascii_case("identity") => {
                let message = format!(
                    "the body is encoded as {encoding:?}, which was not asked for; let the server follow Accept-Encoding"
                );
                Err(Error::new(ErrorKind::Read, message).at(url.as_str()))
            }
            _ => Ok(response),
        }
    }

    /// The cause of a failure, with the next step.
    fn words(&self, error: &ureq::Error) -> String {
        match error {
            ureq::Error::HostNotFound => "the host is unknown; check its name".to_owned(),
            ureq::Error::Timeout(kind) => self.waited(*kind),
            ureq::Error::LargeResponseHeader(size, most) => {
                format!("the headers have {size} bytes, more than {most}")
            }
            ureq::Error::Io(error) => self.io_words(error),
            other => other.to_string(),
        }
    }

    fn waited(&self, kind: Timeout) -> String {
        match kind {
            Timeout::Connect | Timeout::Resolve => {
                format!("no connection within {} s; check the host and the port", CONNECT.as_secs())
            }
            _ => format!("no response within {} s; raise --timeout if the server is slow", self.timeout.as_secs()),
        }
    }

    fn io_words(&self, error: &io::Error) -> String {
        let text = error.to_string();
        match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                "the server refused the connection; start it, or check the port".to_owned()
            }
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => self.waited(Timeout::PerRead),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                "the server closed the connection before its response".to_owned()
            }
            _ if text.contains("certificate") => format!(
                "the server's certificate is not trusted: {text}; for a private authority, add it to the system's certificates or name its file in SSL_CERT_FILE"
            ),
            _ if text.contains("corrupt message") => {
                "the server does not speak TLS at this port; use http:// for one on localhost".to_owned()
            }
            _ => text,
        }
    }
}

impl Response {
    /// The value of a header; of several, the last.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter().rev();
        let found = headers.find(|(known, _)| known == name)?;
        Some(found.1.trim())
    }

    /// The type of the content, if it is valid.
    pub(crate) fn mime(&self) -> Option<Mime> {
        self.header("content-type")?.parse().ok()
    }

    /// By which rules browsers read it as a page; [`None`] if it is not one. An image is a page only in a frame.
    pub(crate) fn document_type(&self, is_frame: bool) -> Option<DocumentType> {
        let mime = self.mime()?;
        let is_svg = mime.type_ == "image" && mime.subtype == "svg+xml";
        page_type(&mime).or((is_svg && is_frame).then_some(DocumentType::Xml))
    }

    /// The body, or as much of it as `longest` bytes.
    pub(crate) fn bytes(self, longest: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.body.take(longest).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether browsers save it instead of showing it.
    pub(crate) fn is_download(&self) -> bool {
        let disposition = self.header("content-disposition").unwrap_or_default();
        let kind = disposition.split(';').next().unwrap_or_default().trim();
        !kind.is_empty() && !kind.eq_ignore_ascii_case("inline")
    }
}

/// By which rules browsers read pages of a type; [`None`] for one that no pages have.
pub(crate) fn page_type(mime: &Mime) -> Option<DocumentType> {
    match (&*mime.type_, &*mime.subtype) {
        ("text", "html") => Some(DocumentType::Html),
        ("application", "xhtml+xml") => Some(DocumentType::Xml),
        _ => None,
    }
}

/// The body of a response.
pub(crate) struct Body {
    reader: BodyReader<'static>,
    timeout: Duration,
    longest: u64,
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer).map_err(|error| {
            let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<ureq::Error>());
            let words: &dyn fmt::Display = match (cause, error.kind()) {
                (Some(ureq::Error::BodyExceedsLimit(_)), _) => {
                    &format_args!("the body has more than {} bytes", self.longest)
                }
                (Some(ureq::Error::Timeout(Timeout::RecvBody)), _) => {
                    &format_args!("the body takes more than {} s", self.timeout.as_secs() * 10)
                }
                (Some(ureq::Error::Timeout(_)), _) | (_, io::ErrorKind::TimedOut) => {
                    &format_args!("no more of the body within {} s", self.timeout.as_secs())
                }
                (Some(ureq::Error::Decompress(..)), _) => &"the compressed body is damaged or cut off",
                (_, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
                    &"the server closed the connection before the end of the body"
                }
                _ => return error,
            };
            io::Error::other(words.to_string())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;

    use super::*;

    /// The body that a client reads of a response, or the words of its error.
    fn read(response: &[u8], longest: u64) -> Result<usize, String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let response = response.to_vec();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&response);
        });
        let client = Client { longest, ..Client::new(Duration::from_secs(5)) };
        let response = client.get(&Url::parse(&url).unwrap());
        let read = response.map_err(|error| error.to_string()).and_then(|mut response| {
            let read = io::copy(&mut response.body, &mut io::sink());
            read.map(|bytes| bytes as usize).map_err(|error| error.to_string())
        });
        server.join().unwrap();
        read
    }

    #[test]
    fn a_body_has_a_limit_after_it_is_decompressed() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&[b'a'; 100_000]).unwrap();
        let gzip = gzip.finish().unwrap();
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n";
        let response = [head.as_bytes(), &gzip].concat();
        assert_eq!(read(&response, 100_000), Ok(100_000));
        let error = read(&response, 99_999).unwrap_err();
        assert_eq!(error, "the body has more than 99999 bytes");
        let cut = &response[..response.len() - 20];
        let error = read(cut, 100_000).unwrap_err();
        assert_eq!(error, "the compressed body is damaged or cut off");
    }

    #[test]
    fn an_encoding_that_was_not_asked_for_is_an_error() {
        let error = read(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx", 9);
        let error = error.unwrap_err();
        assert!(error.contains("\"br\", which was not asked for"), "{error}");
    }
}
