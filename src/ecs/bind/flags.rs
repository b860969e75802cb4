//! What a server's arguments say about where it listens (EVD-10).

use super::words::{Sure, Word};
use crate::models::BindRow;

/// What arguments say, by role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stated {
    /// Addresses; several add up.
    pub hosts: Vec<Word>,
    /// The port.
    pub port: Option<Word>,
    /// Addresses with their ports; several add up.
    pub binds: Vec<Word>,
    /// Bare numbers among `binds` are ports.
    pub bare_ports: bool,
    /// A flag that means: no TCP socket.
    pub none: Option<String>,
    /// A flag that names a configuration file.
    pub configured: Option<String>,
    /// The flags as they were given, for the evidence.
    pub shown: Vec<String>,
    /// Whether something among the arguments might be a flag that is not seen.
    pub hidden: bool,
}

/// Reads the flags of `row` and no others.
///
/// # Errors
/// What cannot be told, in words.
pub(super) fn stated(row: &BindRow, arguments: &[Word]) -> Result<Stated, String> {
    let mut stated = Stated::default();
    let mut index = 0;
    while let Some(word) = arguments.get(index) {
        index += 1;
        let text = word.text.as_str();
        if text == "--" {
            break;
        }
        let Some(given) = given(row, text)? else {
            other(row, &mut stated, arguments, index - 1)?;
            continue;
        };
        let mut value = given.value.map(|value| Word { text: value.to_owned(), ..word.clone() });
        let next = || arguments.get(index).filter(|next| !next.text.starts_with('-'));
        let wants = !matches!(given.role, "all" | "switch") && value.is_none();
        match given.role {
            "hosts" if wants => {
                // `-::*` is an address of redis, not a flag.
                let is_flag = |word: &&Word| word.text.starts_with("--");
                let all = arguments.get(index..).unwrap_or_default();
                let all: Vec<Word> = all.iter().take_while(|it| !is_flag(it)).cloned().collect();
                index += all.len();
                stated.shown.push(format!("{} {}", given.flag, super::launch::spoken(&all)));
                // A `-` in front: if there is such an address.
                stated.hosts.extend(all.into_iter().map(|it| Word {
                    text: it.text.strip_prefix('-').unwrap_or(&it.text).to_owned(),
                    ..it
                }));
                continue;
            }
            "host?" if wants => match next() {
                Some(_) => {}
                None => value = Some(Word::known("*")),
            },
            _ => {}
        }
        if wants && value.is_none() {
            value = arguments.get(index).cloned();
            index += 1;
        }
        let Some(value) = value.or_else(|| (!wants).then(|| Word::known(""))) else {
            return Err(format!("`{}` has no value", given.flag));
        };
        take(&mut stated, given, value)?;
    }
    Ok(stated)
}

/// The last value of a flag, wherever it stands; an empty one for a flag alone.
pub(super) fn value_of<'a>(flag: &str, arguments: &'a [Word]) -> Option<&'a str> {
    let at = arguments.iter().rposition(|word| {
        word.text == flag || flag.len() > 2 && word.text.starts_with(&format!("{flag}="))
    })?;
    let word = arguments.get(at)?;
    match word.text.split_once('=') {
        Some((_, value)) => Some(value),
        None => Some(arguments.get(at + 1).map_or("", |next| next.text.as_str())),
    }
}

/// A flag of the row.
struct Given<'t> {
    role: &'static str,
    flag: &'static str,
    value: Option<&'t str>,
}

/// Which of the row's flags a word is.
fn given<'t>(row: &BindRow, text: &'t str) -> Result<Option<Given<'t>>, String> {
    let all = row.flag_roles().filter(|(role, _)| *role != "positional");
    for (role, flag) in all.flat_map(|(role, flags)| flags.iter().map(move |flag| (role, *flag))) {
        if let Some((front, back)) = flag.split_once('*') {
            // `--entrypoints.web.address=:80`, in any case.
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            let name = name.to_ascii_lowercase();
            if !front.is_empty() && name.starts_with(front) && name.ends_with(back) {
                return Ok(Some(Given { role, flag, value: Some(value) }));
            }
            continue;
        }
        if text == flag {
            return Ok(Some(Given { role, flag, value: None }));
        }
        let Some(rest) = text.strip_prefix(flag) else {
            // Some parsers take any beginning of a flag.
            let name = text.split_once('=').map_or(text, |(name, _)| name);
            if name.starts_with("--")
                && name.len() > 3
                && flag.starts_with(name)
                && role != "switch"
            {
                return Err(format!("whether `{name}` means `{flag}` is not followed"));
            }
            continue;
        };
        let short = flag.len() == 2 && flag.starts_with('-');
        match rest.strip_prefix('=') {
            Some(value) if !short => return Ok(Some(Given { role, flag, value: Some(value) })),
            Some(_) => return Err(format!("what `{text}` means is not followed")),
            None if short && role != "switch" && !text.starts_with("--") => {
                // `-b0.0.0.0:80`; anything else may be a cluster of flags.
                return match rest
                    .starts_with(|letter: char| letter.is_ascii_digit() || "[:*".contains(letter))
                {
                    true => Ok(Some(Given { role, flag, value: Some(rest) })),
                    false => Err(format!("what `{text}` means is not followed")),
                };
            }
            None => {}
        }
    }
    Ok(None)
}

fn take(stated: &mut Stated, given: Given<'_>, value: Word) -> Result<(), String> {
    let Given { role, flag, .. } = given;
    if role == "switch" {
        return Ok(());
    }
    if value.sure == Sure::Open || value.split {
        if value.text.starts_with('$') || value.sure == Sure::Open {
            return Err(format!("the value of `{flag}`, `{}`, is not known", value.text));
        }
        return Err(format!("the value of `{flag}` is several words"));
    }
    let shown = match (role, value.text.as_str()) {
        ("all", _) => flag.to_owned(),
        ("host?", "*") => flag.to_owned(),
        (_, "") => format!("{flag} ''"),
        (_, text) => format!("{flag} {text}"),
    };
    let differs = |one: Option<&Word>| one.is_some_and(|one| one.text != value.text);
    match role {
        "host" | "host?" if differs(stated.hosts.first()) => {
            return Err(format!("`{flag}` is given twice"));
        }
        "host" | "host?" => stated.hosts = vec![value],
        "hosts" => stated.hosts.push(value),
        "hosts," => stated.hosts.extend(
            value.text.split(',').map(|one| Word { text: one.trim().to_owned(), ..value.clone() }),
        ),
        "all" => stated.hosts.push(Word::known("*")),
        "port" if differs(stated.port.as_ref()) => {
            return Err(format!("`{flag}` is given twice"));
        }
        "port" => stated.port = Some(value),
        "bind" => stated.binds.push(value),
        "listen" => {
            stated.bare_ports = true;
            stated.binds.push(value);
        }
        "guard" => return Ok(()),
        "none" => stated.none = Some(shown.clone()),
        "config" => {
            stated.configured = Some(shown);
            return Ok(());
        }
        _ => return Err(format!("what `{shown}` changes is not followed")),
    }
    stated.shown.push(shown);
    Ok(())
}

/// A word that is no flag of the row: a positional, the value of another flag, or neither.
fn other(
    row: &BindRow,
    stated: &mut Stated,
    arguments: &[Word],
    index: usize,
) -> Result<(), String> {
    let Some(word) = arguments.get(index) else { return Ok(()) };
    let text = word.text.as_str();
    let before = index.checked_sub(1).and_then(|before| arguments.get(before));
    let switch = |word: &Word| row.flags("switch").any(|flag| flag == word.text);
    let value_of_other =
        before.is_some_and(|it| it.text.starts_with('-') && !it.text.contains('=') && !switch(it));
    if text.starts_with('-') {
        stated.hidden |= word.sure == Sure::Open && !text.contains('=');
        return Ok(());
    }
    if word.sure == Sure::Open || word.split {
        // A value of another flag is one word; else flags may hide in it.
        stated.hidden |= !value_of_other;
        return Ok(());
    }
    if row.flags("config").any(|flag| flag == "positional") && stated.configured.is_none() {
        stated.configured = Some(text.to_owned());
    }
    let Some(form) = row.flags("positional").next() else { return Ok(()) };
    let (host, port) =
        text.rsplit_once(':').map_or((None, text), |(host, port)| (Some(host), port));
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if !is_port || host.is_some() && form == "port" {
        return Ok(());
    }
    if value_of_other {
        let flag = before.map(|it| it.text.as_str()).unwrap_or_default();
        return Err(format!("whether `{text}` is the value of `{flag}` is not followed"));
    }
    if stated.port.is_some() {
        return Err(format!("`{text}` is a second port"));
    }
    if let Some(host) = host {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        stated.hosts = vec![Word { text: host.to_owned(), ..word.clone() }];
    }
    stated.port = Some(Word { text: port.to_owned(), ..word.clone() });
    stated.shown.push(text.to_owned());
    Ok(())
}
