//! A server that answers like AWS, as far as a test says, and with nothing else.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A call as it came in.
#[derive(Clone, Debug)]
pub struct Request {
    /// `DescribeVpcs`, `ListTasks`; for calls by path, the method and the path.
    pub action: String,
    /// `ec2`, `ecs`: as it was signed for.
    pub service: String,
    /// As it was signed for.
    pub region: String,
    /// Whose credentials signed it.
    pub key: String,
    pub body: String,
    /// How often this action was asked for before.
    pub before: usize,
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    Body(u16, String),
    /// Nothing, for so long.
    Silence(Duration),
    /// The connection ends.
    HangUp,
}

type Handler = dyn Fn(&Request) -> Option<Reply> + Send + Sync;

/// A running server.
pub struct Stub {
    pub endpoint: String,
    port: u16,
    stopped: Arc<AtomicBool>,
    counts: Arc<Mutex<BTreeMap<String, usize>>>,
    pub total: Arc<AtomicUsize>,
}

impl Stub {
    /// Answers as `handler` says, and where it says nothing, that there is nothing.
    pub fn new(handler: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let stub = Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            port,
            stopped: Arc::default(),
            counts: Arc::default(),
            total: Arc::default(),
        };
        let handler: Arc<Handler> = Arc::new(handler);
        let (stopped, counts, total) =
            (Arc::clone(&stub.stopped), Arc::clone(&stub.counts), Arc::clone(&stub.total));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (handler, counts, total, stopped) = (
                    Arc::clone(&handler),
                    Arc::clone(&counts),
                    Arc::clone(&total),
                    Arc::clone(&stopped),
                );
                thread::spawn(move || serve(stream, &*handler, &counts, &total, &stopped));
            }
        });
        stub
    }

    /// How often an action was asked for.
    pub fn asked(&self, action: &str) -> usize {
        self.counts.lock().unwrap().get(action).copied().unwrap_or(0)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn serve(
    stream: TcpStream,
    handler: &Handler,
    counts: &Mutex<BTreeMap<String, usize>>,
    total: &AtomicUsize,
    stopped: &AtomicBool,
) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(mut request) = read(&mut reader) {
        if stopped.load(Ordering::SeqCst) {
            break;
        }
        total.fetch_add(1, Ordering::SeqCst);
        {
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(request.action.clone()).or_default();
            request.before = *count;
            *count += 1;
        }
        let reply = handler(&request).unwrap_or_else(|| nothing(&request));
        let (status, body) = match reply {
            Reply::Body(status, body) => (status, body),
            Reply::Silence(time) => {
                thread::sleep(time);
                break;
            }
            Reply::HangUp => break,
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
            if body.starts_with('{') { "application/x-amz-json-1.1" } else { "text/xml" },
            body.len()
        );
        if stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body.as_bytes()))
            .is_err()
        {
            break;
        }
    }
    drop(stream.shutdown(Shutdown::Both));
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|size| *size > 0)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut target, mut signed) = (0, String::new(), String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "x-amz-target" => target = value.to_owned(),
            "authorization" => signed = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    let action = match body.split('&').find_map(|part| part.strip_prefix("Action=")) {
        Some(action) => action.to_owned(),
        None if !target.is_empty() => target.rsplit('.').next().unwrap().to_owned(),
        None => format!("{method} {}", path.split('?').next().unwrap()),
    };
    let scope: Vec<&str> = signed
        .split_once("Credential=")
        .map(|(_, rest)| rest.split(',').next().unwrap().split('/').collect())
        .unwrap_or_default();
    let part = |index: usize| scope.get(index).copied().unwrap_or_default().to_owned();
    let body = if method == "GET" { path } else { body };
    Some(Request { action, service: part(3), region: part(2), key: part(0), body, before: 0 })
}

/// The parameter of a call whose body is a form.
pub fn parameter(request: &Request, name: &str) -> Option<String> {
    let parts = request.body.split(['&', '?']);
    let value = parts.filter_map(|part| part.split_once('=')).find(|(key, _)| *key == name)?.1;
    Some(value.replace("%3A", ":").replace("%2F", "/"))
}

/// The account whose credentials signed a call: the caller's own, or the assumed one's.
pub fn account(request: &Request) -> String {
    request.key.strip_prefix("ASSUMED").unwrap_or("111122223333").to_owned()
}

/// An answer of EC2's.
pub fn ec2(action: &str, members: &str) -> Option<Reply> {
    Some(Reply::Body(200, format!("<{action}Response>{members}</{action}Response>")))
}

/// An error of EC2's.
pub fn ec2_error(status: u16, code: &str) -> Option<Reply> {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>so it is</Message></Error></Errors>\
         <RequestID>r</RequestID></Response>"
    );
    Some(Reply::Body(status, body))
}

/// The answer of an account that has nothing.
fn nothing(request: &Request) -> Reply {
    let action = &request.action;
    let body = match (request.service.as_str(), action.as_str()) {
        (_, "GetCallerIdentity") => {
            let account = account(request);
            format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{account}</Account>\
                 <Arn>arn:aws:iam::{account}:user/u</Arn><UserId>U</UserId>\
                 </GetCallerIdentityResult></GetCallerIdentityResponse>"
            )
        }
        (_, "AssumeRole") => {
            let role = parameter(request, "RoleArn").unwrap();
            let account = role.split(':').nth(4).unwrap();
            format!(
                "<AssumeRoleResponse><AssumeRoleResult><Credentials>\
                 <AccessKeyId>ASSUMED{account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                 <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>\
                 </Credentials></AssumeRoleResult></AssumeRoleResponse>"
            )
        }
        ("ec2", _) => format!("<{action}Response><requestId>r</requestId></{action}Response>"),
        ("elasticloadbalancing", _) => {
            format!("<{action}Response><{action}Result/></{action}Response>")
        }
        ("route53", path) if path.ends_with("hostedzone") => {
            "<ListHostedZonesResponse><HostedZones/><IsTruncated>false</IsTruncated>\
             <MaxItems>100</MaxItems></ListHostedZonesResponse>"
                .to_owned()
        }
        ("route53", _) => {
            "<ListHostedZonesByVPCResponse><HostedZoneSummaries/><MaxItems>1</MaxItems>\
                           </ListHostedZonesByVPCResponse>"
                .to_owned()
        }
        _ => "{}".to_owned(),
    };
    Reply::Body(200, body)
}
