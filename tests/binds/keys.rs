//! `command`, `entry_point`, `environment` and `user` of a scenario's containers.

use vpc_reach::network::Network;
use vpc_reach::read::{ReadError, scenario};

fn read(keys: &str) -> Result<Network, ReadError> {
    let text = format!("task_definitions:\n  web:\n    containers:\n      app: {{ {keys} }}\n");
    let mut base = |_: &str| -> Result<Network, ReadError> { Ok(Network::stated()) };
    scenario::read("reach.yaml", &text, &mut base).map(|loaded| loaded.network)
}

#[track_caller]
fn refused(keys: &str, message: &str, place: &str, hint: &str) {
    let error = read(keys).expect_err("this should not be readable");
    assert_eq!(error.message, message);
    assert_eq!(error.hint.as_deref(), Some(hint), "{message}");
    assert_eq!(error.at.expect("a place").to_string(), format!("reach.yaml:{place}"), "{message}");
}

#[test]
fn a_container_says_what_it_runs() {
    let keys = "entry_point: [tini, --], command: [uvicorn, \"app:app\", --port, 80], \
                environment: { PORT: 8080, EMPTY: \"\", SECRET: }, user: \"1000:1000\"";
    let network = read(keys).unwrap();
    let container = &network.task_definitions["web"].containers[0];
    let words = |words: &[&str]| Some(words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
    assert_eq!(container.entry_point, words(&["tini", "--"]));
    assert_eq!(container.command, words(&["uvicorn", "app:app", "--port", "80"]));
    assert_eq!(container.environment["PORT"].as_deref(), Some("8080"));
    assert_eq!(container.environment["EMPTY"].as_deref(), Some(""));
    assert_eq!(container.environment["SECRET"], None, "a value that is not known");
    assert_eq!(container.user.as_deref(), Some("1000:1000"));
}

// EVD-10: ECS has no shell that would split a command.
#[test]
fn a_command_is_a_list_of_words() {
    refused(
        "command: uvicorn app:app",
        "`command` of container `app` must be a list of words",
        "4:23",
        "write [\"uvicorn\", \"app:app\"], or [sh, -c, \"uvicorn app:app\"]",
    );
    refused(
        "entry_point: { a: b }",
        "`entry_point` of container `app` must be a list, and here is a mapping",
        "4:27",
        "write `[a, b]`, or one `- item` per line; `[]` for none",
    );
}

#[test]
fn an_environment_is_names_and_values() {
    refused(
        "environment: [PORT=80]",
        "`environment` of container `app` must be a mapping, and here is a list",
        "4:27",
        "write names and values: { PORT: 8080, HOST: 0.0.0.0 }",
    );
    refused(
        "environment: { \"PORT=80\": x }",
        "`PORT=80` is no name of a variable",
        "4:29",
        "write `NAME: value`",
    );
    let error = read("environment: { PORT: [80] }").unwrap_err();
    assert!(error.message.starts_with("`PORT` of `environment` of container `app`"), "{error:?}");
    let error = read("comand: [a]").unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("did you mean `command`?"));
}
