//! Rules of Network Firewalls.

use super::ground::{Ground, Way, edit, list, quoted};
use crate::answer::End;
use crate::network::Resource;

/// A stateful rule that passes the connection, for each way to say where it comes from: behind a
/// NAT gateway it is no longer the source's own address.
pub(super) fn rules(it: &Ground<'_>) -> Vec<Way> {
    let to = blocks(it, it.destination());
    let mut from = vec![blocks(it, it.source())];
    if from.iter().any(|one| !one.is_empty()) {
        from.push(Vec::new());
    }
    let protocol = it.protocol_word();
    let mut ways: Vec<Way> = Vec::new();
    for id in it.stopping() {
        let Some(firewall) = it.network.firewalls.get(id.as_str()) else { continue };
        let label = firewall.label();
        for from in &from {
            let mut fields = vec!["action: pass".to_owned()];
            fields.extend((!from.is_empty()).then(|| format!("from: {}", list(from))));
            fields.extend((!to.is_empty()).then(|| format!("to: {}", list(&to))));
            fields.extend(it.port().map(|port| format!("port: {port}")));
            fields.push(format!("protocol: {protocol}"));
            let yaml = format!(
                "firewalls: {{ {}: {{ stateful: {{ +: {{ {} }} }} }} }}",
                quoted(&id),
                fields.join(", ")
            );
            let word = |blocks: &[String]| match blocks {
                [] => "any".to_owned(),
                [one] => one.clone(),
                several => format!("[{}]", several.join(",")),
            };
            let port = it.port().map_or_else(|| "any".to_owned(), |port| port.to_string());
            let (sources, destinations) = (word(from), word(&to));
            let what = format!(
                "let firewall {label} pass {sources} to {destinations} on {protocol} {port}"
            );
            let command = format!(
                "# in a stateful rule group of firewall {label}: \
                 pass {protocol} {sources} any -> {destinations} {port}"
            );
            ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
        }
    }
    ways
}

/// The blocks of an end; none for every address.
fn blocks(it: &Ground<'_>, end: &End) -> Vec<String> {
    it.blocks(end).iter().map(ToString::to_string).collect()
}
