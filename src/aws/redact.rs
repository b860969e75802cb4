//! Takes secrets out of answers before they are saved. Names stay; so does what says where a
//! container listens.

use crate::models::redactions;
use serde_json::{Map, Value};

/// What stands where a secret was.
pub const REDACTED: &str = "REDACTED";

/// Takes secrets out of an answer.
pub(super) fn redact(members: &mut Map<String, Value>) {
    for (key, value) in members.iter_mut() {
        member(key, value);
    }
}

fn matches(subject: &str, name: &str) -> bool {
    redactions().iter().any(|rule| rule.subject == subject && rule.matches(name))
}

fn member(key: &str, value: &mut Value) {
    match (key, &mut *value) {
        ("environment", Value::Array(variables)) => variables.iter_mut().for_each(variable),
        ("command" | "entryPoint", Value::Array(words)) => command(words),
        (
            "options" | "dockerLabels" | "AuthenticationRequestExtraParams",
            Value::Object(options),
        ) => {
            for (name, value) in options {
                if matches("flag", name) {
                    *value = Value::from(REDACTED);
                } else if let Value::String(text) = value {
                    *text = words(text);
                }
            }
        }
        // `secrets` hold where a secret is kept, not what it is.
        ("secrets" | "secretOptions", _) => {}
        (_, Value::String(text)) => {
            if matches("field", key) {
                *value = Value::from(REDACTED);
            } else if text.contains("://") {
                *text = without_password(text);
            }
        }
        (_, Value::Array(items)) => {
            for item in items {
                if let Value::Object(members) = item {
                    redact(members);
                }
            }
        }
        (_, Value::Object(members)) => redact(members),
        _ => {}
    }
}

/// `{"name": …, "value": …}`: the value goes unless the name says that it binds.
fn variable(variable: &mut Value) {
    let Value::Object(variable) = variable else { return };
    let kept = variable
        .get("name")
        .and_then(Value::as_str)
        .is_some_and(|name| matches("environment", name) && !matches("flag", name));
    if let Some(Value::String(value)) = variable.get_mut("value") {
        *value = if kept { words(value) } else { REDACTED.to_owned() };
    }
}

/// A command as a list of words, some of which may be lines of a shell.
fn command(list: &mut [Value]) {
    let mut secret_follows = false;
    for word in list {
        let Value::String(text) = word else { continue };
        if secret_follows && !text.starts_with('-') {
            *text = REDACTED.to_owned();
            secret_follows = false;
            continue;
        }
        secret_follows =
            text.starts_with('-') && !text.contains(['=', ' ']) && matches("flag", text);
        *text = words(text);
    }
}

/// A line of words: what stands behind a secret's option, name or key goes.
fn words(line: &str) -> String {
    let mut secret_follows = false;
    let words = line.split(' ').map(|word| {
        if secret_follows && !word.is_empty() && !word.starts_with('-') {
            secret_follows = false;
            return REDACTED.to_owned();
        }
        match word.split_once('=') {
            Some((name, _)) if matches("flag", name) => format!("{name}={REDACTED}"),
            Some(_) => without_password(word),
            None => {
                secret_follows = word.starts_with('-') && matches("flag", word);
                without_password(word)
            }
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// `postgres://user:secret@db/app` without the secret.
fn without_password(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        kept.push_str(before);
        kept.push_str("://");
        let end = after.find(['/', '"', '\'', ' ', '?']).unwrap_or(after.len());
        let (authority, behind) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((user, host)) => {
                let user = user.split(':').next().unwrap_or_default();
                kept.push_str(&format!("{user}:{REDACTED}@{host}"));
            }
            None => kept.push_str(authority),
        }
        rest = behind;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn redacted(value: Value) -> Value {
        let mut members = value.as_object().unwrap().clone();
        redact(&mut members);
        Value::Object(members)
    }

    #[test]
    fn environment_keeps_names_and_what_binds() {
        let task = json!({"taskDefinition": {"containerDefinitions": [{"environment": [
            {"name": "UVICORN_HOST", "value": "0.0.0.0"}, {"name": "PORT", "value": "8080"},
            {"name": "DATABASE_URL", "value": "postgres://u:p@db/app"},
            {"value": "sk-1", "name": "API_TOKEN_HOST"}
        ], "secrets": [{"name": "KEY", "valueFrom": "arn:aws:ssm:::parameter/key"}]}]}});
        let kept = redacted(task);
        let container = &kept["taskDefinition"]["containerDefinitions"][0];
        let values: Vec<&str> = container["environment"]
            .as_array()
            .unwrap()
            .iter()
            .map(|variable| variable["value"].as_str().unwrap())
            .collect();
        assert_eq!(values, ["0.0.0.0", "8080", REDACTED, REDACTED]);
        assert_eq!(container["secrets"][0]["valueFrom"], "arn:aws:ssm:::parameter/key");
    }

    #[test]
    fn commands_keep_their_flags_and_lose_their_secrets() {
        let task = json!({"command": [
            "server", "--host", "0.0.0.0", "--api-key", "k1", "--password=p1",
            "sh -c 'run --token t1 --port 80 redis://:p2@cache:6379/0'"
        ], "healthCheck": {"command": ["CMD-SHELL", "curl http://u:p3@localhost/ || exit 1"]}});
        let kept = redacted(task).to_string();
        for secret in ["k1", "p1", "t1", "p2", "p3"] {
            assert!(!kept.contains(secret), "{secret}: {kept}");
        }
        for word in ["--host", "0.0.0.0", "--port 80", "cache:6379", "localhost/ || exit 1"] {
            assert!(kept.contains(word), "{word}: {kept}");
        }
    }

    #[test]
    fn keys_of_tunnels_and_log_tokens_are_taken_out() {
        let kept = redacted(json!({
            "VpnConnections": [{"CustomerGatewayConfiguration": "<x/>",
                "Options": {"TunnelOptions": [{"PreSharedKey": "psk"}]}}],
            "logConfiguration": {"options": {"splunk-token": "tok", "splunk-url": "https://s:8088"}}
        }));
        assert!(!kept.to_string().contains("psk") && !kept.to_string().contains("\"tok\""));
        assert_eq!(kept["logConfiguration"]["options"]["splunk-url"], "https://s:8088");
    }
}
