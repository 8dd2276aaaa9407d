//! A headless Chromium for tests of pages, driven over the DevTools protocol: real layout, real mouse and keys.
//!
//! A test is a function of a [`Browser`]; what goes wrong panics and says what. Where no browser is installed (`chromium`,
//! `chromium-browser` or `google-chrome` on PATH, or whatever CHROMIUM names) the tests are listed as skipped. With
//! UNFOLD_SCREENSHOTS naming a folder, what is photographed is left there to be looked at.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

use base64::prelude::{BASE64_STANDARD, Engine};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::unless;

/// How long anything may take: far longer than it does, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// The browser's program, if there is one.
fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").filter(|named| !named.is_empty()) {
        return Some(named.into());
    }
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.iter().flat_map(|name| folders.iter().map(move |f| f.join(name))).find(|path| path.is_file())
}

/// What tries something in a browser; it panics when that fails.
pub type Test = fn(&mut Browser);

/// The tests by name, each with a browser of its own; skipped where there is none.
pub fn trials(module: &str, tests: &[(&str, Test)]) -> Vec<Trial> {
    let trial = |&(name, test): &(&str, Test)| {
        let trial = Trial::test(crate::name(module, name), move || {
            test(&mut Browser::start());
            Ok(())
        });
        unless(program().is_none().then(|| "no chromium on PATH".to_owned()), trial)
    };
    tests.iter().map(trial).collect()
}

/// A browser with one tab. It ends when this is dropped.
pub struct Browser {
    process: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    session: Value,
    calls: u64,
    /// What the page did unasked since it was opened.
    events: Vec<Value>,
    page: String,
    /// Holds the browser's own files.
    _profile: TempDir,
}

impl Browser {
    /// Starts the browser.
    pub fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        // It listens at file descriptor 3 and answers at 4, each message ended by a zero.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1"])
            .arg(program().expect("a browser"))
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"])
            .args(["--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-sync"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-extensions"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the browser starts");
        let (commands, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let (send, messages) = mpsc::channel();
        std::thread::spawn(move || {
            for message in BufReader::new(output).split(0).map_while(Result::ok) {
                if send.send(serde_json::from_slice(&message).expect("JSON")).is_err() {
                    break;
                }
            }
        });
        let (session, page, events) = (Value::Null, String::new(), Vec::new());
        let mut browser = Browser { process, commands, messages, session, calls: 0, events, page, _profile: profile };
        let tab = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached = json!({ "targetId": tab["targetId"], "flatten": true });
        browser.session = browser.call("Target.attachToTarget", attached)["sessionId"].clone();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    fn send(&mut self, command: &Value) -> std::io::Result<()> {
        write!(self.commands, "{command}\0")
    }

    /// The next message of the browser.
    fn receive(&mut self, awaited: &str) -> Value {
        self.messages.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("while waiting for {awaited}: {error}"))
    }

    /// One command of the protocol and its result.
    #[track_caller]
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let mut command = json!({ "id": self.calls, "method": method, "params": parameters });
        if !self.session.is_null() {
            command["sessionId"] = self.session.clone();
        }
        self.send(&command).expect("the browser listens");
        loop {
            let message = self.receive(method);
            if message["id"] == self.calls {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    /// Opens a file in a window of so many pixels, and waits until it is loaded.
    #[track_caller]
    pub fn open(&mut self, file: &Path, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
        self.events.clear();
        let address = format!("file://{}", file.canonicalize().expect("the page is there").display());
        let answer = self.call("Page.navigate", json!({ "url": address }));
        assert!(answer["errorText"].is_null(), "{address}: {}", answer["errorText"]);
        while !self.events.iter().any(|e| e["method"] == "Page.loadEventFired") {
            let event = self.receive("the page");
            self.events.push(event);
        }
        // As the browser writes it, spaces escaped.
        self.page = self.evaluate("location.href").as_str().expect("an address").to_owned();
    }

    /// The value of an expression in the page, awaited if it is a promise.
    #[track_caller]
    pub fn evaluate(&mut self, script: &str) -> Value {
        let expression =
            json!({ "expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let answer = self.call("Runtime.evaluate", expression);
        let exception = &answer["exceptionDetails"];
        assert!(exception.is_null(), "{script}\n{}", exception["exception"]["description"]);
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub fn wait_until(&mut self, script: &str) {
        let begun = Instant::now();
        while self.evaluate(script) != true {
            assert!(begun.elapsed() < PATIENCE, "never: {script}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Scrolls to an element and returns its box, `[left, top, width, height]` in the window. It must be visible, and its middle
    /// uncovered.
    ///
    /// # Errors
    /// What is the matter with it.
    pub fn find(&mut self, selector: &str) -> Result<[f64; 4], String> {
        let found = self.evaluate(&format!(
            "(() => {{
                const e = document.querySelector({selector:?});
                if (!e) return 'is not there';
                e.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }});
                const b = e.getBoundingClientRect();
                if (!b.width || !b.height || !e.checkVisibility({{ visibilityProperty: true }})) return 'is not visible';
                const top = document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);
                if (!top) return 'lies outside the window';
                if (!e.contains(top) && !(top.control === e)) return 'is covered by ' + top.outerHTML.slice(0, 120);
                return [b.x, b.y, b.width, b.height];
            }})()"
        ));
        match found.as_str() {
            Some(why) => Err(format!("{selector} {why}")),
            None => Ok(std::array::from_fn(|i| found[i].as_f64().expect("a number"))),
        }
    }

    fn mouse(&mut self, kind: &str, (x, y): (f64, f64)) {
        let buttons = u8::from(kind != "mouseReleased");
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", event);
    }

    /// Presses the mouse at one place of an element, moves it to another and lets it go; places in shares of its width and
    /// height.
    #[track_caller]
    pub fn drag(&mut self, selector: &str, from: (f64, f64), to: (f64, f64)) {
        let [x, y, width, height] = self.find(selector).unwrap_or_else(|why| panic!("{why}"));
        let at = |(across, down): (f64, f64)| (x + across * width, y + down * height);
        let between = |share: f64| at((from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1)));
        let first = json!({ "type": "mouseMoved", "x": at(from).0, "y": at(from).1 });
        self.call("Input.dispatchMouseEvent", first);
        self.mouse("mousePressed", at(from));
        if from != to {
            [0.25, 0.5, 0.75, 1.0].into_iter().for_each(|share| self.mouse("mouseMoved", between(share)));
        }
        self.mouse("mouseReleased", at(to));
    }

    /// Clicks at the middle of an element.
    #[track_caller]
    pub fn click(&mut self, selector: &str) {
        self.drag(selector, (0.5, 0.5), (0.5, 0.5));
    }

    /// Presses a key: a character, or a name as in `KeyboardEvent.key` (`Tab`, `ArrowLeft`, `Enter`); `Shift+` before it holds
    /// Shift.
    #[track_caller]
    pub fn press(&mut self, key: &str) {
        let (key, shift) = key.strip_prefix("Shift+").map_or((key, false), |key| (key, true));
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "End" => 35,
            "Home" => 36,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            _ => u32::from(key.chars().next().expect("a key").to_ascii_uppercase()),
        };
        let mut event = json!({
            "type": "keyDown", "key": key, "windowsVirtualKeyCode": code, "modifiers": if shift { 8 } else { 0 },
        });
        match key {
            "Enter" => event["text"] = "\r".into(),
            _ if key.chars().count() == 1 => event["text"] = key.into(),
            _ => {}
        }
        self.call("Input.dispatchKeyEvent", event.clone());
        event["type"] = "keyUp".into();
        self.call("Input.dispatchKeyEvent", event);
    }

    /// The medium (`"print"`; `""` for the screen) and what the reader prefers, as in `("prefers-color-scheme", "dark")`.
    pub fn emulate(&mut self, medium: &str, features: &[(&str, &str)]) {
        let features: Vec<Value> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.call("Emulation.setEmulatedMedia", json!({ "media": medium, "features": features }));
    }

    /// Leaves a picture of the window, or of the whole page, as `name.png`, if UNFOLD_SCREENSHOTS names a folder.
    pub fn screenshot(&mut self, name: &str, whole: bool) {
        let Some(folder) = std::env::var_os("UNFOLD_SCREENSHOTS").map(PathBuf::from) else { return };
        let data = self.call("Page.captureScreenshot", json!({ "captureBeyondViewport": whole }))["data"].clone();
        save(&folder.join(format!("{name}.png")), &data);
    }

    /// Leaves the page as printed, as `name.pdf`, if UNFOLD_SCREENSHOTS names a folder.
    pub fn print(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("UNFOLD_SCREENSHOTS").map(PathBuf::from) else { return };
        let data =
            self.call("Page.printToPDF", json!({ "printBackground": true, "preferCSSPageSize": true }))["data"].clone();
        save(&folder.join(format!("{name}.pdf")), &data);
    }

    /// What a page should not do: errors and warnings on the console, exceptions, anything fetched but the page itself.
    pub fn complaints(&mut self) -> Vec<String> {
        // The answer comes after whatever happened before.
        self.evaluate("new Promise(done => setTimeout(done, 50))");
        let complaint = |event: &Value| {
            let of = &event["params"];
            match event["method"].as_str()? {
                "Runtime.exceptionThrown" => Some(of["exceptionDetails"]["exception"]["description"].to_string()),
                "Runtime.consoleAPICalled" if ["error", "warning", "assert"].contains(&of["type"].as_str()?) => {
                    Some(of["args"].to_string())
                }
                "Log.entryAdded" if of["entry"]["level"] != "info" => Some(of["entry"].to_string()),
                "Network.requestWillBeSent" => {
                    let url = of["request"]["url"].as_str()?;
                    let own = url.split('#').next() == Some(&self.page)
                        || url.starts_with("data:")
                        || url.starts_with("blob:");
                    (!own).then(|| format!("fetches {url}"))
                }
                _ => None,
            }
        };
        self.events.iter().filter_map(complaint).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asked first, because only then it takes its children and their files along.
        let close = json!({ "id": 0, "method": "Browser.close" });
        let _ = self.send(&close);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) && matches!(self.process.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn save(file: &Path, data: &Value) {
    let bytes = BASE64_STANDARD.decode(data.as_str().unwrap()).unwrap();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, bytes).unwrap();
}
