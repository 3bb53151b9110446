//! Firefox, by WebDriver BiDi, which it speaks itself: no driver program stands between.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

use super::driver::{self, Fault};

/// No pop-ups blocked by a bar, no update, no connection to anything but this machine.
const PREFERENCES: &[(&str, &str)] = &[
    ("app.update.enabled", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    ("services.settings.server", "\"data:,\""),
    ("network.proxy.type", "1"),
    ("network.proxy.http", "\"127.0.0.1\""),
    ("network.proxy.http_port", "9"),
    ("network.proxy.ssl", "\"127.0.0.1\""),
    ("network.proxy.ssl_port", "9"),
    ("network.proxy.no_proxies_on", "\"127.0.0.1\""),
    // Windows behind others are not to wait.
    ("dom.min_background_timeout_value", "4"),
    ("dom.timeout.enable_budget_timer_throttling", "false"),
    ("dom.ipc.processPriorityManager.enabled", "false"),
    ("widget.windows.window_occlusion_tracking.enabled", "false"),
];

/// A browser with a profile of its own, which goes with it.
pub(crate) struct Firefox {
    process: Child,
    session: Arc<Mutex<Session>>,
    version: String,
    _profile: TempDir,
}

impl Firefox {
    pub(crate) fn launch(program: &Path, probe: &str) -> Result<Self, Fault> {
        let profile = tempfile::tempdir()?;
        let preferences: String =
            PREFERENCES.iter().map(|(name, value)| format!("user_pref(\"{name}\", {value});\n")).collect();
        std::fs::write(profile.path().join("user.js"), preferences)?;
        let mut process = Command::new(program)
            .args(["--headless", "--no-remote", "--remote-debugging-port=0"])
            .arg("--profile")
            .arg(profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stderr = BufReader::new(process.stderr.take().ok_or("no stderr")?);
        let mut address = None;
        let mut line = String::new();
        while address.is_none() && stderr.read_line(&mut line)? > 0 {
            let said = line.trim().strip_prefix("WebDriver BiDi listening on ws://");
            address = said.map(ToOwned::to_owned);
            line.clear();
        }
        // What it says later goes nowhere, but it must not wait for a reader.
        std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        let address = address.ok_or("Firefox ended before it listened")?;
        let stream = TcpStream::connect(&address)?;
        stream.set_read_timeout(Some(driver::LIMIT))?;
        let url = format!("ws://{address}/session");
        let (socket, _) = tungstenite::client(url, stream).map_err(|error| error.to_string())?;
        let mut session = Session { socket, last: 0, console: HashMap::new(), parents: HashMap::new() };
        let new = session.call("session.new", &json!({"capabilities": {}}))?;
        session.call("session.subscribe", &json!({"events": ["log.entryAdded", "browsingContext.contextCreated"]}))?;
        // For all tabs: one that is for a tab only misses frames that are empty at first.
        let function = format!("() => {{ {probe} }}");
        session.call("script.addPreloadScript", &json!({"functionDeclaration": function}))?;
        let capabilities = &new["capabilities"];
        let version = format!("Firefox/{}", capabilities["browserVersion"].as_str().unwrap_or_default());
        Ok(Self { process, session: Arc::new(Mutex::new(session)), version, _profile: profile })
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        if let Ok(mut session) = self.session.lock() {
            let _ = session.call("browser.close", &json!({}));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl driver::Browser for Firefox {
    fn version(&self) -> Result<String, Fault> {
        Ok(self.version.clone())
    }

    fn tab(&self) -> Result<Box<dyn driver::Tab>, Fault> {
        let mut session = self.session.lock().unwrap();
        let created = session.call("browsingContext.create", &json!({"type": "tab"}))?;
        let context = created["context"].as_str().unwrap_or_default().to_owned();
        Ok(Box::new(FirefoxTab { context, session: Arc::clone(&self.session) }))
    }
}

struct FirefoxTab {
    context: String,
    session: Arc<Mutex<Session>>,
}

impl driver::Tab for FirefoxTab {
    fn open(&mut self, url: &str) -> Result<(), Fault> {
        let mut session = self.session.lock().unwrap();
        session.console.remove(&self.context);
        let params = json!({"context": self.context, "url": url, "wait": "none"});
        session.call("browsingContext.navigate", &params)?;
        Ok(())
    }

    fn console(&mut self) -> Result<Vec<String>, Fault> {
        let mut session = self.session.lock().unwrap();
        // Messages that are on their way come before the answer.
        let target = json!({"context": self.context});
        session.call("script.evaluate", &json!({"expression": "0", "target": target, "awaitPromise": false}))?;
        let said = session.console.get(&self.context);
        Ok(said.cloned().unwrap_or_default())
    }
}

/// The connection; the tabs take turns.
struct Session {
    socket: WebSocket<TcpStream>,
    last: u64,
    /// What was said in each tab.
    console: HashMap<String, Vec<String>>,
    /// The parent of each frame.
    parents: HashMap<String, String>,
}

impl Session {
    /// Calls a method and waits for its answer; what is logged meanwhile is kept.
    fn call(&mut self, method: &str, params: &Value) -> Result<Value, Fault> {
        self.last += 1;
        let command = json!({"id": self.last, "method": method, "params": params});
        self.socket.send(Message::text(command.to_string()))?;
        loop {
            let Message::Text(text) = self.socket.read()? else {
                continue;
            };
            let mut message: Value = serde_json::from_str(&text)?;
            let params = &message["params"];
            if message["method"] == "browsingContext.contextCreated" {
                if let (Some(frame), Some(parent)) = (params["context"].as_str(), params["parent"].as_str()) {
                    self.parents.insert(frame.to_owned(), parent.to_owned());
                }
            } else if message["method"] == "log.entryAdded" {
                let mut tab = params["source"]["context"].as_str().unwrap_or_default();
                while let Some(parent) = self.parents.get(tab) {
                    tab = parent;
                }
                let said = self.console.entry(tab.to_owned()).or_default();
                said.push(params["text"].as_str().unwrap_or_default().to_owned());
            } else if message["id"] == self.last {
                if message["type"] == "error" {
                    return Err(format!("{method}: {}", message["message"]).into());
                }
                return Ok(message["result"].take());
            }
        }
    }
}
