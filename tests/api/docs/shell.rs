//! The little of a shell that the documentation needs: `curl` to the server's router, the program's
//! own commands, words in quotes, `NAME=$(command)`, `$NAME` and `${NAME:0:LENGTH}`.

use std::collections::BTreeMap;

use axum::{body::Body, http::Request};
use tempfile::TempDir;

use super::reader::send;
use crate::{
    program::{folder, run},
    support::App,
};

/// The address that the documentation uses.
const SERVER: &str = "http://127.0.0.1:8080";

type Variables = BTreeMap<String, String>;

/// A shell in which `KEY` has the first organization's key.
pub(super) struct Shell<'a> {
    app: &'a App,
    folder: TempDir,
    variables: Variables,
}

impl<'a> Shell<'a> {
    pub(super) fn new(app: &'a App) -> Self {
        let variables = [("KEY".to_owned(), app.key.clone())].into();
        Self { app, folder: folder(), variables }
    }

    /// Runs a script, and returns the output of its last command. Panics if a command fails.
    pub(super) async fn run(&mut self, script: &str) -> String {
        let mut output = String::new();
        for line in lines(script) {
            let assignment =
                line.split_once("=$(").and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?)));
            let command = assignment.map_or(&*line, |(_, command)| command);
            output = self.command(&words(command, &self.variables)).await;
            if let Some((name, _)) = assignment {
                self.variables.insert(name.to_owned(), output.trim().to_owned());
            }
        }
        output
    }

    async fn command(&self, words: &[String]) -> String {
        let (program, arguments) = words.split_first().expect("a program");
        match &**program {
            "curl" => send(self.app, request(arguments)).await,
            "contacts-gateway" => {
                let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                arguments.extend(["--database-url", self.app.url()]);
                run(self.folder.path(), &arguments).ok()
            }
            other => panic!("`{other}` cannot be run here: mark the block as `sh not-run`"),
        }
    }
}

/// Returns the request that `curl` sends.
fn request(arguments: &[String]) -> Request<Body> {
    let mut request = Request::builder();
    let mut body = None;
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("the value of an option");
        match &**argument {
            "-H" => {
                let (name, value) = value().split_once(": ").expect("a header");
                request = request.header(name, value);
            }
            "-d" => body = Some(value().clone()),
            url => {
                let target = url.strip_prefix(SERVER).unwrap_or_else(|| panic!("{url} is another server"));
                request = request.uri(target);
            }
        }
    }
    let method = if body.is_some() { "POST" } else { "GET" };
    request.method(method).body(Body::from(body.unwrap_or_default())).expect("a request")
}

/// Returns the commands of a script. A command ends with its line, unless a backslash comes before the
/// line's end or a quote is open.
fn lines(script: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut quote = None;
    for c in script.replace("\\\n", " ").chars() {
        match quote {
            None if c == '\n' => {
                lines.push(String::new());
                continue;
            }
            None if matches!(c, '\'' | '"') => quote = Some(c),
            Some(open) if open == c => quote = None,
            None | Some(_) => {}
        }
        lines.last_mut().expect("a line").push(c);
    }
    lines.retain(|line| !line.trim().is_empty());
    lines
}

/// Returns the words of a command, without quotes and with the values of variables.
fn words(command: &str, variables: &Variables) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = command;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), _) if open == c => quote = None,
            (None, ' ') => words.extend(word.take()),
            (None | Some('"'), '$') => {
                let (value, after) = expanded(rest, variables);
                word.get_or_insert_default().push_str(&value);
                rest = after;
            }
            _ => word.get_or_insert_default().push(c),
        }
    }
    assert_eq!(quote, None, "a quote is not closed: {command}");
    words.extend(word);
    words
}

/// Returns the value of the variable whose name follows a `$`, and the text after it.
fn expanded<'a>(text: &'a str, variables: &Variables) -> (String, &'a str) {
    let (name, length, rest) = match text.strip_prefix('{') {
        Some(text) => {
            let (inner, rest) = text.split_once('}').expect("a closing brace");
            let (name, length) = inner.split_once(":0:").expect("a name and a length");
            (name, length.parse().expect("a length"), rest)
        }
        None => {
            let end = text.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(text.len());
            (&text[..end], usize::MAX, &text[end..])
        }
    };
    let value = variables.get(name).unwrap_or_else(|| panic!("the variable `{name}` is not set"));
    (value.chars().take(length).collect(), rest)
}

#[test]
fn scripts_are_read_as_a_shell_does() {
    let variables = [("KEY".to_owned(), "abcdef".to_owned())].into();
    let script = "curl a \\\n  -H \"x: $KEY\" -d '{\n \"$KEY\": \"b\"}'\n\necho ${KEY:0:3}d ''\n";
    let read: Vec<_> = lines(script).iter().map(|line| words(line, &variables)).collect();
    let curl = ["curl", "a", "-H", "x: abcdef", "-d", "{\n \"$KEY\": \"b\"}"];
    assert_eq!(read, [curl.to_vec(), vec!["echo", "abcd", ""]]);
}
