//! From a container's entry point and command to the program that runs in the end (EVD-10, EVD-11).

use super::words::{Environment, Script, Step, Sure, Word, assignment};
use crate::models::{Launcher, LauncherKind, launchers};

/// What a container runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Launch {
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// Its environment.
    pub environment: Environment,
}

/// The command behind shells and wrappers.
///
/// # Errors
/// Why it cannot be told, in words.
pub(super) fn unwrapped(words: Vec<Word>, environment: Environment) -> Result<Launch, String> {
    let mut launch = Launch { words, environment };
    // Each round takes something away; a script within a script within … is nobody's.
    for _ in 0..8 {
        let Some(first) = launch.words.first() else {
            return Err("its command is empty".to_owned());
        };
        if first.sure == Sure::Open || first.split {
            return Err(format!("its command `{}` is not known", first.text));
        }
        if is_shell(&first.text) {
            launch = shell(launch)?;
            continue;
        }
        let wraps = |it: &&Launcher| matches!(it.kind, LauncherKind::Wrapper | LauncherKind::Env);
        match launcher(&launch.words).filter(wraps) {
            Some(wrapper) => launch = behind(launch, wrapper)?,
            None => return Ok(launch),
        }
    }
    Err("its command is wrapped too often".to_owned())
}

/// The last part of a path, without the version of an npm package.
pub(super) fn base(text: &str) -> &str {
    let last = text.rsplit('/').next().unwrap_or(text);
    last.split_once('@').map_or(last, |(name, _)| if name.is_empty() { last } else { name })
}

fn is_shell(text: &str) -> bool {
    matches!(base(text), "sh" | "bash" | "ash" | "dash" | "zsh")
}

/// `sh -c 'cd /app && exec gunicorn …'`: the last command is the server, if those before it end.
fn shell(launch: Launch) -> Result<Launch, String> {
    let Launch { words, mut environment } = launch;
    let mut rest = words
        .iter()
        .skip(1)
        .skip_while(|word| word.text.starts_with('-') && !is_command_flag(&word.text));
    let script = match rest.next() {
        Some(flag) if is_command_flag(&flag.text) => rest.next(),
        Some(file) => {
            let file = &file.text;
            return Err(format!("what the script {file} starts is not in the task definition"));
        }
        None => None,
    };
    let Some(script) = script else { return Err("its shell is given no command".to_owned()) };
    if script.sure == Sure::Open {
        return Err(format!("its shell command `{}` is not known", script.text));
    }
    let mut steps = Script::new(&script.text);
    let mut previous: Option<Step> = None;
    while let Some(step) = steps.next(&environment)? {
        if let Some(before) = &previous {
            passes(before)?;
        }
        apply(&step, &mut environment);
        previous = Some(step);
    }
    let Some(last) = previous else { return Err("its shell command is empty".to_owned()) };
    if last.words.is_empty() {
        return Err("its shell command starts nothing".to_owned());
    }
    for (name, value) in last.assigned {
        environment.insert(name, (value.sure == Sure::Known).then_some(value.text));
    }
    Ok(Launch { words: last.words, environment })
}

/// `-c`, `-lc`, `-exc`: what follows is the command.
fn is_command_flag(text: &str) -> bool {
    let letters = text.strip_prefix('-').unwrap_or_default();
    letters.ends_with('c') && letters.chars().all(|letter| letter.is_ascii_lowercase())
}

/// A command that another follows must end by itself and listen nowhere.
fn passes(step: &Step) -> Result<(), String> {
    let Some(first) = step.words.first() else { return Ok(()) };
    if step.end == "||" && first.text != "exit" {
        // What follows runs only where this fails.
        let harmless = launcher(&step.words).is_some_and(|it| it.kind == LauncherKind::Harmless);
        if !harmless {
            return Err(format!("its shell command goes on if `{}` fails", spoken(&step.words)));
        }
    }
    let launch = Launch { words: step.words.clone(), environment: Environment::new() };
    let mut words = launch.words;
    while let Some(wrapper) = launcher(&words)
        && matches!(wrapper.kind, LauncherKind::Wrapper | LauncherKind::Env)
        && base(&first.text) != "exec"
    {
        words = behind(Launch { words, environment: Environment::new() }, wrapper)?.words;
    }
    match launcher(&words).filter(|it| it.kind == LauncherKind::Harmless) {
        Some(_) => Ok(()),
        None => Err(format!("its shell command runs `{}` first", spoken(&step.words))),
    }
}

/// What a command leaves in the environment of those behind it.
fn apply(step: &Step, environment: &mut Environment) {
    let known = |word: Word| (word.sure == Sure::Known).then_some(word.text);
    match step.words.first().map(|word| word.text.as_str()) {
        None => {
            environment.extend(step.assigned.iter().cloned().map(|(name, it)| (name, known(it))));
        }
        Some("export") => {
            let assigned = step.words.iter().skip(1).filter_map(assignment);
            environment.extend(assigned.map(|(name, it)| (name, known(it))));
        }
        // Whether it was set before does not matter any more, and no default is known.
        Some("unset") => {
            environment.extend(step.words.iter().skip(1).map(|it| (it.text.clone(), None)));
        }
        Some(_) => {}
    }
}

/// The launcher that a command line begins with; the most words win.
fn launcher(words: &[Word]) -> Option<&'static Launcher> {
    let mut named = words.iter().map(|word| word.text.as_str());
    let mut first = base(named.next()?);
    let mut rest: Vec<&str> = named.collect();
    // `python manage.py migrate` and `php artisan migrate` go by their script.
    if matches!(first, "python" | "python3" | "php") && !rest.is_empty() {
        let module = rest.first() == Some(&"-m");
        rest.drain(..usize::from(module));
        if let Some(script) = rest.first().map(|script| base(script)) {
            first = script;
            rest.remove(0);
        }
    }
    let fits = |it: &&Launcher| {
        let mut own = it.words();
        own.next() == Some(first)
            && own.zip(rest.iter().chain(std::iter::repeat(&""))).all(|(own, word)| own == *word)
    };
    launchers().iter().filter(fits).max_by_key(|it| it.words().count())
}

/// The command behind a wrapper.
fn behind(launch: Launch, wrapper: &Launcher) -> Result<Launch, String> {
    let Launch { words, mut environment } = launch;
    let named = spoken(words.get(..wrapper.words().count()).unwrap_or_default());
    let mut rest = words.into_iter().skip(wrapper.words().count()).peekable();
    while let Some(option) = rest.next_if(|word| word.text.starts_with('-')) {
        let text = option.text.as_str();
        let name = text.split_once('=').map_or(text, |(name, _)| name);
        let short = text.get(..2).unwrap_or(text);
        if text == "--" {
            break;
        } else if wrapper.is_switch(text) || name != text && wrapper.takes_value(name) {
            continue;
        } else if wrapper.takes_value(text) {
            rest.next();
        } else if text.starts_with("--") || !wrapper.takes_value(short) {
            return Err(format!("what `{text}` of `{named}` does is not followed"));
        }
    }
    if wrapper.kind == LauncherKind::Env {
        while let Some((name, value)) = rest.peek().and_then(assignment) {
            environment.insert(name, (value.sure == Sure::Known).then_some(value.text));
            rest.next();
        }
    }
    let words: Vec<Word> = rest.skip(wrapper.skip).collect();
    match words.is_empty() {
        true => Err(format!("`{named}` starts nothing")),
        false => Ok(Launch { words, environment }),
    }
}

/// Why a command that is no known server tells nothing.
pub(super) fn untold(words: &[Word]) -> String {
    let named = spoken(words);
    match launcher(words).map(|it| it.kind) {
        Some(LauncherKind::Manager) => format!(
            "`{named}` starts processes of its own list, which is not in the task definition"
        ),
        Some(LauncherKind::Script) => {
            format!("what `{named}` runs is not in the task definition")
        }
        Some(LauncherKind::Harmless) => format!("`{named}` is no server"),
        _ => format!("`{named}` is no server that is known here"),
    }
}

/// A command line, short.
pub(super) fn spoken(words: &[Word]) -> String {
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
