//! Chromium, by its DevTools protocol.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use headless_chrome::browser::tab::Tab;
use headless_chrome::protocol::cdp::Page::{AddScriptToEvaluateOnNewDocument, Navigate};
use headless_chrome::protocol::cdp::types::Event;
use headless_chrome::{Browser, LaunchOptions};

use super::driver;

/// A browser with a profile of its own, which goes with it.
pub(crate) struct Chromium {
    browser: Browser,
    probe: String,
}

impl Chromium {
    pub(crate) fn launch(program: &Path, probe: &str) -> Result<Self, driver::Fault> {
        let args = [
            "--disable-quic",
            "--disable-component-update",
            "--mute-audio",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            // Sandboxed and data: frames in the same process, so that the probe runs in them too.
            "--disable-site-isolation-trials",
            "--disable-features=Translate,IsolateSandboxedIframes,BackForwardCache,HttpsUpgrades",
        ];
        let options = LaunchOptions {
            // Containers run as root, where the sandbox does not.
            sandbox: false,
            path: Some(program.to_owned()),
            args: args.iter().map(OsStr::new).collect(),
            idle_browser_timeout: Duration::from_secs(600),
            ..LaunchOptions::default()
        };
        Ok(Self { browser: Browser::new(options)?, probe: probe.to_owned() })
    }
}

impl driver::Browser for Chromium {
    fn version(&self) -> Result<String, driver::Fault> {
        Ok(self.browser.get_version()?.product)
    }

    fn tab(&self) -> Result<Box<dyn driver::Tab>, driver::Fault> {
        let tab = self.browser.new_tab()?;
        tab.set_default_timeout(driver::LIMIT);
        tab.call_method(AddScriptToEvaluateOnNewDocument {
            source: self.probe.clone(),
            world_name: None,
            include_command_line_api: None,
            run_immediately: None,
        })?;
        let console = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&console);
        tab.add_event_listener(Arc::new(move |event: &Event| {
            if let Event::LogEntryAdded(added) = event {
                lines.lock().unwrap().push(added.params.entry.text.clone());
            }
        }))?;
        tab.enable_log()?;
        Ok(Box::new(ChromiumTab { tab, console }))
    }
}

struct ChromiumTab {
    tab: Arc<Tab>,
    console: Arc<Mutex<Vec<String>>>,
}

impl driver::Tab for ChromiumTab {
    fn open(&mut self, url: &str) -> Result<(), driver::Fault> {
        self.console.lock().unwrap().clear();
        self.tab.call_method(Navigate {
            url: url.to_owned(),
            referrer: None,
            transition_Type: None,
            frame_id: None,
            referrer_policy: None,
        })?;
        Ok(())
    }

    fn console(&mut self) -> Result<Vec<String>, driver::Fault> {
        // Messages that are on their way come before the answer.
        self.tab.evaluate("0", false)?;
        Ok(self.console.lock().unwrap().clone())
    }
}
