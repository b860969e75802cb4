//! What stands in `models/`, for people and programs: codes and assumptions.

use super::page::Page;
use super::{Style, json};
use crate::models::{AssumptionEntry, CodeEntry};
use crate::network::Assumptions;
use serde_json::{Value, json};

/// Every code with its title, a line each.
#[must_use]
pub fn codes_text(codes: &[CodeEntry], style: &Style) -> String {
    let width = codes.iter().map(|entry| entry.code.len()).max().unwrap_or(0);
    codes
        .iter()
        .map(|CodeEntry { code, title, .. }| {
            format!("{}  {title}\n", style.strong.paint(&format!("{code:<width$}")))
        })
        .collect()
}

/// One code in full.
#[must_use]
pub fn code_text(entry: &CodeEntry, style: &Style) -> String {
    let CodeEntry { code, title, cause, symptom, remedy, rule } = entry;
    let mut page = Page { out: String::new(), style };
    page.line(&format!("{}  {title}", style.strong.paint(code)));
    page.line("");
    let said = [("cause", cause), ("shows", symptom), ("fix", remedy), ("rule", rule)];
    for (label, sentence) in said {
        page.prose(label, &[(*sentence).to_owned()]);
    }
    page.out
}

/// Codes as one JSON object, ending in a line break.
#[must_use]
pub fn codes_json(codes: &[CodeEntry]) -> String {
    let codes: Vec<Value> = codes
        .iter()
        .map(|entry| {
            let CodeEntry { code, title, cause, symptom, remedy, rule } = entry;
            json!({
                "code": code,
                "title": title,
                "cause": cause,
                "symptom": symptom,
                "remedy": remedy,
                "rule": rule,
            })
        })
        .collect();
    json::pretty(&json!({ "schema": "reach/codes/1", "codes": codes }))
}

/// Every assumption with its value, the other values it may be given, and what changes if it does
/// not hold.
#[must_use]
pub fn assumptions_text(
    assumptions: &[AssumptionEntry],
    chosen: &Assumptions,
    style: &Style,
) -> String {
    let mut page = Page { out: String::new(), style };
    for (i, entry) in assumptions.iter().enumerate() {
        if i > 0 {
            page.line("");
        }
        let value = chosen.value(entry.name);
        let others: Vec<String> = entry
            .values()
            .iter()
            .filter(|other| **other != value)
            .map(|other| format!("--assume {}={other}", entry.name))
            .collect();
        page.line(&format!("{} = {value} ({})", style.strong.paint(entry.name), entry.rule));
        page.prose("", &[entry.meaning.to_owned()]);
        page.unbroken("", &others);
    }
    page.out
}

/// Assumptions as one JSON object, ending in a line break.
#[must_use]
pub fn assumptions_json(assumptions: &[AssumptionEntry], chosen: &Assumptions) -> String {
    let assumptions: Vec<Value> = assumptions
        .iter()
        .map(|entry| {
            let AssumptionEntry { name, default, rule, meaning } = entry;
            json!({
                "name": name,
                "default": default,
                "value": chosen.value(name),
                "values": entry.values(),
                "rule": rule,
                "meaning": meaning,
            })
        })
        .collect();
    json::pretty(&json!({ "schema": "reach/assumptions/1", "assumptions": assumptions }))
}
