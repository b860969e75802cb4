//! Tags: what people write on things, to say what belongs together.

use super::Kind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The kinds of resources whose tags are kept: those that have interfaces.
pub const TAGGED: [Kind; 7] = [
    Kind::Vpc,
    Kind::Subnet,
    Kind::NetworkInterface,
    Kind::Instance,
    Kind::LoadBalancer,
    Kind::Service,
    Kind::Task,
];

/// The tag that is what a thing is called, and kept as its name.
pub const NAME: &str = "Name";

/// The tags of a resource but its `Name`: one text, which resources with the same tags share.
///
/// ```
/// use vpc_reach::network::Tags;
/// let tags = Tags::of([("env", "prod"), ("team", "web")]);
/// assert!(tags.carry("env=prod") && tags.carry("team") && !tags.carry("env=dev"));
/// assert!(!Tags::default().told() && Tags::none().told());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tags(Option<Arc<str>>);

/// What ends each key and each value. No tag of AWS's holds it.
const END: char = '\0';

impl Tags {
    /// Some tags; nothing is kept where there are none.
    #[must_use]
    pub fn of<'t>(tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let clean = |text: &str| text.replace(END, "");
        let sorted: BTreeMap<String, String> = tags
            .into_iter()
            .filter(|(key, _)| !key.is_empty() && *key != NAME)
            .map(|(key, value)| (clean(key), clean(value)))
            .collect();
        let text: String =
            sorted.iter().flat_map(|(key, value)| [key, "\0", value, "\0"]).collect();
        Self((!text.is_empty()).then(|| text.into()))
    }

    /// That there are none, where silence would not say so: AWS tells the tags of load balancers
    /// and of ECS only to whom asks for them.
    #[must_use]
    pub fn none() -> Self {
        Self(Some("".into()))
    }

    /// Whether it is told which tags there are.
    #[must_use]
    pub fn told(&self) -> bool {
        self.0.is_some()
    }

    /// Each key with its value, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut parts = self.0.as_deref().unwrap_or_default().split_terminator(END);
        std::iter::from_fn(move || Some((parts.next()?, parts.next()?)))
    }

    /// Whether they hold `KEY=VALUE`, or `KEY` with any value.
    #[must_use]
    pub fn carry(&self, wanted: &str) -> bool {
        self.iter().any(|tag| is(tag, wanted))
    }

    /// Those of them that are wanted, as in [`Tags::carry`].
    #[must_use]
    pub fn only(&self, wanted: &[&str]) -> Self {
        let left = Self::of(self.iter().filter(|tag| wanted.iter().any(|it| is(*tag, it))));
        if self.told() && !left.told() { Self::none() } else { left }
    }

    /// The text itself, to be shared and stored.
    pub(crate) fn text(&self) -> &Option<Arc<str>> {
        &self.0
    }

    /// The same of a text that was stored or is shared.
    pub(crate) fn of_text(text: Option<Arc<str>>) -> Self {
        Self(text)
    }
}

/// Whether a tag is the wanted one: `KEY=VALUE`, or `KEY` with any value.
fn is((key, value): (&str, &str), wanted: &str) -> bool {
    match wanted.strip_prefix(key) {
        Some("") => true,
        Some(rest) => rest.strip_prefix('=') == Some(value),
        None => false,
    }
}
