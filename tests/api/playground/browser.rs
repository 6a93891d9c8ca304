//! GraphiQL in Chromium, which can reach nothing but the gateway.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::program::{Server, folder};

/// A passing test does not wait for it.
const LONG: Duration = Duration::from_secs(90);

/// A page in a browser of its own, driven over its debugging protocol.
struct Page {
    child: Child,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: Option<String>,
    calls: u64,
    events: Vec<Value>,
    _profile: TempDir,
}

impl Page {
    async fn open() -> Self {
        let profile = folder();
        let mut child = Command::new(env!("CHROMIUM"))
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-dev-shm-usage", "--remote-debugging-port=0"])
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("Chromium starts");
        let mut said = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let url = loop {
            let line = said.next().expect("Chromium says where it listens").expect("text");
            if let Some(url) = line.strip_prefix("DevTools listening on ") {
                break url.to_owned();
            }
        };
        // It goes on talking, and must not be held up.
        std::thread::spawn(move || said.for_each(drop));
        let (socket, _) = connect_async(url).await.expect("Chromium answers");
        let mut page = Self { child, socket, session: None, calls: 0, events: Vec::new(), _profile: profile };
        let target = page.call("Target.createTarget", json!({"url": "about:blank"})).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = page.call("Target.attachToTarget", attach).await;
        page.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page
    }

    async fn next(&mut self) -> Value {
        loop {
            let message = self.socket.next().await.expect("Chromium is there").expect("a message");
            if let Message::Text(text) = message {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut call = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = &self.session {
            call["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(call.to_string())).await.expect("Chromium listens");
        loop {
            let mut message = self.next().await;
            if message["id"] == self.calls {
                assert_eq!(message.get("error"), None, "{method}: {message:#}");
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    async fn go(&mut self, url: &str) {
        self.call("Page.navigate", json!({"url": url})).await;
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.next().await;
            self.events.push(event);
        }
    }

    /// Evaluates an expression in the page, again and again there, until it is something.
    async fn until(&mut self, expression: &str) -> Value {
        let promise = format!(
            "new Promise(found => {{ const look = () => {{ const value = ({expression});
                value ? found(value) : requestAnimationFrame(look); }}; look(); }})"
        );
        let params = json!({"expression": promise, "awaitPromise": true, "returnByValue": true});
        let mut answer = self.call("Runtime.evaluate", params).await;
        assert_eq!(answer.get("exceptionDetails"), None, "{expression}: {answer:#}");
        answer["result"]["value"].take()
    }

    /// Runs an operation of the first tab; its answer.
    async fn run(&mut self, operation: &str) -> Value {
        const RESPONSE: &str = "__MONACO.editor.getModels().find(m => m.uri.path.endsWith('response.json'))";
        self.until(&format!("{RESPONSE}.setValue('') || true")).await;
        self.until(
            "document.querySelector('button.graphiql-execute-button[aria-haspopup=\"menu\"]').dispatchEvent(new \
             PointerEvent('pointerdown', {bubbles: true, button: 0, ctrlKey: false, pointerType: 'mouse'})) || true",
        )
        .await;
        let item = format!(
            "[...document.querySelectorAll('[role=menuitem]')].find(e => e.textContent === '{operation}')"
        );
        self.until(&format!("{item} && ({item}.click(), true)")).await;
        let text = self.until(&format!("{RESPONSE}.getValue()")).await;
        serde_json::from_str(text.as_str().expect("text")).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// What a developer would see in red.
    fn complaints(&self) -> Vec<&Value> {
        let is_bad = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => event["params"]["type"] == "error",
            Some("Log.entryAdded") => event["params"]["entry"]["level"] == "error",
            Some("Network.loadingFailed") => event["params"]["canceled"] != true,
            _ => false,
        };
        self.events.iter().filter(is_bad).collect()
    }

    /// Every address that the page asked for.
    fn requested(&self) -> Vec<&str> {
        let sent = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.map(|event| event["params"]["request"]["url"].as_str().expect("an address")).collect()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // All of its processes: any of them may still write to the profile.
        Command::new("kill").args(["-KILL", "--", &format!("-{}", self.child.id())]).status().ok();
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_user_opens_the_printed_address_and_runs_the_first_tab() {
    let folder = folder();
    let server = Server::start(folder.path(), &[]);
    let key = server.key().expect("a key").to_owned();
    let told = async {
        let mut page = Page::open().await;
        page.go(&format!("http://{}/#key={key}", server.address)).await;
        page.until(
            "document.querySelector('button.graphiql-execute-button[aria-haspopup=\"menu\"]') !== null",
        )
        .await;

        let created = page.run("CreateFirstContact").await;
        let contact = &created["data"]["createContact"]["contact"];
        assert_eq!(contact["displayName"], "Jane Doe", "{created:#}");
        let listed = page.run("FirstContacts").await;
        assert_eq!(listed["data"]["contacts"]["totalCount"], 1, "{listed:#}");
        assert_eq!(listed["data"]["contacts"]["nodes"][0]["id"], contact["id"], "{listed:#}");

        let address = page.until("location.href").await;
        assert_eq!(address, format!("http://{}/graphiql/", server.address));
        let kept = page.until("JSON.stringify(localStorage) + document.cookie + ' '").await;
        assert!(!kept.as_str().expect("text").contains(&key[4..]), "{kept}");
        assert_eq!(page.complaints(), Vec::<&Value>::new());
        let own = format!("http://{}/", server.address);
        let foreign: Vec<&str> = page
            .requested()
            .into_iter()
            .filter(|url| !url.starts_with(&own) && !url.starts_with("data:") && !url.starts_with("blob:"))
            .collect();
        assert_eq!(foreign, [""; 0]);
        assert!(page.requested().iter().all(|url| !url.contains(&key[4..])), "the key is in no address");
    };
    tokio::time::timeout(LONG, told).await.expect("in time");
}
