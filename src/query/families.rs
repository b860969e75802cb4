//! What becomes of a client that has the choice between IPv6 and IPv4 (PW-16).

use crate::answer::{Answer, Code, Finding, Missing, Verdict};

/// How an answer came about.
pub(super) struct Tried {
    /// Whether it is for IPv6 addresses of a name.
    pub(super) ipv6: bool,
    /// What is missing to know that the name has such addresses.
    pub(super) guess: Option<Missing>,
}

/// The answers for one client. IPv6 is tried first: where it fails and IPv4 works, clients are slow,
/// or fail if they try one address only. Whether a name has IPv6 addresses matters only where it
/// would make a difference.
pub(super) fn as_tried(answers: Vec<(Tried, Answer)>) -> Vec<Answer> {
    let guess = answers.iter().find_map(|(tried, _)| tried.guess.clone());
    // DNS64 answers where the name has no such addresses.
    let either = answers.iter().any(|(tried, _)| tried.ipv6 && tried.guess.is_none());
    let (six, four): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(tried, _)| tried.ipv6);
    let mut six: Vec<Answer> = six.into_iter().map(|(_, answer)| answer).collect();
    let mut four: Vec<Answer> = four.into_iter().map(|(_, answer)| answer).collect();
    let all = |answers: &[Answer], wanted| answers.iter().all(|one| one.verdict == wanted);
    if six.is_empty() {
        return four;
    }
    if let Some(missing) = guess {
        let open = |answers: &mut Vec<Answer>, from: Verdict| {
            for answer in answers.iter_mut().filter(|one| one.verdict == from) {
                answer.verdict = Verdict::Unknown;
                answer.failure = None;
                answer.missing.insert(0, missing.clone());
            }
        };
        let works = either && all(&six, Verdict::Reachable);
        if four.is_empty() {
            // Without such addresses it fails anyway, unless DNS64 makes some.
            let mixed = either && !all(&six, Verdict::Blocked);
            if !works {
                open(&mut six, Verdict::Reachable);
            }
            if mixed && !works {
                open(&mut six, Verdict::Blocked);
            }
            return six;
        }
        if works && all(&four, Verdict::Blocked) {
            return six;
        }
        if !all(&six, Verdict::Blocked) {
            open(&mut four, Verdict::Blocked);
        }
        return four;
    }
    if four.is_empty() {
        return six;
    }
    match (all(&four, Verdict::Reachable), all(&six, Verdict::Blocked)) {
        (true, true) => {
            let why = six.iter().flat_map(|answer| &answer.blockers).next();
            let why = why.map(|one| format!("{} {}", one.resource.label(), one.what));
            let text = format!(
                "IPv6 is tried first and fails ({}): clients fall back to IPv4 after a delay, and those that try one address only time out (PW-16)",
                why.unwrap_or_default()
            );
            let code = Code::new("IPV6_BLOCKED_IPV4_WORKS");
            for answer in &mut four {
                answer.findings.push(Finding { code: code.clone(), text: text.clone() });
            }
            four
        }
        // IPv6 is tried first.
        (false, _) if all(&six, Verdict::Reachable) => six,
        _ => {
            four.extend(six);
            four
        }
    }
}
