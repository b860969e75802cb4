//! Start-up lines as evidence: where they stand, which of them count, and what follows.

use super::verdicts::{NETWORK, ask, network, outcome};
use super::{expected, read, sample, tcp};
use vpc_reach::answer::Verdict;
use vpc_reach::edit::observe;
use vpc_reach::query::World;
use vpc_reach::read::evidence;

const LOOPBACK: &str = "INFO:     Uvicorn running on http://127.0.0.1:8002 (Press CTRL+C to quit)";
const ANY: &str = "INFO:     Uvicorn running on http://0.0.0.0:8002 (Press CTRL+C to quit)";

/// The network with logs and dumps seen at `web`, and the notes that this gives.
fn seen(texts: &[&str]) -> (World, Vec<String>) {
    let mut network = network(NETWORK);
    let mut notes = Vec::new();
    for text in texts {
        let dump = read(text);
        notes.extend(dump.notes);
        for seen in std::iter::once(dump.listening).chain(dump.log) {
            notes.extend(observe(&mut network, "web", seen).unwrap());
        }
    }
    (World::new(network), notes)
}

#[test]
fn what_a_log_keeps_around_a_line_is_looked_through() {
    // EVD-07
    for line in [
        LOOPBACK.to_owned(),
        format!("2026-11-21T06:08:10.123456789Z {LOOPBACK}"),
        format!("app-1  | \u{1b}[32mINFO\u{1b}[0m:     {}", &LOOPBACK[10..]),
        format!("2026-11-21T06:08:10.123000+00:00 web/app/0123456789abcdef {LOOPBACK}"),
        format!("{{\"log\":\"{LOOPBACK}\\n\",\"stream\":\"stderr\",\"time\":\"2026\"}}"),
        format!("{{\"events\":[{{\"timestamp\":1,\"message\":\"{LOOPBACK}\"}}]}}"),
        format!("            \"message\": \"\\u001b[32mINFO\\u001b[0m:     {}\",", &LOOPBACK[10..]),
        format!("    \"{LOOPBACK}\","),
        format!("EVENTS\t1795241333\t{LOOPBACK}\t1795241333"),
        "{\"message\": \"{\\\"level\\\":30,\\\"msg\\\":\\\"Server listening at http://127.0.0.1:8002\\\"}\"}"
            .to_owned(),
    ] {
        let text = format!("starting\n{line}\nready\n");
        let log = read(&text);
        assert_eq!(tcp(&log), expected(&[(8002, "127.0.0.1", None)]), "{line}");
        let at = log.listening.sockets[0].at.as_ref().unwrap();
        assert_eq!(at.to_string(), "dump.txt:2", "{line}");
        assert_eq!(log.ignored, [], "what else a program prints is its own business");
    }
}

#[test]
fn the_answer_of_get_log_events_is_a_log() {
    let text = sample("get-log-events.json");
    let log = read(&text);
    assert_eq!(tcp(&log), expected(&[(8000, "127.0.0.1", None)]));
    let at = log.listening.sockets[0].at.as_ref().unwrap();
    let line = text.lines().nth(at.line.unwrap() as usize - 1).unwrap();
    assert!(line.contains("Listening at: http://127.0.0.1:8000"), "{line}");
}

#[test]
fn the_last_start_counts() {
    for (lines, wanted) in [
        ([LOOPBACK, ANY], vec![(8002, "0.0.0.0", None)]),
        ([ANY, LOOPBACK], vec![(8002, "127.0.0.1", None)]),
        // Two addresses of one start.
        (
            [
                "Running on http://127.0.0.1:1 (CTRL + C to quit)",
                "Running on http://[::1]:1 (CTRL + C to quit)",
            ],
            vec![(1, "127.0.0.1", None), (1, "::1", None)],
        ),
        // A program that says when it begins.
        (
            [
                "Starting gunicorn 27\nListening at: http://0.0.0.0:1,http://127.0.0.1:2 (9)",
                "Starting gunicorn 27\nListening at: http://127.0.0.1:1 (9)",
            ],
            vec![(1, "127.0.0.1", None)],
        ),
        // EVD-08
        (
            [
                " * Serving Flask app 'a'\n * Running on all addresses (0.0.0.0)\n * Running on http://127.0.0.1:1",
                " * Serving Flask app 'a'\n * Running on http://127.0.0.1:1",
            ],
            vec![(1, "127.0.0.1", None)],
        ),
    ] {
        assert_eq!(tcp(&read(&lines.join("\n"))), expected(&wanted), "{lines:?}");
    }
}

#[test]
fn a_log_decides_for_the_ports_it_names_and_for_no_others() {
    // EVD-01, EVD-07
    let (world, notes) = seen(&[ANY]);
    assert_eq!(outcome(&world, "front -> web"), "reachable");
    // As it is stated.
    assert_eq!(outcome(&world, "front -> web:9000"), "reachable");
    assert!(notes[0].contains("127.0.0.1:8002"), "{notes:?}");
    let (world, _) = seen(&[LOOPBACK]);
    let answer = ask(&world, "front -> web");
    let blocker = &answer.answers[0].blockers[0];
    assert_eq!(blocker.code.to_string(), "LISTENER_ON_LOOPBACK");
    assert_eq!(blocker.location.as_ref().unwrap().to_string(), "dump.txt:1");
}

#[test]
fn a_dump_counts_for_more_than_a_log_whichever_comes_first() {
    // EVD-01
    let dump = "LISTEN 0 5 127.0.0.1:8002 0.0.0.0:*";
    let together = format!("{ANY}\n{dump}");
    for texts in [vec![dump, ANY], vec![ANY, dump], vec![together.as_str()]] {
        let (world, notes) = seen(&texts);
        assert_eq!(outcome(&world, "front -> web"), "LISTENER_ON_LOOPBACK", "{texts:?}");
        let told = notes.iter().find(|note| note.contains("the log says"));
        let told = told.unwrap_or_else(|| panic!("{texts:?}: {notes:?}"));
        assert!(told.contains("0.0.0.0:8002") && told.contains("127.0.0.1:8002"), "{told}");
    }
    let (_, notes) = seen(&["LISTEN 0 5 0.0.0.0:8002 0.0.0.0:*", ANY]);
    assert!(!notes.iter().any(|note| note.contains("the log says")), "they agree: {notes:?}");
}

#[test]
fn whether_a_double_colon_takes_ipv4_is_the_programs_choice() {
    // EVD-13
    for (text, wanted) in [
        ("Listening at: http://[::]:8003 (9)", "reachable"),
        ("INFO:waitress:Serving on http://:::8003", "LISTENER_OTHER_FAMILY"),
        ("Now listening on: http://[::]:8003", "reachable"),
        (&sample("starts/uvicorn-any6.log").replace("8000", "8003"), "LISTENER_OTHER_FAMILY"),
        (&sample("starts/uvicorn-workers-any6.log").replace("8000", "8003"), "reachable"),
        // One line alone does not tell how many processes there are.
        ("Uvicorn running on http://[::]:8003 (Press CTRL+C to quit)", "unknown"),
        // Inferred from the runtime.
        ("Listening on http://[::]:8003", "unknown"),
    ] {
        assert_eq!(outcome(&seen(&[text]).0, "front -> web:8003"), wanted, "{text}");
    }
}

#[test]
fn a_line_that_was_never_seen_on_a_running_program_proves_nothing() {
    // BT_UNVERIFIED_TEXT_NO_PROOF
    let loopback = "Rocket has launched on http://127.0.0.1:7000";
    let (world, notes) = seen(&[loopback]);
    let answer = ask(&world, "front -> web:7000");
    assert_eq!(answer.verdict, Verdict::Unknown);
    let fact = &answer.answers[0].missing[0].fact;
    assert!(fact.contains("127.0.0.1:7000"), "{fact}");
    assert!(notes[0].contains("BT_UNVERIFIED_TEXT_NO_PROOF"), "{notes:?}");
    let (world, _) = seen(&["Rocket has launched on http://0.0.0.0:7000"]);
    let answer = ask(&world, "front -> web:7000");
    assert_eq!(answer.verdict, Verdict::Reachable);
    let finding = &answer.answers[0].findings[0];
    assert_eq!(finding.code.to_string(), "SOCKET_NOT_STATED", "proven up to the socket");
    // What is stated, or shown by a list, is not touched.
    let stated = loopback.replace("7000", "9000");
    assert_eq!(outcome(&seen(&[&stated]).0, "front -> web:9000"), "reachable");
}

#[test]
fn what_names_no_address_is_an_error_that_says_so() {
    // EVD-07, EVD-09
    for (text, message) in [
        (
            "INFO Tomcat started on port 8080 (http)",
            "no address in the log: x.log:1: spring boot prints no address that it is bound to",
        ),
        (
            "Accepting connections at http://localhost:3000",
            "no address in the log: x.log:1: serve prints no address that it is bound to",
        ),
        ("Example app listening on port 3000", "x.log holds no list of sockets"),
        (
            "Uvicorn running on http://backend:8000 (Press CTRL+C to quit)",
            "no address in the log: x.log:1: uvicorn listens on port 8000 of `backend`, a name that only the task can look up",
        ),
    ] {
        let error = evidence::read("x.log", text).unwrap_err();
        assert_eq!(error.message, message);
        assert!(error.hint.is_some_and(|hint| hint.contains("ss -ltn")), "{text}");
    }
}
