//! What the network does not know.

use super::Writer;
use super::tree::{Map, Yaml, list_section, section, text};
use crate::network::{Coverage, Kind, Scope};

impl Writer<'_> {
    /// What was captured, what a capture could not see, and what is assumed.
    pub(super) fn limits(&self) -> String {
        let mut lines = String::new();
        if let Coverage::Captured(scopes) = &self.network.coverage {
            let items = scopes.iter().map(|(captured, kinds)| {
                let mut map = scope(captured);
                let all = Kind::ALL.into_iter();
                let without: Vec<Kind> = all.filter(|kind| !kinds.contains(kind)).collect();
                match without.len() < kinds.len() {
                    true => map.items("without", without.into_iter().map(text)),
                    false => map.put("kinds", kinds.iter().map(text).collect::<Vec<_>>()),
                }
                Yaml::Map(map)
            });
            let items: Vec<Yaml> = items.collect();
            match items.is_empty() {
                true => lines.push_str("captured: []\n"),
                false => lines.push_str(&list_section("captured", &items)),
            }
        }
        let gaps = self.network.gaps.iter().map(|gap| {
            let mut map = scope(&gap.scope);
            map.put("call", &gap.call);
            map.put("why", &gap.why);
            Yaml::Map(map)
        });
        let gaps: Vec<Yaml> = gaps.collect();
        if !gaps.is_empty() {
            lines.push_str(&list_section("gaps", &gaps));
        }
        let mut assumed = Map::default();
        for (name, value) in self.network.assumptions.changed() {
            assumed.put(name, value);
        }
        if !assumed.is_empty() {
            lines.push_str(&section("assume", &assumed));
        }
        lines
    }

    /// The resources of kinds that are not modelled.
    pub(super) fn others(&self) -> Map {
        let mut entries = Map::default();
        for other in self.network.others.values() {
            let alone = self.network.others.keys().filter(|(_, id)| *id == other.id).count() == 1;
            let mut map = Map::default();
            let key = match alone {
                true => other.id.clone(),
                false => {
                    map.put("id", &other.id);
                    format!("{} {}", other.kind, other.id)
                }
            };
            map.some("name", other.about.name.as_ref());
            for (word, one, home) in [
                ("account", &other.about.scope.account, &self.scope.account),
                ("region", &other.about.scope.region, &self.scope.region),
            ] {
                if one != home {
                    map.put(word, text(one.as_deref().unwrap_or("unknown")));
                }
            }
            map.put("kind", &other.kind);
            entries.put(key, map);
        }
        entries
    }
}

fn scope(scope: &Scope) -> Map {
    let mut map = Map::default();
    map.some("account", scope.account.as_deref());
    map.some("region", scope.region.as_deref());
    map
}
