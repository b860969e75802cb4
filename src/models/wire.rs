//! How AWS writes the XML of its answers, and what the AWS CLI calls it in JSON.

use super::table::rows;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A member of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireMember {
    /// Its name in JSON.
    pub name: &'static str,
    /// What its element holds.
    pub holds: WireType,
    /// Whether the element holds a list of such.
    pub list: bool,
}

/// What an element holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireType {
    /// Text, a time too.
    Text,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Keys and texts.
    Map,
    /// A structure, by name.
    Shape(&'static str),
}

type Shapes = BTreeMap<(&'static str, &'static str), BTreeMap<&'static str, WireMember>>;

struct Wire {
    shapes: Shapes,
    outputs: BTreeMap<(&'static str, &'static str), &'static str>,
}

static WIRE: LazyLock<Wire> = LazyLock::new(|| {
    let mut wire = Wire { shapes: BTreeMap::new(), outputs: BTreeMap::new() };
    for [service, shape, element, name, holds] in rows::<5>(include_str!("../../models/wire.tsv")) {
        if element == "-" {
            wire.outputs.insert((service, shape), holds);
            continue;
        }
        let (list, one) = match holds.strip_prefix('*') {
            Some(one) => (true, one),
            None => (false, holds),
        };
        let holds = match one {
            "text" => WireType::Text,
            "integer" => WireType::Integer,
            "number" => WireType::Number,
            "boolean" => WireType::Boolean,
            "map" => WireType::Map,
            shape => WireType::Shape(shape),
        };
        let members = wire.shapes.entry((service, shape)).or_default();
        members.insert(element, WireMember { name, holds, list });
    }
    wire
});

/// The name of the structure that an operation answers with: `DescribeVpcs` of `ec2`.
#[must_use]
pub fn wire_output(service: &str, operation: &str) -> Option<&'static str> {
    WIRE.outputs.get(&(service, operation)).copied()
}

/// The members of a structure by the names of their elements.
#[must_use]
pub fn wire_shape(
    service: &'static str,
    shape: &'static str,
) -> Option<&'static BTreeMap<&'static str, WireMember>> {
    WIRE.shapes.get(&(service, shape))
}
