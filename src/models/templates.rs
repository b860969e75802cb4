//! CloudFormation: what properties are called, and what references to resources give.

use super::table::rows;
use std::sync::LazyLock;

/// What `Ref` or `Fn::GetAtt` of a type of resource gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateValue {
    kind: &'static str,
    attribute: &'static str,
    /// The text, with `{id}`, `{host}`, `{name}`, `{of}`, `{region}`, `{account}`, `{partition}` and
    /// `{suffix}` in it.
    pub pattern: &'static str,
    name: &'static str,
}

impl TemplateValue {
    /// The property that `{name}` and `{of}` stand for.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        Some(self.name).filter(|name| *name != "-")
    }
}

static VALUES: LazyLock<Vec<TemplateValue>> = LazyLock::new(|| {
    rows::<4>(include_str!("../../models/template_values.tsv"))
        .map(|[kind, attribute, pattern, name]| TemplateValue { kind, attribute, pattern, name })
        .collect()
});

/// What an attribute of a type of resource is; `Ref` is the attribute of that name.
#[must_use]
pub fn template_value(kind: &str, attribute: &str) -> Option<&'static TemplateValue> {
    VALUES.iter().find(|one| one.kind == kind && one.attribute == attribute)
}

/// The name in the ECS API of a template's property, where it is not the usual one.
#[must_use]
pub fn api_field(property: &str) -> Option<&'static str> {
    let mut all = rows::<2>(include_str!("../../models/template_fields.tsv"));
    all.find(|[template, _]| *template == property).map(|[_, api]| api)
}
