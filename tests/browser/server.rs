//! The loopback server: each load of a page is a token in the path, under which that page alone is a document and everything
//! else is a file. It takes the reports of the probe.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A hash that nothing has. It makes a list one in which hashes count.
const NOTHING: &str = "'sha256-AAAEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFA='";

/// A policy that blocks, or reports, everything inline, and the request by which the probe knows that all was reported. The
/// probe knows the policy by that source too.
pub(crate) fn everything() -> String {
    format!("{}; connect-src https://everything", inline())
}

/// The part of it about what is inline.
pub(crate) fn inline() -> String {
    format!("script-src 'unsafe-hashes' 'report-sample' {NOTHING}; style-src 'unsafe-hashes' 'report-sample' {NOTHING}")
}

/// A page as one load of it is answered.
#[derive(Clone)]
pub(crate) struct Response {
    /// The path below the token.
    pub(crate) path: String,
    pub(crate) content_type: String,
    /// Each a header of its own.
    pub(crate) policies: Vec<String>,
    pub(crate) report_only: Vec<String>,
    pub(crate) body: Vec<u8>,
    /// What the probe is to do, see there.
    pub(crate) task: Value,
    /// Where the files are that the page names.
    pub(crate) files: Files,
}

/// The files beside a page.
#[derive(Clone)]
pub(crate) enum Files {
    Folder(PathBuf),
    Given(Arc<Vec<(String, Vec<u8>)>>),
    /// The same of a site that sends its policies with whatever is framed.
    Site(Arc<Vec<(String, Vec<u8>)>>),
}

impl Files {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        match self {
            Self::Folder(folder) if !path.split('/').any(|part| part == "..") => std::fs::read(folder.join(path)).ok(),
            Self::Folder(_) => None,
            Self::Given(files) | Self::Site(files) => {
                files.iter().find(|(name, _)| name == path).map(|(_, bytes)| bytes.clone())
            }
        }
    }
}

#[derive(Default)]
struct State {
    responses: HashMap<u64, Arc<Response>>,
    reports: HashMap<u64, Value>,
    /// The paths of all requests.
    asked: HashSet<String>,
    next: u64,
}

/// A server that runs as long as the process does.
#[derive(Clone)]
pub(crate) struct Server {
    shared: Arc<(Mutex<State>, Condvar)>,
    port: u16,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { shared: Arc::default(), port: listener.local_addr().unwrap().port() };
        let answering = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = answering.clone();
                // A connection that the browser gives up is none of our business.
                std::thread::spawn(move || server.answer(&stream).ok());
            }
        });
        server
    }

    /// The URL of a page, for one load, and the token of its report.
    pub(crate) fn offer(&self, response: Response) -> (String, u64) {
        let mut state = self.shared.0.lock().unwrap();
        let token = state.next;
        state.next += 1;
        let url = format!("{}/{token}/{}", self.origin(), response.path);
        state.responses.insert(token, Arc::new(response));
        (url, token)
    }

    /// Waits for the report of a load.
    pub(crate) fn report(&self, token: u64, limit: Duration) -> Option<Value> {
        self.wait(limit, |state| state.reports.remove(&token))
    }

    /// Waits for a request for a path, and tells whether it came.
    pub(crate) fn is_asked(&self, path: &str, limit: Duration) -> bool {
        self.wait(limit, |state| state.asked.contains(path).then_some(())).is_some()
    }

    /// Waits for something to arrive.
    fn wait<T>(&self, limit: Duration, mut take: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
        let until = Instant::now() + limit;
        let (state, arrived) = &*self.shared;
        let mut state = state.lock().unwrap();
        loop {
            if let Some(thing) = take(&mut state) {
                return Some(thing);
            }
            let left = until.checked_duration_since(Instant::now())?;
            state = arrived.wait_timeout(state, left).unwrap().0;
        }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn answer(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        while reader.read_line(&mut line)? > 0 {
            let mut headers = HashMap::new();
            loop {
                let mut header = String::new();
                reader.read_line(&mut header)?;
                let Some((name, value)) = header.trim_end().split_once(':') else {
                    break;
                };
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
            let length = headers.get("content-length").and_then(|l| l.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body)?;
            let path = line.split(' ').nth(1).unwrap_or_default();
            stream.write_all(&self.response(path, &headers, &body))?;
            line.clear();
        }
        Ok(())
    }

    fn response(&self, path: &str, headers: &HashMap<String, String>, body: &[u8]) -> Vec<u8> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = percent_encoding::percent_decode_str(&path[1..]).decode_utf8_lossy();
        let (first, rest) = path.split_once('/').unwrap_or((&path, ""));
        let token = |text: &str| text.parse::<u64>().ok();
        let (state, arrived) = &*self.shared;
        let mut state = state.lock().unwrap();
        state.asked.insert(path.clone().into_owned());
        arrived.notify_all();
        if let ("report", Some(token)) = (first, token(rest)) {
            let report = serde_json::from_slice(body).unwrap_or(Value::Null);
            state.reports.insert(token, report);
            arrived.notify_all();
            return http("200 OK", "text/plain", &[], b"");
        }
        if let ("task", Some(token)) = (first, token(rest)) {
            let task = state.responses[&token].task.to_string();
            return http("200 OK", "application/json", &[], task.as_bytes());
        }
        // A path from the root of the site lacks the token, which the referrer has.
        let referrer = || headers.get("referer")?.split('/').nth(3).and_then(token);
        let (token, rest) = match token(first) {
            Some(token) => (Some(token), rest),
            None => (referrer(), &*path),
        };
        let Some(response) = token.and_then(|token| state.responses.get(&token)).cloned() else {
            return http("404 Not Found", "text/plain", &[], b"");
        };
        drop(state);
        let is_document = headers.get("sec-fetch-dest").is_some_and(|d| d == "document");
        let policies = response.policies.iter();
        let mut headers: Vec<_> = policies.map(|p| (ENFORCED, p.clone())).collect();
        if rest == response.path && is_document {
            headers.extend(response.report_only.iter().map(|p| (REPORTED, p.clone())));
            headers.push((REPORTED, everything()));
            return http("200 OK", &response.content_type, &headers, &response.body);
        }
        if is_document {
            // No page may leave the one that is looked at.
            return http("204 No Content", "text/plain", &[], b"");
        }
        if !matches!(response.files, Files::Site(_)) {
            headers.clear();
        }
        match response.files.read(rest) {
            Some(bytes) => http("200 OK", kind(rest), &headers, &bytes),
            None => http("404 Not Found", "text/html", &[], b""),
        }
    }
}

const ENFORCED: &str = "Content-Security-Policy";
const REPORTED: &str = "Content-Security-Policy-Report-Only";

fn http(status: &str, kind: &str, headers: &[(&str, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n",
        body.len()
    );
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

fn kind(path: &str) -> &'static str {
    match Path::new(path).extension().and_then(|e| e.to_str()) {
        Some("js" | "mjs") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        Some("png") => "image/png",
        Some("gif") => "image/gif",
        Some("html" | "htm") => "text/html",
        _ => "application/octet-stream",
    }
}
