//! The fields of answers: null is absent, and what is there must make sense.

use crate::header::{PortSet, Protocol, ProtocolMatch};
use crate::network::{NAME, Tags};
use ipnet::IpNet;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Deref;

/// Why an element cannot be understood, as the rest of a sentence that begins with the element.
#[derive(Debug)]
pub(super) struct Fault(pub String);

/// A list that may be absent or null.
#[derive(Debug)]
pub(super) struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::deserialize(deserializer)?.unwrap_or_default()))
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A text of which nothing is kept: the document's own, as a rule, which is written without escapes.
#[derive(Clone, Debug)]
pub(super) struct Text<'d>(pub Cow<'d, str>);

impl<'de: 'd, 'd> Deserialize<'de> for Text<'d> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Either)
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A tag, in the spelling of EC2 or of ECS.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tag {
    #[serde(alias = "Key")]
    key: Option<String>,
    #[serde(alias = "Value")]
    value: Option<String>,
}

/// The `Name` tag.
pub(super) fn name_tag(tags: &List<Tag>) -> Option<String> {
    let tag = tags.0.iter().find(|tag| tag.key.as_deref() == Some(NAME))?;
    tag.value.clone().filter(|name| !name.is_empty())
}

/// All tags but the `Name`.
pub(super) fn tags_of(tags: &List<Tag>) -> Tags {
    let all = tags.0.iter().filter_map(|tag| Some((tag.key.as_deref()?, tag)));
    Tags::of(all.map(|(key, tag)| (key, tag.value.as_deref().unwrap_or_default())))
}

/// A text that has to be there.
pub(super) fn required<T: AsRef<str>>(value: Option<T>, field: &str) -> Result<T, Fault> {
    optional(value).ok_or_else(|| Fault(format!("has no `{field}`")))
}

/// A text that may be absent; an empty one is absent too.
pub(super) fn optional<T: AsRef<str>>(value: Option<T>) -> Option<T> {
    value.filter(|text| !text.as_ref().is_empty())
}

/// AP-02: which of some fields whose effect AWS does not describe are set.
pub(super) fn undocumented<const N: usize>(fields: [(&str, Option<Value>); N]) -> Vec<String> {
    let set = |value: &Option<Value>| match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::Array(all)) => !all.is_empty(),
        Some(Value::Object(all)) => !all.is_empty(),
        Some(Value::String(word)) => !["", "disable", "disabled"].contains(&word.as_str()),
        Some(_) => true,
    };
    fields.iter().filter(|(_, value)| set(value)).map(|(name, _)| (*name).to_owned()).collect()
}

/// A CIDR block of either family.
pub(super) fn cidr(text: &str, field: &str) -> Result<IpNet, Fault> {
    let net: Result<IpNet, _> = text.parse();
    net.map(|net| net.trunc())
        .map_err(|_| Fault(format!("has `{field}` {text:?}, which is no CIDR block")))
}

/// An address of either family.
pub(super) fn address(text: &str, field: &str) -> Result<IpAddr, Fault> {
    text.parse().map_err(|_| Fault(format!("has `{field}` {text:?}, which is no IP address")))
}

/// An IPv4 address that may be absent.
pub(super) fn ipv4<T: AsRef<str>>(text: Option<T>, field: &str) -> Result<Option<Ipv4Addr>, Fault> {
    let text = optional(text);
    text.map(|text| {
        let text = text.as_ref();
        text.parse().map_err(|_| Fault(format!("has `{field}` {text:?}, which is no IPv4 address")))
    })
    .transpose()
}

/// A port number.
pub(super) fn port(number: i64, field: &str) -> Result<u16, Fault> {
    u16::try_from(number).map_err(|_| Fault(format!("has `{field}` {number}, which is no port")))
}

/// What a rule says of protocols and ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Traffic {
    pub protocol: ProtocolMatch,
    pub ports: PortSet,
    pub icmp: Option<(i16, i16)>,
}

/// SG-02, NA-05: a protocol by word or number, `-1` for every one.
pub(super) fn protocol(text: &str, field: &str) -> Result<ProtocolMatch, Fault> {
    Ok(ProtocolMatch::Only(match text.to_ascii_lowercase().as_str() {
        "-1" | "all" => return Ok(ProtocolMatch::Any),
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "icmp" => Protocol::Icmp,
        "icmpv6" => Protocol::Icmpv6,
        number => Protocol::from_number(number.parse().map_err(|_| {
            Fault(format!("has `{field}` {text:?}, which is no protocol: a word or a number"))
        })?),
    }))
}

/// SG-02, SG-03, SG-04, NA-05: only TCP and UDP have ports, only ICMP has a type and a code, and
/// what is absent or -1 is any.
pub(super) fn traffic(
    protocol: ProtocolMatch,
    ports: (Option<i64>, Option<i64>),
    icmp: (Option<i64>, Option<i64>),
) -> Result<Traffic, Fault> {
    let mut traffic = Traffic { protocol, ports: PortSet::all(), icmp: None };
    match protocol {
        ProtocolMatch::Only(Protocol::Tcp | Protocol::Udp) => {
            traffic.ports = port_range(ports)?;
        }
        ProtocolMatch::Only(Protocol::Icmp | Protocol::Icmpv6) => {
            let number = |number: Option<i64>| {
                let number = number.unwrap_or(-1);
                i16::try_from(number)
                    .map_err(|_| Fault(format!("has ICMP type or code {number}, which is none")))
            };
            let kind = number(icmp.0)?;
            // SG-04: any type means any code.
            let code = if kind == -1 { -1 } else { number(icmp.1)? };
            traffic.icmp = Some((kind, code));
        }
        _ => {}
    }
    Ok(traffic)
}

fn port_range((from, to): (Option<i64>, Option<i64>)) -> Result<PortSet, Fault> {
    let stated = |number: Option<i64>| number.filter(|&number| number != -1);
    let (Some(from), Some(to)) = (stated(from).or(stated(to)), stated(to).or(stated(from))) else {
        return Ok(PortSet::all());
    };
    let (low, high) = (port(from, "FromPort")?, port(to, "ToPort")?);
    if low > high {
        return Err(Fault(format!("has the port range {low}-{high}, which ends before it begins")));
    }
    Ok(PortSet::from_range(low, high))
}
