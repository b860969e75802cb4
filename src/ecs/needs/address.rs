//! Addresses as settings write them.

use super::Asked;
use super::list::{Frame, List};

/// A socket of the host itself, or its loopback address, is no network.
pub(super) fn to_host(list: &mut List, frame: Frame, address: &str, default: u16) {
    if address.starts_with("unix") {
        return;
    }
    let (host, port) = host_and_port(address, default);
    let local = host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if !local {
        list.add(frame, Asked::Host { host, port, udp: address.starts_with("udp://") });
    }
}

/// The host and port of `scheme://host:port/path`, with or without its parts.
pub(super) fn host_and_port(text: &str, default: u16) -> (String, u16) {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split(['/', '?', '#']).next().unwrap_or(text);
    let text = text.rsplit_once('@').map_or(text, |(_, host)| host);
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        let port = rest.strip_prefix(':').and_then(|port| port.parse().ok());
        return (address.to_owned(), port.unwrap_or(default));
    }
    match text.rsplit_once(':') {
        Some((host, port)) => match port.parse() {
            Ok(port) if !host.contains(':') => (host.to_owned(), port),
            _ => (text.to_owned(), default),
        },
        None => (text.to_owned(), default),
    }
}
