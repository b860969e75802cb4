//! Answers for programs: one object, whose `schema` says how to read it.

use crate::answer::{Answer, QueryAnswer, Verdict};
use serde::Serialize;

/// The version of a query's answer. A change that a reader could notice changes it.
const QUERY_SCHEMA: &str = "reach/query/1";

/// The answer to a query.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct Document<'a> {
    /// What this document is, and its version.
    #[cfg_attr(feature = "cli", schemars(extend("const" = QUERY_SCHEMA)))]
    schema: &'static str,
    /// The query, in its normal form: `task-eni -> ecr.dkr:443`.
    query: &'a str,
    /// The verdict on all answers together.
    verdict: Verdict,
    /// One per placement and group of resolved addresses.
    answers: &'a [Answer],
}

impl<'a> From<&'a QueryAnswer> for Document<'a> {
    fn from(answer: &'a QueryAnswer) -> Self {
        let QueryAnswer { query, verdict, answers } = answer;
        Self { schema: QUERY_SCHEMA, query, verdict: *verdict, answers }
    }
}

/// A query's answer as one JSON object, ending in a line break.
#[must_use]
pub fn json(answer: &QueryAnswer) -> String {
    pretty(&Document::from(answer))
}

/// Any document, indented.
pub(super) fn pretty(document: &impl Serialize) -> String {
    // Our documents have text keys and no fallible fields, so that writing them to memory succeeds.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

/// The JSON Schema of a query's answer, with an example.
///
/// # Errors
/// When the example is not JSON, which a test rules out.
#[cfg(feature = "cli")]
pub fn schema() -> Result<serde_json::Value, serde_json::Error> {
    let mut schema = schemars::schema_for!(Document<'_>);
    schema.insert("title".to_owned(), QUERY_SCHEMA.into());
    let example: QueryAnswer = serde_json::from_str(include_str!("example.json"))?;
    let example = serde_json::to_value(Document::from(&example))?;
    schema.insert("examples".to_owned(), vec![example].into());
    Ok(schema.to_value())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn example() -> QueryAnswer {
        serde_json::from_str(include_str!("example.json")).unwrap()
    }

    #[test]
    fn a_document_says_first_how_to_read_it() {
        let text = json(&example());
        assert!(text.starts_with("{\n  \"schema\": \"reach/query/1\",\n  \"query\""), "{text}");
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["verdict"], "blocked");
        assert_eq!(document["answers"][0]["blockers"][0]["code"], "NO_ROUTE_TO_DESTINATION");
        assert_eq!(document["answers"][0]["return_hops"], Value::Array(Vec::new()));
    }

    /// Every required key is there and every key is known, all the way down.
    #[cfg(feature = "cli")]
    fn fits(value: &Value, schema: &Value, root: &Value, path: &str) {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = root.pointer(reference.trim_start_matches('#'));
            return fits(value, target.unwrap_or_else(|| panic!("{reference}")), root, path);
        }
        if let Some(any) = schema["anyOf"].as_array() {
            let null = any.iter().any(|one| one["type"] == "null");
            if value.is_null() {
                return assert!(null, "{path} may not be null");
            }
            let some = any.iter().find(|one| one["type"] != "null").unwrap();
            return fits(value, some, root, path);
        }
        match value {
            Value::Object(fields) => {
                for key in schema["required"].as_array().into_iter().flatten() {
                    assert!(fields.contains_key(key.as_str().unwrap()), "{path} lacks {key}");
                }
                for (key, inner) in fields {
                    let known = &schema["properties"][key];
                    assert!(known.is_object(), "{path}.{key} is not in the schema");
                    fits(inner, known, root, &format!("{path}.{key}"));
                }
            }
            Value::Array(items) => {
                for item in items {
                    fits(item, &schema["items"], root, &format!("{path}[]"));
                }
            }
            Value::String(_) if schema["const"].is_string() => assert_eq!(value, &schema["const"]),
            _ => {}
        }
    }

    #[cfg(feature = "cli")]
    #[test]
    fn a_document_fits_the_published_schema() {
        let schema = schema().unwrap();
        let document: Value = serde_json::from_str(&json(&example())).unwrap();
        fits(&document, &schema, &schema, "answer");
        assert_eq!(schema["examples"][0], document);
        let required = schema["required"].as_array().unwrap();
        for key in ["schema", "query", "verdict", "answers"] {
            assert!(required.contains(&key.into()), "{key} is not required");
        }
        let answer = schema["$defs"]["Answer"]["required"].as_array().unwrap();
        for key in ["source", "destination", "verdict", "hops", "return_hops", "blockers"] {
            assert!(answer.contains(&key.into()), "{key} is not required of an answer");
        }
    }
}
