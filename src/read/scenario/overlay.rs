//! Changes to a network that was read before: files of a scenario's own shape, and single ones.
//!
//! ```
//! use vpc_reach::read::scenario::{self, Overlay};
//! let text = "vpcs: { app: { cidr: 10.0.0.0/16, enable_dns_hostnames: false } }";
//! let base = scenario::read("reach.yaml", text, &mut |_| unreachable!())?.network;
//! let edited = Overlay::set("vpcs.app.enable_dns_hostnames=true")?.apply(&base)?;
//! assert_eq!(edited.vpcs["app"].dns_hostnames, Some(true));
//! assert_eq!(base.vpcs["app"].dns_hostnames, Some(false));
//! # Ok::<(), vpc_reach::read::ReadError>(())
//! ```

use super::merge::{appended, joined, merged};
use super::names::noun;
use super::node::{Fields, Key, Node, Value};
use super::{SECTIONS, begin, path, read_sections, removals, stated, yaml};
use crate::edit::{self, Edit};
use crate::network::{AnyResource, At, Kind, Network, closest};
use crate::read::ReadError;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What an overlay may state besides sections.
const OTHER_KEYS: [&str; 3] = ["region", "account", "remove"];

/// A change of a network: what it states is merged into what there is.
#[derive(Clone, Debug)]
pub struct Overlay {
    label: String,
    source: Source,
    /// The text that its places point into.
    text: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
enum Source {
    Tree(Node),
    /// A path and a value: what the path names is known only with the network.
    Set {
        path: String,
        value: Node,
    },
}

impl Overlay {
    /// Reads an overlay file: sections as in a scenario, in which names or ids say what is changed.
    ///
    /// # Errors
    /// When the text is not YAML, or has keys that an overlay has not.
    pub fn read(file: &str, text: &str) -> Result<Self, ReadError> {
        let name: Arc<str> = Arc::from(file);
        let text: Arc<str> = Arc::from(text.strip_prefix('\u{feff}').unwrap_or(text));
        let with_text = |mut error: ReadError| {
            error.text = Some(Arc::clone(&text));
            error
        };
        let root = yaml::parse(&name, &text).map_err(with_text)?;
        Self::of(file, root, Some(Arc::clone(&text))).map_err(with_text)
    }

    /// An overlay that stands in a scenario.
    pub(super) fn of(label: &str, root: Node, text: Option<Arc<str>>) -> Result<Self, ReadError> {
        let Value::Mapping(entries) = &root.value else {
            return Err(root
                .expected("an overlay", "a mapping of sections")
                .hint("for example: services: { web: { assign_public_ip: true } }"));
        };
        for (key, _) in entries {
            let known = SECTIONS.iter().map(|(section, ..)| *section).chain(OTHER_KEYS);
            if known.clone().all(|one| one != key.text) {
                let error = ReadError::at(&key.at, format!("an overlay has no key `{}`", key.text));
                return Err(match closest(&key.text, known) {
                    Some(meant) => error.hint(format!("did you mean `{meant}`?")),
                    None => error.hint("it has the sections of a scenario, and `remove`"),
                });
            }
        }
        Ok(Self { label: label.to_owned(), source: Source::Tree(root), text })
    }

    /// `services.web.assign_public_ip=true`: one field, by the section, the name of the resource
    /// and the keys under it. Positions count the items of a list from 0, and `+` appends; without
    /// a value the field goes back to its default.
    ///
    /// # Errors
    /// When there is no `=`, or the value is not YAML.
    pub fn set(text: &str) -> Result<Self, ReadError> {
        let label = format!("--set {text}");
        let Some((path, value)) = path::split_value(text) else {
            return Err(ReadError::new(format!("`{label}` gives no value"))
                .hint("write --set services.web.assign_public_ip=true"));
        };
        let value = value_of(&label, value)?;
        Ok(Self { label, source: Source::Set { path: path.to_owned(), value }, text: None })
    }

    /// `nat-gateway/nat-a={ subnet: public-a }`: a new resource.
    ///
    /// # Errors
    /// When it does not name a kind, or the value is not YAML.
    pub fn add(text: &str) -> Result<Self, ReadError> {
        let label = format!("--add {text}");
        let parts = text.split_once('=').and_then(|(place, value)| {
            let (word, name) = place.trim().split_once('/')?;
            let kind = Kind::from_word(word)?;
            let (section, ..) = SECTIONS.iter().find(|(_, other, _)| *other == kind)?;
            Some((*section, name, value))
        });
        let Some((section, name, value)) = parts else {
            return Err(ReadError::new(format!("`{label}` does not say what to add"))
                .hint("write --add 'nat-gateway/nat-a={ subnet: public-a }'"));
        };
        let mut value = value_of(&label, value)?;
        if matches!(value.value, Value::Null) {
            value.value = Value::Mapping(Vec::new());
        }
        let root = nested([section, name], value);
        Ok(Self { label, source: Source::Tree(root), text: None })
    }

    /// `nat-gateway/nat-a`: a resource that goes, with what AWS removes along with it.
    ///
    /// # Errors
    /// When it does not name a kind.
    pub fn remove(text: &str) -> Result<Self, ReadError> {
        let label = format!("--remove {text}");
        if text.split_once('/').and_then(|(word, _)| Kind::from_word(word)).is_none() {
            return Err(ReadError::new(format!("`{label}` does not say what to remove"))
                .hint("write the kind and the name: --remove nat-gateway/nat-a"));
        }
        let at = place(&label);
        let item = Node { at: at.clone(), value: Value::Scalar(text.to_owned()) };
        let root = nested(["remove"], Node { at, value: Value::Sequence(vec![item]) });
        Ok(Self { label, source: Source::Tree(root), text: None })
    }

    /// Where it came from: a file's name, or the option.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// This and another as one; what both append is appended once.
    ///
    /// # Errors
    /// When either is a path, which means something only with a network.
    pub fn and(&self, other: &Self) -> Result<Self, ReadError> {
        let (Source::Tree(one), Source::Tree(two)) = (&self.source, &other.source) else {
            return Err(ReadError::new("a path cannot be joined with other changes"));
        };
        let mut root = joined(one, two);
        // Both remove.
        let removed = |node: &Node| match &node.value {
            Value::Mapping(entries) => {
                entries.iter().find(|(key, _)| key.text == "remove").map(|(_, node)| node.clone())
            }
            _ => None,
        };
        if let (Some(one), Some(two), Value::Mapping(entries)) =
            (removed(one), removed(two), &mut root.value)
            && let Some((_, node)) = entries.iter_mut().find(|(key, _)| key.text == "remove")
        {
            *node = appended(&one, &two);
        }
        Ok(Self { label: self.label.clone(), source: Source::Tree(root), text: None })
    }

    /// The overlay as the text of a file.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        match &self.source {
            Source::Tree(root) => super::emit::yaml(root),
            Source::Set { path, value } => format!("# {path}\n{}", super::emit::yaml(value)),
        }
    }

    /// A network with the change made. What it does not name stays exactly as it is.
    ///
    /// # Errors
    /// When it names what is not there, states what no scenario can, or when AWS would refuse it.
    pub fn apply(&self, base: &Network) -> Result<Network, ReadError> {
        self.applied(base).map_err(|mut error| {
            let file = error.at.as_ref().map(|at| at.file.as_ref());
            let ours = self.text.as_ref().filter(|_| file.is_some_and(|file| self.is_from(file)));
            if error.text.is_none() {
                error.text = ours.cloned();
            }
            error
        })
    }

    fn is_from(&self, file: &str) -> bool {
        match &self.source {
            Source::Tree(root) => root.at.file.as_ref() == file,
            Source::Set { .. } => false,
        }
    }

    fn applied(&self, base: &Network) -> Result<Network, ReadError> {
        let root = match &self.source {
            Source::Tree(root) => root.clone(),
            Source::Set { path, value } => path::resolve(base, path, value.clone())?,
        };
        let Split { before, after, removed } = split(base, &root, self.adds())?;
        let before = read(base, &before)?;
        let after = read(base, &after)?;
        let mut edits = Vec::new();
        for resource in after.into_resources() {
            edits.extend(edit_of(base, &before, resource, &root.at)?);
        }
        let refused = |error: edit::EditError| ReadError {
            message: error.to_string(),
            hint: error.hint(),
            at: Some(root.at.clone()),
            text: None,
        };
        let removed = removed.into_iter().map(|(kind, id)| Edit::Remove { kind, id });
        edits.extend(removed);
        let network = edit::apply(base.clone(), edits).map_err(refused)?;
        allowed(base, &network)?;
        Ok(network)
    }

    /// Whether what it states must be new.
    fn adds(&self) -> bool {
        self.label.starts_with("--add ")
    }
}

/// AWS's refusal, where the change brought it about.
fn allowed(base: &Network, network: &Network) -> Result<(), ReadError> {
    let problems = network.problems();
    if problems.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<String> = base.problems().into_iter().map(|one| one.message).collect();
    match problems.into_iter().find(|one| !known.contains(&one.message)) {
        Some(problem) => Err(ReadError {
            message: format!("AWS would refuse this: {}", problem.message),
            hint: problem.hint,
            at: problem.at,
            text: None,
        }),
        None => Ok(()),
    }
}

/// What one resource of the overlay changes.
fn edit_of(
    base: &Network,
    before: &Network,
    after: AnyResource,
    at: &At,
) -> Result<Option<Edit>, ReadError> {
    let Some(kind) = after.kind() else { return Ok(Some(Edit::Put(after))) };
    let id = after.id().to_owned();
    match (base.get(kind, &id), before.get(kind, &id)) {
        // Read from what there is, and not of the change.
        (None, Some(before)) if before == after => Ok(None),
        (None, _) => Ok(Some(Edit::Put(after))),
        (Some(former), before) => {
            let before = before.unwrap_or_else(|| former.clone());
            let label = former.label().to_owned();
            let settled = edit::settle(former.clone(), &before, after).map_err(|field| {
                let kind = noun(kind);
                ReadError::at(
                    at,
                    format!("`{field}` of {kind} `{label}` cannot be changed in part"),
                )
                .hint(
                    "it holds more than a scenario can state; remove the resource and add it anew",
                )
            })?;
            Ok((settled != former).then_some(Edit::Put(settled)))
        }
    }
}

/// The sections of an overlay, taken apart.
struct Split {
    /// What it changes, as it is.
    before: Node,
    /// The same with the changes, and what is new.
    after: Node,
    removed: Vec<(Kind, String)>,
}

fn split(base: &Network, root: &Node, adds: bool) -> Result<Split, ReadError> {
    let (mut before, mut after, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    let none: &[(Key, Node)] = &[];
    let top = if let Value::Mapping(entries) = &root.value { entries } else { none };
    for (section, node) in top {
        let Some((name, kind, _)) = SECTIONS.iter().find(|(name, ..)| *name == section.text) else {
            if section.text == "remove" {
                removed.extend(removals(base, node)?);
            } else {
                before.push((section.clone(), node.clone()));
                after.push((section.clone(), node.clone()));
            }
            continue;
        };
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for (key, value) in node.entries(&format!("`{name}`"))? {
            let Some(id) = only(base, *kind, key)? else {
                if matches!(value.value, Value::Null) {
                    return Err(absent(base, *kind, key));
                }
                new.push((key.clone(), value.clone()));
                continue;
            };
            if matches!(value.value, Value::Null) {
                removed.push((*kind, id));
                continue;
            }
            if adds {
                let message = format!("there is a {} `{}` already", noun(*kind), key.text);
                return Err(ReadError::at(&key.at, message)
                    .hint("change it with --set, or give the new one another name"));
            }
            let Some(stated) = stated::entry(base, *kind, &id) else {
                let message =
                    format!("{} `{}` cannot be changed field by field", noun(*kind), key.text);
                return Err(
                    ReadError::at(&key.at, message).hint("remove it, and add another in its place")
                );
            };
            new.push((key.clone(), merged(&stated, value)?));
            old.push((key.clone(), stated));
        }
        let at = || node.at.clone();
        before.push((section.clone(), Node { at: at(), value: Value::Mapping(old) }));
        after.push((section.clone(), Node { at: at(), value: Value::Mapping(new) }));
    }
    let node = |entries| Node { at: root.at.clone(), value: Value::Mapping(entries) };
    Ok(Split { before: node(before), after: node(after), removed })
}

/// The id of the one resource that a key names; nothing when it is new.
fn only(base: &Network, kind: Kind, key: &Key) -> Result<Option<String>, ReadError> {
    if base.has(kind, &key.text) {
        return Ok(Some(key.text.clone()));
    }
    let named = base.resources().filter(|(other, _, label)| *other == kind && *label == key.text);
    let ids: Vec<&str> = named.map(|(_, id, _)| id).collect();
    match ids.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some((*only).to_owned())),
        several => {
            let message = format!("`{}` names {} {}s", key.text, several.len(), noun(kind));
            Err(ReadError::at(&key.at, message)
                .hint(format!("name one by its id: {}", several.join(", "))))
        }
    }
}

fn absent(base: &Network, kind: Kind, key: &Key) -> ReadError {
    let error =
        ReadError::at(&key.at, format!("there is no {} `{}` to remove", noun(kind), key.text));
    let names = base.resources().filter(|(other, ..)| *other == kind);
    match closest(&key.text, names.map(|(_, _, label)| label)) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => error.hint("a key without a value removes; something new needs one, like {}"),
    }
}

/// What the sections say, on top of the base.
fn read(base: &Network, root: &Node) -> Result<Network, ReadError> {
    let mut known: Vec<&str> = SECTIONS.iter().map(|(section, ..)| *section).collect();
    known.extend(OTHER_KEYS);
    let fields = Fields::of(root, "an overlay", &root.at, &known)?;
    let mut draft = begin(&fields, base.clone())?;
    read_sections(&mut draft, &fields)?;
    Ok(draft.put)
}

fn value_of(label: &str, text: &str) -> Result<Node, ReadError> {
    let mut node = yaml::parse(&Arc::from(label), text)?;
    node.stand_at(&place(label));
    Ok(node)
}

fn place(label: &str) -> At {
    At { file: Arc::from(label), line: None, column: None }
}

/// `{ a: { b: value } }`
pub(super) fn nested<T: ToString>(keys: impl IntoIterator<Item = T>, value: Node) -> Node {
    let keys: Vec<String> = keys.into_iter().map(|key| key.to_string()).collect();
    keys.into_iter().rev().fold(value, |inner, text| {
        let at = inner.at.clone();
        let key = Key { text, at: at.clone() };
        Node { at, value: Value::Mapping(vec![(key, inner)]) }
    })
}
