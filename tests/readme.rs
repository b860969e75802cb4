//! The README, held to its word.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The fenced blocks of a language, in order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let parts = text.split(&fence).skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

fn reach() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("REACH_FILE");
    command
}

#[test]
fn the_first_command_prints_what_the_readme_shows() {
    let text = readme();
    let first = &blocks(&text, "sh")[0];
    let arguments = first.trim().strip_prefix("cargo run --release -- ").unwrap();
    let (options, query) = arguments.split_once('\'').unwrap();
    let mut command = reach();
    command.args(options.split_whitespace()).arg(query.trim_end_matches('\''));
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), blocks(&text, "text")[0]);
    assert_eq!(output.status.code(), Some(1), "blocked");
}

#[test]
fn the_check_prints_what_the_readme_shows() {
    let text = readme();
    let blocks_sh = blocks(&text, "sh");
    let line = blocks_sh.iter().find(|block| block.trim().ends_with(" check")).unwrap();
    let arguments = line.trim().strip_prefix("reach ").unwrap();
    let output = reach().args(arguments.split_whitespace()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), blocks(&text, "text")[1]);
    assert_eq!(output.status.code(), Some(1), "blocked");
}

#[test]
fn the_second_command_is_the_one_that_runs_the_tests() {
    assert_eq!(blocks(&readme(), "sh")[1], "cargo test\n");
}

#[test]
fn the_five_minute_network_meets_its_expectations() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("reach.yaml"), &blocks(&readme(), "yaml")[0]).unwrap();
    let output = reach().current_dir(folder.path()).arg("check").output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert!(printed.contains("2 of 2 expectations met"), "{printed}");
}

#[test]
fn every_aws_command_it_names_is_one_whose_answer_is_read() {
    let known: Vec<&str> = vpc_reach::models::calls().iter().map(|call| call.command).collect();
    let text = readme();
    let capture =
        blocks(&text, "sh").into_iter().find(|block| block.contains("mkdir capture")).unwrap();
    let commands: Vec<String> = capture
        .lines()
        .filter_map(|line| line.trim().strip_prefix("aws "))
        .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert!(!commands.is_empty());
    let unread: Vec<&String> = commands
        .iter()
        .filter(|command| !known.iter().any(|known| known.starts_with(&format!("aws {command}"))))
        .collect();
    assert!(unread.is_empty(), "{unread:?}");
}

/// Every `$ reach …` of the stories is run, in order, and prints what stands below it; `…` stands for
/// what is not shown.
#[test]
fn the_stories_print_what_the_readme_shows() {
    let folder = tempfile::tempdir().unwrap();
    let root = env!("CARGO_MANIFEST_DIR");
    let mut commands = 0;
    for block in blocks(&readme(), "console") {
        for part in block.split("$ reach ").skip(1) {
            let (line, shown) = part.split_once('\n').unwrap();
            let words = line.split_whitespace();
            let words = words.map(|word| word.replace("tests/", &format!("{root}/tests/")));
            let output = reach().current_dir(folder.path()).args(words).output().unwrap();
            let printed = String::from_utf8_lossy(&output.stdout);
            match shown.strip_prefix("…\n") {
                Some(end) => assert!(printed.ends_with(end), "{line}\n{printed}"),
                None => assert_eq!(printed, shown, "{line}"),
            }
            commands += 1;
        }
    }
    assert_eq!(commands, 4);
}
