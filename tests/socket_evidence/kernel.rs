//! The acceptance table, held against the kernel that this test runs on (CTR-02, CTR-03).

use super::accepts;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use vpc_reach::answer::{Query, Verdict};
use vpc_reach::edit::observe;
use vpc_reach::network::{Listening, Socket};
use vpc_reach::query::World;
use vpc_reach::read::{evidence, scenario};

/// Says what was not tried, past the test runner's capture.
fn not_run(what: &str, why: &str) {
    let _ = writeln!(io::stderr(), "NOT RUN: {what}: {why}");
}

/// The IPv4 address that this machine sends from.
fn own_address() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: this only picks a route.
    socket.connect("198.51.100.1:9").ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(address) if !address.is_loopback() && !address.is_unspecified() => Some(address),
        _ => None,
    }
}

/// Whether a connection is accepted or refused; nothing when the family is not there.
fn accepted(address: IpAddr, port: u16) -> Option<bool> {
    match TcpStream::connect_timeout(&SocketAddr::new(address, port), Duration::from_secs(5)) {
        Ok(_) => Some(true),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Some(false),
        Err(error) => {
            not_run(&format!("connecting to {address}"), &error.to_string());
            None
        }
    }
}

/// What `reach` says of a connection to `address`; nothing for unknown.
fn proven(dump: &Listening, address: Ipv4Addr, port: u16) -> Option<bool> {
    let text = format!(
        "
vpcs: {{ app: {{ cidr: 10.0.0.0/16 }} }}
subnets: {{ a: {{ vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }} }}
security_groups: {{ any: {{ vpc: app, ingress: [{{ from: 0.0.0.0/0, port: all, protocol: all }}] }} }}
interfaces:
  client: {{ subnet: a, address: 10.0.1.20, security_groups: [any] }}
  server: {{ subnet: a, address: {TASK}, security_groups: [any] }}
"
    );
    let mut network = scenario::read("test.yaml", &text, &mut |_| unreachable!()).unwrap().network;
    let mut dump = dump.clone();
    // The machine's own address stands for the task's.
    for socket in &mut dump.sockets {
        if socket.address == IpAddr::V4(address) {
            socket.address = IpAddr::V4(TASK);
        }
    }
    observe(&mut network, "server", dump).unwrap();
    let query: Query = format!("client -> server:{port}").parse().unwrap();
    match World::new(network).ask(&query).unwrap().verdict {
        Verdict::Reachable => Some(true),
        Verdict::Blocked => Some(false),
        Verdict::Unknown => None,
        Verdict::Intermittent => panic!("one interface, one port"),
    }
}

const TASK: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 10);

/// A process that listens on `::` for IPv6 only, which the standard library cannot ask for; it ends
/// when its stdin does.
fn ipv6_only() -> Option<(Child, u16)> {
    let program = "
import socket, sys
s = socket.socket(socket.AF_INET6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
s.bind(('::', 0))
s.listen(16)
print(s.getsockname()[1], flush=True)
sys.stdin.read()
";
    let mut command = Command::new("python3");
    command.args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
    match line.trim().parse() {
        Ok(port) => Some((child, port)),
        Err(_) => {
            child.wait().ok()?;
            None
        }
    }
}

#[test]
fn the_kernel_accepts_and_refuses_what_its_dump_says() {
    if !cfg!(target_os = "linux") {
        return not_run("the acceptance table against the kernel", "this is not Linux");
    }
    let own = own_address();
    if own.is_none() {
        not_run("connecting to this machine's own address", "it has none but loopback");
    }
    let (mut bound, mut listeners) = (Vec::<(String, u16)>::new(), Vec::new());
    let mut addresses: Vec<String> = [
        "127.0.0.1",
        "127.0.0.2",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:0.0.0.0]",
    ]
    .map(str::to_owned)
    .to_vec();
    addresses.extend(own.map(|address| address.to_string()));
    for address in addresses {
        match TcpListener::bind(format!("{address}:0")) {
            Ok(listener) => {
                let port = listener.local_addr().unwrap().port();
                bound.push((address, port));
                listeners.push(listener);
            }
            Err(error) => not_run(&format!("binding {address}"), &error.to_string()),
        }
    }
    let mut other = ipv6_only();
    match &other {
        Some((_, port)) => bound.push(("[::] for IPv6 only".to_owned(), *port)),
        None => not_run("binding :: for IPv6 only", "python3 is not here, or IPv6 is not"),
    }
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| {
        std::fs::read_to_string(path).unwrap_or_else(|error| {
            not_run(path, &error.to_string());
            String::new()
        })
    });
    let mut dumps = vec![("/proc/net", tables.concat())];
    match Command::new("ss").arg("-ltn").output() {
        Ok(output) if output.status.success() => {
            dumps.push(("ss -ltn", String::from_utf8(output.stdout).unwrap()));
        }
        _ => not_run("the same with ss", "there is none here"),
    }
    let targets: Vec<IpAddr> = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
        .into_iter()
        .chain(own.map(IpAddr::V4))
        .collect();
    let mut compared = 0;
    for (tool, text) in &dumps {
        let dump = evidence::read(tool, text).unwrap();
        assert_eq!(dump.ignored, [], "{tool}");
        for (address, port) in &bound {
            let on: Vec<&Socket> =
                dump.listening.sockets.iter().filter(|socket| socket.port == *port).collect();
            assert!(!on.is_empty(), "{tool} shows nothing on {address}:{port}");
            for &target in &targets {
                let Some(really) = accepted(target, *port) else { continue };
                let said = accepts(&on, target);
                assert!(
                    said.is_none_or(|said| said == really),
                    "{tool}: {address} from {target}: kernel accepts: {really}, dump says {said:?}"
                );
                let ambiguous =
                    address.starts_with("[::]") && target.is_ipv4() && *tool == "/proc/net";
                assert_eq!(said.is_none(), ambiguous, "{tool}: {address} from {target}");
                if let (IpAddr::V4(own), false) = (target, target.is_loopback()) {
                    assert_eq!(proven(&dump.listening, own, *port), said, "{tool}: {address}");
                }
                compared += 1;
            }
        }
    }
    if let Some((child, _)) = &mut other {
        drop(child.stdin.take());
        child.wait().unwrap();
    }
    assert!(compared >= 10, "only {compared} connections were tried");
}
