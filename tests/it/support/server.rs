//! Serves responses, byte for byte as a test wants them.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A server on a free port of this machine, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers each request by what `answer` makes of its path and query. At `/hangs` the connection stays open for a while.
    pub(crate) fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, is_over): (Arc<Mutex<Vec<String>>>, Arc<AtomicBool>) = Default::default();
        let (seen, stop, answer) = (Arc::clone(&requests), Arc::clone(&is_over), Arc::new(answer));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream.unwrap(), &seen, &*answer));
            }
        });
        Self { address, requests, is_over, thread: Some(thread) }
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The paths that were asked for, sorted.
    pub(crate) fn requests(&self) -> Vec<String> {
        let mut requests = self.requests.lock().unwrap().clone();
        requests.sort();
        requests
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.thread.take().map(JoinHandle::join);
    }
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> Vec<u8>) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    let is_over = |request: &[u8]| {
        // Whoever speaks TLS gets an answer too.
        request.first() == Some(&0x16) || request.windows(4).any(|end| end == b"\r\n\r\n")
    };
    while !is_over(&request) {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(len) => request.extend_from_slice(&piece[..len]),
        }
    }
    let request = String::from_utf8_lossy(&request);
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().unwrap().push(path.clone());
    // Whoever has read enough may be gone.
    let _ = stream.write_all(&answer(&path));
    if path == "/hangs" {
        std::thread::sleep(Duration::from_millis(2500));
    }
}

/// A response with these lines of headers.
pub(crate) fn response(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut all = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for header in headers {
        all.push_str(header);
        all.push_str("\r\n");
    }
    [all.as_bytes(), b"\r\n", body].concat()
}

/// A page with a policy.
pub(crate) fn html(policy: &str, body: &str) -> Vec<u8> {
    let policy = format!("Content-Security-Policy: {policy}");
    let headers = ["Content-Type: text/html; charset=utf-8", &policy];
    response("200 OK", &headers, body.as_bytes())
}
