//! From bind words to sockets (EVD-13).

use crate::models::{BindRow, Certainty, Condition, WildcardBind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a bind word becomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bind {
    /// Addresses, and for `::` whether IPv4 is excluded.
    pub addresses: Vec<(IpAddr, Option<bool>)>,
    /// The container's own address, by its host name (CTR-06).
    pub own: bool,
    /// What is assumed.
    pub assumed: Vec<&'static str>,
    /// Whether what it accepts over IPv4 rests on an assumption.
    pub doubtful: bool,
}

const V4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// What a program makes of a bind word.
///
/// # Errors
/// Why that is not known, in words.
pub(super) fn bound(
    row: &BindRow,
    word: &str,
    holds: impl Fn(&Condition) -> bool,
) -> Result<Bind, String> {
    let mut bind = Bind::default();
    let plain = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(word);
    let plain = if plain == "0" { "0.0.0.0" } else { plain };
    let parsed: Option<IpAddr> = plain.parse().ok();
    let wildcard = row.wildcard(plain, holds).or(match (plain, parsed) {
        // EVD-13: never dual by default.
        (_, Some(V6)) => Some(WildcardBind::Open),
        (_, Some(V4)) | ("*" | "+", _) => Some(WildcardBind::V4),
        _ => None,
    });
    if let Some(wildcard) = wildcard {
        bind.addresses = match wildcard {
            WildcardBind::V4 => vec![(V4, None)],
            WildcardBind::V6Only => vec![(V6, Some(true))],
            WildcardBind::Dual => vec![(V6, Some(false))],
            WildcardBind::Split => vec![(V4, None), (V6, Some(true))],
            WildcardBind::Open => vec![(V6, None)],
        };
        let told =
            matches!(wildcard, WildcardBind::V6Only | WildcardBind::Dual | WildcardBind::Split);
        if told && row.words_from == Certainty::Inferred {
            bind.assumed.push("WILDCARD_V6_INFERRED");
            bind.doubtful = plain == "::";
        }
        return Ok(bind);
    }
    match (plain, parsed) {
        (_, Some(address)) => bind.addresses.push((address, None)),
        // CTR-07: which of the loopbacks is the program's choice; a hosts file names IPv4 first.
        ("localhost", _) => bind.addresses.push((IpAddr::V4(Ipv4Addr::LOCALHOST), None)),
        ("$HOSTNAME", _) => bind.own = true,
        ("", _) => return Err("what an empty address means to it is not known".to_owned()),
        (name, _) if name.contains('$') => {
            return Err(format!("nothing expands `{name}` without a shell"));
        }
        (name, _) => return Err(format!("which address `{name}` names in the task is not known")),
    }
    Ok(bind)
}

/// An address word and a port, where they are said.
pub(super) type Place = (Option<String>, Option<u16>);

/// Takes an address with a port apart: `127.0.0.1:8000`, `:8000`, `[::]:8000`, `tcp://*:80`.
/// `None` for a socket that is no TCP socket.
///
/// # Errors
/// When it is neither.
pub(super) fn split(text: &str, bare_port: bool) -> Result<Option<Place>, String> {
    let bad = || format!("`{text}` is no address and port that is followed");
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("unix:") || lower.starts_with("fd:") || text.starts_with('/') {
        return Ok(None);
    }
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, text.strip_prefix("tcp:").unwrap_or(text)),
    };
    let usual = match scheme {
        None | Some("tcp") => None,
        Some("http") => Some(80),
        Some("https") => Some(443),
        Some(_) => return Err(bad()),
    };
    // Kong writes options behind it; a query is TLS or tuning.
    let rest = rest.split([' ', '?']).next().unwrap_or(rest).trim_end_matches('/');
    let rest = rest.strip_suffix("/tcp").unwrap_or(rest);
    if rest.ends_with("/udp") {
        return Ok(None);
    }
    if rest.contains('/') {
        return Err(bad());
    }
    let number = |text: &str| port(text).ok_or_else(bad);
    if let Some(inner) = rest.strip_prefix('[') {
        let (host, after) = inner.split_once(']').ok_or_else(bad)?;
        let own = after.strip_prefix(':').map(number).transpose()?;
        return Ok(Some((Some(host.to_owned()), own.or(usual))));
    }
    if bare_port && !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Some((None, Some(number(rest)?))));
    }
    // An IPv6 address alone.
    if rest.parse::<IpAddr>().is_ok() {
        return Ok(Some((Some(rest.to_owned()), usual)));
    }
    match rest.rsplit_once(':') {
        Some((host, _)) if host.contains(':') => Err(bad()),
        Some((host, own)) => Ok(Some((Some(host.to_owned()), Some(number(own)?)))),
        None if rest.bytes().all(|byte| byte.is_ascii_digit()) => Err(bad()),
        None => Ok(Some((Some(rest.to_owned()), usual))),
    }
}

/// A port number.
pub(super) fn port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&port: &u16| digits && port > 0)
}

#[cfg(test)]
mod tests {
    use super::split;

    // EVD-10
    #[test]
    fn addresses_and_ports_come_in_many_forms() {
        let some = |host: &str, port| Ok(Some((Some(host.to_owned()), port)));
        assert_eq!(split("127.0.0.1:8000", false), some("127.0.0.1", Some(8000)));
        assert_eq!(split(":8000", false), some("", Some(8000)));
        assert_eq!(split("[::]:8000", false), some("::", Some(8000)));
        assert_eq!(split("::", false), some("::", None));
        assert_eq!(split("0.0.0.0", false), some("0.0.0.0", None));
        assert_eq!(split("tcp://0.0.0.0:3000", false), some("0.0.0.0", Some(3000)));
        assert_eq!(split("http://+", false), some("+", Some(80)));
        assert_eq!(split("http://*:8080/", false), some("*", Some(8080)));
        assert_eq!(split("8080", true), Ok(Some((None, Some(8080)))));
        assert_eq!(split("0.0.0.0:8000 reuseport", false), some("0.0.0.0", Some(8000)));
        assert_eq!(split("unix:/run/app.sock", false), Ok(None));
        assert_eq!(split("fd://3", false), Ok(None));
        assert_eq!(split(":53/udp", false), Ok(None));
        for bad in ["8080", "a:b", ":::8000", "0.0.0.0:70000", "ws://a:1", "0.0.0.0:80/x"] {
            assert!(split(bad, false).is_err(), "{bad}");
        }
    }
}
