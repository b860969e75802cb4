//! Answers as they are sent → answers as the AWS CLI prints them.

use crate::models::{SnapshotCall, WireMember, WireType, wire_output, wire_shape};
use roxmltree::{Document, Node};
use serde_json::{Map, Number, Value};

/// The members of an answer. What the table of names does not know is kept under its own name.
pub(super) fn answer(call: &SnapshotCall, body: &[u8]) -> Result<Map<String, Value>, String> {
    let operation = call.action.rsplit(':').next().unwrap_or_default();
    let Some(shape) = wire_output(call.service, operation) else {
        return serde_json::from_slice(body).map_err(|error| error.to_string());
    };
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let root = document.root_element();
    let wrapper = format!("{operation}Result");
    let inner = root.children().find(|child| child.tag_name().name() == wrapper);
    let known = wire_shape(call.service, shape);
    let mut members = Map::new();
    for element in elements(inner.unwrap_or(root)) {
        // Beside the answer stands only which request it was.
        if let Some(member) = known.and_then(|known| known.get(element.tag_name().name())) {
            members.insert(member.name.to_owned(), value(call.service, member, element));
        }
    }
    Ok(members)
}

fn elements<'a, 'd>(node: Node<'a, 'd>) -> impl Iterator<Item = Node<'a, 'd>> {
    node.children().filter(Node::is_element)
}

fn value(service: &'static str, member: &WireMember, element: Node<'_, '_>) -> Value {
    match member.list {
        true => elements(element).map(|item| one(service, member.holds, item)).collect(),
        false => one(service, member.holds, element),
    }
}

fn one(service: &'static str, holds: WireType, element: Node<'_, '_>) -> Value {
    let text = || element.text().unwrap_or_default().to_owned();
    match holds {
        WireType::Text => Value::String(text()),
        WireType::Boolean => Value::Bool(text().trim() == "true"),
        WireType::Integer => number(text(), |text| text.parse::<i64>().ok().map(Number::from)),
        WireType::Number => number(text(), |text| text.parse().ok().and_then(Number::from_f64)),
        WireType::Map => map(element),
        WireType::Shape(shape) => structure(service, shape, element),
    }
}

/// What is no number after all stays as it was sent.
fn number(text: String, parse: impl Fn(&str) -> Option<Number>) -> Value {
    parse(text.trim()).map_or(Value::String(text), Value::Number)
}

fn map(element: Node<'_, '_>) -> Value {
    let entries = elements(element).filter_map(|entry| {
        let part = |name| elements(entry).find(|part| part.tag_name().name() == name)?.text();
        Some((part("key")?.to_owned(), Value::from(part("value").unwrap_or_default())))
    });
    Value::Object(entries.collect())
}

fn structure(service: &'static str, shape: &'static str, element: Node<'_, '_>) -> Value {
    let known = wire_shape(service, shape);
    let members = elements(element).map(|child| {
        let name = child.tag_name().name();
        match known.and_then(|known| known.get(name)) {
            Some(member) => (member.name.to_owned(), value(service, member, child)),
            None => (upper_first(name), unknown(child)),
        }
    });
    Value::Object(members.collect())
}

/// An element that the table does not know, newer than it: a text, a list of items, or a structure.
fn unknown(element: Node<'_, '_>) -> Value {
    let children: Vec<Node<'_, '_>> = elements(element).collect();
    if children.is_empty() {
        return Value::String(element.text().unwrap_or_default().to_owned());
    }
    if children.iter().all(|child| matches!(child.tag_name().name(), "item" | "member")) {
        return children.into_iter().map(unknown).collect();
    }
    let members =
        children.into_iter().map(|child| (upper_first(child.tag_name().name()), unknown(child)));
    Value::Object(members.collect())
}

fn upper_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::snapshot_call;
    use serde_json::json;

    fn read(call: &str, xml: &str) -> Value {
        Value::Object(answer(snapshot_call(call).unwrap(), xml.as_bytes()).unwrap())
    }

    #[test]
    fn names_and_types_are_those_of_the_cli() {
        let xml = "<DescribeSubnetsResponse><requestId>r</requestId><subnetSet><item>
            <subnetId>subnet-1</subnetId><ownerId>001122334455</ownerId>
            <availableIpAddressCount>251</availableIpAddressCount><defaultForAz>false</defaultForAz>
            <tagSet><item><key>Name</key><value/></item></tagSet>
            <newSet><item><someThing>1</someThing></item></newSet>
            </item></subnetSet></DescribeSubnetsResponse>";
        let expected = json!({"Subnets": [{
            "SubnetId": "subnet-1", "OwnerId": "001122334455", "AvailableIpAddressCount": 251,
            "DefaultForAz": false, "Tags": [{"Key": "Name", "Value": ""}],
            "NewSet": [{"SomeThing": "1"}]
        }]});
        assert_eq!(read("describe-subnets", xml), expected);
    }

    #[test]
    fn an_answer_in_a_wrapper_is_found() {
        let xml = "<DescribeTargetHealthResponse><DescribeTargetHealthResult>
            <TargetHealthDescriptions><member><Target><Port>8080</Port></Target></member>
            </TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>";
        let expected = json!({"TargetHealthDescriptions": [{"Target": {"Port": 8080}}]});
        assert_eq!(read("describe-target-health", xml), expected);
    }
}
