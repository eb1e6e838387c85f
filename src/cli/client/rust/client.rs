//! What every function of this client stands on: requests, credentials, retries, errors, streams.
//! It knows nothing of the service.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What is shown to the service.
#[derive(Clone)]
pub enum Credential {
    Token(String),
    Basic { username: String, password: String },
    /// Gets a token for each request.
    Callback(Arc<dyn Fn() -> String + Send + Sync>),
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credential(…)")
    }
}

/// How a security scheme shows a credential.
#[derive(Clone, Copy, Debug)]
pub enum Scheme {
    Bearer,
    Basic,
    Header(&'static str),
    Query(&'static str),
    Cookie(&'static str),
}

/// When a request that failed is sent again.
#[derive(Clone, Debug)]
pub struct Retry {
    /// How often it is sent at most.
    pub attempts: u32,
    pub first_wait: Duration,
    /// Who is asked to wait longer gets the error.
    pub longest_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            attempts: 3,
            first_wait: Duration::from_millis(200),
            longest_wait: Duration::from_secs(10),
        }
    }
}

/// Where the service is, and how to talk to it.
#[derive(Clone, Debug)]
pub struct Client {
    pub base_url: String,
    /// By the name of their security scheme.
    pub credentials: BTreeMap<String, Credential>,
    pub retry: Retry,
    /// For one attempt, content included; a stream until it begins.
    pub timeout: Duration,
    /// Gives every POST and PATCH an Idempotency-Key, so that they may be sent again, too.
    pub idempotency_keys: bool,
    pub http: reqwest::Client,
    pub(crate) schemes: &'static [(&'static str, Scheme)],
    pub(crate) has_default_url: bool,
}

/// Problem details (RFC 9457).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProblemDetails {
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    #[serde(flatten)]
    pub extensions: BTreeMap<String, Value>,
}

/// The service answered with a status that is no success.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub content: String,
}

impl ApiError {
    /// The content as the type that the function documents for this status.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        decode(&self.content)
    }
    /// The problem details, if the content is that.
    pub fn problem(&self) -> Option<ProblemDetails> {
        let kind = self.headers.get("content-type")?.to_str().ok()?;
        if !kind.starts_with("application/problem+json") {
            return None;
        }
        serde_json::from_str(&self.content).ok()
    }
    /// How long Retry-After or the RateLimit fields ask to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers)
    }
}

/// Why there is no result.
#[derive(Debug)]
pub enum Error {
    /// The service said no.
    Api(Box<ApiError>),
    /// There was no answer, or not in time: see `is_timeout` of it.
    Http(reqwest::Error),
    /// The answer is not what its type says.
    Decode(String),
    /// An argument would make it another request.
    Argument(String),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Api(error) => write!(formatter, "{}: {}", error.status, error.content),
            Error::Http(error) => write!(formatter, "{error}"),
            Error::Decode(what) | Error::Argument(what) => formatter.write_str(what),
        }
    }
}

impl std::error::Error for Error {}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Error::Http(error)
    }
}

impl Error {
    /// The service's answer, if there was one.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Error::Api(error) => Some(error),
            _ => None,
        }
    }
}

pub(crate) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Decode(format!("the content is not what it should be: {error}")))
}

/// A result, with the head of its response.
#[derive(Clone, Debug)]
pub struct Reply<T> {
    pub body: T,
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub url: reqwest::Url,
}

impl<T> std::ops::Deref for Reply<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.body
    }
}

impl<T> Reply<T> {
    pub fn into_inner(self) -> T {
        self.body
    }
    /// Where the link with rel="next" leads (RFC 8288): the next page.
    pub fn next_page(&self) -> Option<String> {
        for field in self.headers.get_all("link") {
            for link in field.to_str().ok()?.split('<').skip(1) {
                let (target, parameters) = link.split_once('>')?;
                let is_next = parameters.split(';').any(|one| {
                    one.trim_matches([' ', ','])
                        .strip_prefix("rel=")
                        .is_some_and(|names| names.trim_matches('"').split(' ').any(|name| name == "next"))
                });
                if is_next {
                    return self.url.join(target).ok().map(String::from);
                }
            }
        }
        None
    }
}

fn number(headers: &reqwest::header::HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn retry_after(headers: &reqwest::header::HeaderMap) -> Option<Duration> {
    if let Some(seconds) = number(headers, "retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    if let Some(field) = headers.get("ratelimit").and_then(|value| value.to_str().ok()) {
        let part = |name: &str| -> Option<u64> {
            field.split(';').find_map(|one| one.trim().strip_prefix(name)?.parse().ok())
        };
        if part("r=") == Some(0) {
            return part("t=").map(Duration::from_secs);
        }
    }
    if number(headers, "ratelimit-remaining") == Some(0) {
        return number(headers, "ratelimit-reset").map(Duration::from_secs);
    }
    None
}

// --- Parameters ---

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn to_value<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

pub(crate) fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A parameter of the path.
pub(crate) fn path_value<T: Serialize>(name: &str, value: &T) -> Result<String, Error> {
    let text = match to_value(value) {
        Value::Array(items) => items.iter().map(|item| encode(&plain(item))).collect::<Vec<_>>().join(","),
        other => encode(&plain(&other)),
    };
    if text.is_empty() || text == "." || text == ".." {
        return Err(Error::Argument(format!("the path parameter \"{name}\" can't be \"{text}\"")));
    }
    Ok(text)
}

fn deep(name: &str, value: &Value, to: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                deep(&format!("{name}[{index}]"), item, to);
            }
        }
        Value::Object(members) => {
            for (key, item) in members {
                deep(&format!("{name}[{key}]"), item, to);
            }
        }
        other => to.push(format!("{}={}", encode(name), encode(&plain(other)))),
    }
}

fn pairs(name: &str, value: &Value, style: &str, explode: bool, to: &mut Vec<String>) {
    let separator = match style {
        "spaceDelimited" => "%20",
        "pipeDelimited" => "%7C",
        _ => ",",
    };
    match value {
        Value::Null => {}
        _ if style == "deepObject" => deep(name, value, to),
        Value::Array(items) if explode => {
            to.extend(items.iter().map(|item| format!("{}={}", encode(name), encode(&plain(item)))));
        }
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) => {
            let all: Vec<_> = items.iter().map(|item| encode(&plain(item))).collect();
            to.push(format!("{}={}", encode(name), all.join(separator)));
        }
        Value::Object(members) if explode => {
            to.extend(members.iter().map(|(key, item)| format!("{}={}", encode(key), encode(&plain(item)))));
        }
        Value::Object(members) => {
            let all: Vec<_> =
                members.iter().map(|(key, item)| format!("{}{separator}{}", encode(key), encode(&plain(item)))).collect();
            to.push(format!("{}={}", encode(name), all.join(separator)));
        }
        other => to.push(format!("{}={}", encode(name), encode(&plain(other)))),
    }
}

/// A file or other bytes in a form; in JSON they are a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilePart {
    pub data: Vec<u8>,
    pub file_name: Option<String>,
    pub content_type: Option<String>,
}

impl Serialize for FilePart {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&String::from_utf8_lossy(&self.data))
    }
}

impl<'de> Deserialize<'de> for FilePart {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = String::deserialize(deserializer)?.into_bytes();
        Ok(FilePart { data, ..FilePart::default() })
    }
}

#[derive(Clone, Debug)]
enum Part {
    Text { name: String, content_type: Option<String>, text: String },
    File { name: String, file: FilePart },
}

/// The parts of a multipart/form-data body.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<Part>);

impl Form {
    pub fn new() -> Self {
        Form::default()
    }
    pub fn file(mut self, name: &str, file: &FilePart, content_type: Option<&str>) -> Self {
        let mut file = file.clone();
        if let Some(kind) = content_type {
            file.content_type = Some(kind.to_owned());
        }
        self.0.push(Part::File { name: name.to_owned(), file });
        self
    }
    /// A text, number, list of these, or an object, which becomes JSON.
    pub fn value<T: Serialize>(mut self, name: &str, value: &T, content_type: Option<&str>) -> Self {
        let values = match to_value(value) {
            Value::Null => vec![],
            Value::Array(items) => items,
            other => vec![other],
        };
        for one in values {
            let kind = if one.is_object() { Some("application/json") } else { None };
            self.0.push(Part::Text {
                name: name.to_owned(),
                content_type: content_type.or(kind).map(str::to_owned),
                text: plain(&one),
            });
        }
        self
    }
    fn build(&self) -> Result<reqwest::multipart::Form, Error> {
        let mut form = reqwest::multipart::Form::new();
        for part in &self.0 {
            let (name, made, kind) = match part {
                Part::Text { name, content_type, text } => {
                    (name, reqwest::multipart::Part::text(text.clone()), content_type)
                }
                Part::File { name, file } => {
                    let made = reqwest::multipart::Part::bytes(file.data.clone())
                        .file_name(file.file_name.clone().unwrap_or_else(|| "file".to_owned()));
                    (name, made, &file.content_type)
                }
            };
            let made = match kind {
                Some(kind) => made.mime_str(kind)?,
                None => made,
            };
            form = form.part(name.clone(), made);
        }
        Ok(form)
    }
}

// --- Calls ---

#[derive(Debug)]
pub(crate) enum Content {
    Nothing,
    Bytes(String, Vec<u8>),
    Form(Form),
}

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Call {
    method: reqwest::Method,
    path: String,
    server: Option<&'static str>,
    query: Vec<String>,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    content: Content,
    auth: &'static [&'static [&'static str]],
    idempotency: Option<&'static str>,
    is_stream: bool,
}

impl Call {
    pub(crate) fn new(method: reqwest::Method, path: String, accept: &str) -> Self {
        Call {
            method,
            path,
            server: None,
            query: vec![],
            headers: vec![("accept".to_owned(), accept.to_owned())],
            cookies: vec![],
            content: Content::Nothing,
            auth: &[],
            idempotency: None,
            is_stream: false,
        }
    }
    pub(crate) fn query<T: Serialize>(mut self, name: &str, value: &T, style: &str, explode: bool) -> Self {
        pairs(name, &to_value(value), style, explode, &mut self.query);
        self
    }
    pub(crate) fn header<T: Serialize>(mut self, name: &str, value: &T) -> Self {
        let text = match to_value(value) {
            Value::Null => return self,
            Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
            other => plain(&other),
        };
        self.headers.push((name.to_owned(), text));
        self
    }
    pub(crate) fn cookie<T: Serialize>(mut self, name: &str, value: &T) -> Self {
        let value = to_value(value);
        if !value.is_null() {
            self.cookies.push(format!("{name}={}", encode(&plain(&value))));
        }
        self
    }
    pub(crate) fn json<T: Serialize>(self, media_type: &str, value: &T) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(value).map_err(|error| Error::Argument(error.to_string()))?;
        Ok(self.bytes(media_type, bytes))
    }
    pub(crate) fn bytes(mut self, media_type: &str, bytes: Vec<u8>) -> Self {
        self.content = Content::Bytes(media_type.to_owned(), bytes);
        self
    }
    pub(crate) fn urlencoded(self, media_type: &str, parts: &[(&str, Value, &str, bool)]) -> Self {
        let mut all = vec![];
        for (name, value, style, explode) in parts {
            pairs(name, value, style, *explode, &mut all);
        }
        self.bytes(media_type, all.join("&").into_bytes())
    }
    pub(crate) fn form(mut self, form: Form) -> Self {
        self.content = Content::Form(form);
        self
    }
    pub(crate) fn auth(mut self, sets: &'static [&'static [&'static str]]) -> Self {
        self.auth = sets;
        self
    }
    pub(crate) fn server(mut self, url: &'static str) -> Self {
        self.server = Some(url);
        self
    }
    pub(crate) fn idempotency(mut self, field: &'static str) -> Self {
        self.idempotency = Some(field);
        self
    }
    pub(crate) fn stream(mut self) -> Self {
        self.is_stream = true;
        self
    }
}

/// A value as JSON has it, for forms.
pub(crate) fn value_of<T: Serialize>(value: &T) -> Value {
    to_value(value)
}

impl Client {
    fn show_credentials(&self, call: &mut Call) {
        let complete = |set: &&&[&str]| set.iter().all(|name| self.credentials.contains_key(*name));
        let Some(set) = call.auth.iter().find(complete) else { return };
        for name in set.iter() {
            self.show(name, call);
        }
    }

    fn show(&self, name: &str, call: &mut Call) {
        let Some((_, scheme)) = self.schemes.iter().find(|(known, _)| *known == name) else { return };
        let token = match &self.credentials[name] {
            Credential::Token(token) => token.clone(),
            Credential::Callback(get) => get(),
            Credential::Basic { username, password } => {
                base64(format!("{username}:{password}").as_bytes())
            }
        };
        match scheme {
            Scheme::Bearer => call.headers.push(("authorization".to_owned(), format!("Bearer {token}"))),
            Scheme::Basic => call.headers.push(("authorization".to_owned(), format!("Basic {token}"))),
            Scheme::Header(field) => call.headers.push(((*field).to_owned(), token)),
            Scheme::Query(field) => call.query.push(format!("{}={}", encode(field), encode(&token))),
            Scheme::Cookie(field) => call.cookies.push(format!("{field}={}", encode(&token))),
        }
    }

    /// Sends a call, again if that may help.
    pub(crate) async fn send(&self, mut call: Call) -> Result<reqwest::Response, Error> {
        self.show_credentials(&mut call);
        let writes = call.method == reqwest::Method::POST || call.method == reqwest::Method::PATCH;
        let field = call.idempotency.unwrap_or("Idempotency-Key");
        let mut has_key = call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(field));
        if writes && !has_key && (self.idempotency_keys || call.idempotency.is_some()) {
            call.headers.push((field.to_owned(), uuid::Uuid::new_v4().to_string()));
            has_key = true;
        }
        if !call.cookies.is_empty() {
            call.headers.push(("cookie".to_owned(), call.cookies.join("; ")));
        }
        let base = match call.server {
            Some(server) if self.has_default_url => server,
            _ => self.base_url.trim_end_matches('/'),
        };
        let mut url = format!("{base}{}", call.path);
        if !call.query.is_empty() {
            let mark = if call.path.contains('?') { '&' } else { '?' };
            url = format!("{url}{mark}{}", call.query.join("&"));
        }
        let attempts = if !writes || has_key { self.retry.attempts.max(1) } else { 1 };
        let mut backoff = self.retry.first_wait;
        for attempt in 1.. {
            let mut request = self.http.request(call.method.clone(), &url);
            if !call.is_stream {
                request = request.timeout(self.timeout);
            }
            for (name, value) in &call.headers {
                request = request.header(name, value);
            }
            request = match &call.content {
                Content::Nothing => request,
                Content::Bytes(kind, bytes) => request.header("content-type", kind).body(bytes.clone()),
                Content::Form(form) => request.multipart(form.build()?),
            };
            let mut wait = backoff.min(self.retry.longest_wait);
            match request.send().await {
                Ok(response) if response.status().as_u16() < 400 => return Ok(response),
                Ok(response) => {
                    let status = response.status().as_u16();
                    let headers = response.headers().clone();
                    let asked = retry_after(&headers);
                    let content = response.text().await.unwrap_or_default();
                    let is_worth_it = matches!(status, 408 | 429 | 502 | 503 | 504);
                    if attempt >= attempts || !is_worth_it || asked > Some(self.retry.longest_wait) {
                        return Err(Error::Api(Box::new(ApiError { status, headers, content })));
                    }
                    wait = asked.unwrap_or(wait);
                }
                Err(error) if attempt >= attempts || error.is_builder() => return Err(error.into()),
                Err(_) => {}
            }
            tokio::time::sleep(wait).await;
            backoff *= 2;
        }
        unreachable!("the last attempt returns")
    }

    async fn whole(&self, call: Call) -> Result<Reply<bytes::Bytes>, Error> {
        let response = self.send(call).await?;
        let (status, headers, url) = (response.status().as_u16(), response.headers().clone(), response.url().clone());
        Ok(Reply { body: response.bytes().await?, status, headers, url })
    }
    pub(crate) async fn send_for_json<T: DeserializeOwned>(&self, call: Call) -> Result<Reply<T>, Error> {
        let Reply { body, status, headers, url } = self.whole(call).await?;
        let body = decode(&String::from_utf8_lossy(&body))?;
        Ok(Reply { body, status, headers, url })
    }
    pub(crate) async fn send_for_option<T: DeserializeOwned>(&self, call: Call) -> Result<Reply<Option<T>>, Error> {
        let Reply { body, status, headers, url } = self.whole(call).await?;
        let body = if body.is_empty() { None } else { Some(decode(&String::from_utf8_lossy(&body))?) };
        Ok(Reply { body, status, headers, url })
    }
    pub(crate) async fn send_for_bytes(&self, call: Call) -> Result<Reply<Vec<u8>>, Error> {
        let Reply { body, status, headers, url } = self.whole(call).await?;
        Ok(Reply { body: body.to_vec(), status, headers, url })
    }
    pub(crate) async fn send_for_text(&self, call: Call) -> Result<Reply<String>, Error> {
        let Reply { body, status, headers, url } = self.whole(call).await?;
        Ok(Reply { body: String::from_utf8_lossy(&body).into_owned(), status, headers, url })
    }
    pub(crate) async fn send_for_nothing(&self, call: Call) -> Result<Reply<()>, Error> {
        let Reply { status, headers, url, .. } = self.whole(call).await?;
        Ok(Reply { body: (), status, headers, url })
    }

    /// The page that `Reply::next_page` leads to, of the same type; of this service only.
    pub async fn follow<T: DeserializeOwned>(&self, url: &str) -> Result<Reply<T>, Error> {
        let base = self.base_url.trim_end_matches('/');
        let path = url.strip_prefix(base).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        let Some(path) = path else {
            return Err(Error::Argument(format!("\"{url}\" is not of the service at {base}")));
        };
        let mut call = Call::new(reqwest::Method::GET, path.to_owned(), "application/json");
        if let Some((name, _)) = self.schemes.iter().find(|(name, _)| self.credentials.contains_key(*name)) {
            self.show(name, &mut call);
        }
        self.send_for_json(call).await
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let all = chunk.iter().fold(0u32, |sum, byte| (sum << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            if i <= chunk.len() {
                out.push(LETTERS[(all >> (18 - 6 * i) & 63) as usize] as char);
            } else {
                out.push('=');
            }
        }
    }
    out
}

// --- Streams ---

/// The content of a response line by line.
#[derive(Debug)]
struct Lines {
    response: reqwest::Response,
    rest: Vec<u8>,
    is_at_end: bool,
}

impl Lines {
    fn new(response: reqwest::Response) -> Self {
        Lines { response, rest: vec![], is_at_end: false }
    }
    async fn next(&mut self) -> Result<Option<String>, Error> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n' || *byte == b'\r') {
                // A carriage return at the end may be the half of a line's end.
                if self.rest[end] == b'\n' || end + 1 < self.rest.len() || self.is_at_end {
                    let is_pair = self.rest[end] == b'\r' && self.rest.get(end + 1) == Some(&b'\n');
                    let line = String::from_utf8_lossy(&self.rest[..end]).into_owned();
                    self.rest.drain(..end + if is_pair { 2 } else { 1 });
                    return Ok(Some(line));
                }
            }
            if self.is_at_end {
                if self.rest.is_empty() {
                    return Ok(None);
                }
                return Ok(Some(String::from_utf8_lossy(&std::mem::take(&mut self.rest)).into_owned()));
            }
            match self.response.chunk().await? {
                Some(chunk) => self.rest.extend_from_slice(&chunk),
                None => self.is_at_end = true,
            }
        }
    }
}

/// An event of a text/event-stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub data: String,
    pub event: String,
    pub id: Option<String>,
}

impl Event {
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        decode(&self.data)
    }
}

/// The events of a response, as they come.
#[derive(Debug)]
pub struct Events {
    lines: Lines,
    last_id: Option<String>,
}

impl Events {
    pub(crate) fn new(response: reqwest::Response) -> Self {
        Events { lines: Lines::new(response), last_id: None }
    }
    /// `None` when the service has ended the stream.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        let (mut data, mut event) = (Vec::<String>::new(), String::new());
        while let Some(line) = self.lines.next().await? {
            if line.is_empty() {
                if !data.is_empty() {
                    let event = if event.is_empty() { "message".to_owned() } else { event };
                    return Ok(Some(Event { data: data.join("\n"), event, id: self.last_id.clone() }));
                }
                event.clear();
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "data" => data.push(value.to_owned()),
                "event" => event = value.to_owned(),
                "id" if !value.contains('\0') => self.last_id = Some(value.to_owned()),
                _ => {}
            }
        }
        Ok(None)
    }
}

/// The records of a response whose content is JSON line by line.
#[derive(Debug)]
pub struct Records<T> {
    lines: Lines,
    kind: std::marker::PhantomData<T>,
}

impl<T: DeserializeOwned> Records<T> {
    pub(crate) fn new(response: reqwest::Response) -> Self {
        Records { lines: Lines::new(response), kind: std::marker::PhantomData }
    }
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        while let Some(line) = self.lines.next().await? {
            let record = line.trim_start_matches('\u{1e}').trim();
            if !record.is_empty() {
                return decode(record).map(Some);
            }
        }
        Ok(None)
    }
}
