//! Which server a command line starts.

use super::launch::{Launch, base, spoken, untold};
use super::words::{Environment, Sure, Word};
use crate::models::{BindRow, Sign, binds};

/// A server that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// What is known of it.
    pub row: &'static BindRow,
    /// What is known of its further sockets.
    pub beside: Vec<&'static BindRow>,
    /// Its arguments.
    pub arguments: Vec<Word>,
    /// Whether it can be no other.
    pub exact: bool,
    /// Whether its official image runs.
    pub image: bool,
}

/// A command line, taken apart: what is named, in which runtime, and its arguments.
struct Named<'a> {
    /// The program, or the module or script that an interpreter runs.
    name: String,
    /// The path of a script or archive that is run.
    script: Option<&'a str>,
    /// The runtime whose code decides, where nothing else does.
    runtime: Option<&'static str>,
    arguments: &'a [Word],
}

/// The server of a command line.
///
/// # Errors
/// Why it is not known, in words.
pub(super) fn recognised(launch: &Launch, image: Option<&str>) -> Result<Program, String> {
    let named = named(&launch.words)?;
    let of_image: Vec<&'static BindRow> =
        image.map(|image| image_rows(&repository(image))).unwrap_or_default();
    let fitting = |row: &BindRow| row.signs.iter().any(|sign| fits(sign, &named));
    let bare =
        |row: &BindRow| row.signs.iter().any(|sign| fits(sign, &named) && !is_image_only(sign));
    let row = of_image.iter().copied().find(|row| fitting(row));
    let in_image = row.is_some();
    if let Some(row) = row.or_else(|| binds().iter().find(|row| bare(row))) {
        return Ok(Program {
            row,
            beside: besides(|sign| fits(sign, &named)),
            arguments: named.arguments.to_vec(),
            exact: row.signs.iter().any(|sign| fits(sign, &named) && !is_weak(sign)),
            image: in_image,
        });
    }
    let Some(runtime) = named.runtime else {
        return Err(untold(&launch.words));
    };
    let told: Vec<&'static BindRow> = binds()
        .iter()
        .filter(|row| row.runtimes().any(|own| own == runtime) && told(row, &named, launch))
        .collect();
    match told.as_slice() {
        [row] => Ok(Program {
            row,
            beside: Vec::new(),
            arguments: named.arguments.to_vec(),
            exact: false,
            image: false,
        }),
        _ => Err(format!(
            "the code behind `{}` says where it listens{}",
            spoken(&launch.words),
            habits(runtime)
        )),
    }
}

/// The server of an official image whose own command runs, or gets these arguments.
pub(super) fn of_image(image: &str, arguments: &[Word]) -> Option<Program> {
    let first = arguments.first().map(|word| word.text.as_str());
    let image = repository(image);
    let row = image_rows(&image).into_iter().find(|row| {
        first.is_none_or(|first| first.starts_with('-'))
            || row.signs.iter().any(|sign| match sign {
                Sign::Words { words, beside: false, .. } => {
                    words.len() > 1 && words.get(1).copied() == first
                }
                _ => false,
            })
    })?;
    let beside = besides(|sign| is_of_image(sign, &image));
    // A subcommand is no argument.
    let sub = first.is_some_and(|first| !first.starts_with('-'));
    let arguments = arguments.iter().skip(usize::from(sub)).cloned().collect();
    Some(Program { row, beside, arguments, exact: true, image: true })
}

/// EVD-01: the server that a variable of the environment names, where the command names none.
pub(super) fn of_environment(environment: &Environment) -> Option<Program> {
    let mut rows =
        binds().iter().filter(|row| row.telling(false).any(|name| environment.contains_key(name)));
    match (rows.next(), rows.next()) {
        (Some(row), None) => Some(Program {
            row,
            beside: Vec::new(),
            arguments: Vec::new(),
            exact: false,
            image: false,
        }),
        _ => None,
    }
}

/// Registry and repository of an image, and its tag.
type Repository<'i> = (String, &'i str);

/// `nginx:1` is `docker.io/library/nginx`.
fn repository(image: &str) -> Repository<'_> {
    let plain = image.split_once('@').map_or(image, |(plain, _)| plain);
    let slash = plain.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match plain.get(slash..).and_then(|last| last.find(':')) {
        Some(colon) => {
            let (name, tag) = plain.split_at(slash + colon);
            (name, tag.trim_start_matches(':'))
        }
        None => (plain, ""),
    };
    let hosted = name
        .split_once('/')
        .is_some_and(|(host, _)| host.contains(['.', ':']) || host == "localhost");
    let full = match (hosted, name.contains('/')) {
        (true, _) => name.to_owned(),
        (false, true) => format!("docker.io/{name}"),
        (false, false) => format!("docker.io/library/{name}"),
    };
    // The same images, elsewhere.
    let full = match full.strip_prefix("public.ecr.aws/docker/") {
        Some(rest) => format!("docker.io/{rest}"),
        None => full.replacen("index.docker.io/", "docker.io/", 1),
    };
    (full, tag)
}

fn is_of_image(sign: &Sign, (full, tag): &Repository<'_>) -> bool {
    match sign {
        Sign::Image { repository, tag: wanted, .. } => {
            repository == full && wanted.is_none_or(|wanted| tag.contains(wanted))
        }
        _ => false,
    }
}

fn image_rows(image: &Repository<'_>) -> Vec<&'static BindRow> {
    let own =
        |sign: &Sign| is_of_image(sign, image) && !matches!(sign, Sign::Image { beside: true, .. });
    binds().iter().filter(|row| row.signs.iter().any(own)).collect()
}

fn besides(fits: impl Fn(&Sign) -> bool) -> Vec<&'static BindRow> {
    let own = |sign: &Sign| {
        let beside =
            matches!(sign, Sign::Words { beside: true, .. } | Sign::Image { beside: true, .. });
        beside && fits(&main(sign))
    };
    binds().iter().filter(|row| row.signs.iter().any(own)).collect()
}

/// The same sign, of the program's main socket.
fn main(sign: &Sign) -> Sign {
    match sign.clone() {
        Sign::Words { words, weak, image_only, .. } => {
            Sign::Words { words, weak, image_only, beside: false }
        }
        Sign::Image { repository, tag, .. } => Sign::Image { repository, tag, beside: false },
        other => other,
    }
}

fn is_image_only(sign: &Sign) -> bool {
    matches!(sign, Sign::Words { image_only: true, .. })
}

fn is_weak(sign: &Sign) -> bool {
    matches!(sign, Sign::Words { weak: true, .. } | Sign::Path { weak: true, .. })
}

fn fits(sign: &Sign, named: &Named<'_>) -> bool {
    match sign {
        Sign::Words { words, beside: false, .. } => match words.split_first() {
            Some((name, subcommands)) => {
                *name == named.name && subcommands_fit(subcommands, named.arguments)
            }
            None => false,
        },
        Sign::Path { end, .. } => named.script.is_some_and(|script| {
            let script = script.strip_prefix("./").unwrap_or(script);
            format!("/{script}").ends_with(end)
        }),
        _ => false,
    }
}

/// `run`, behind options of the program itself: `flask --app web run`.
fn subcommands_fit(wanted: &[&str], arguments: &[Word]) -> bool {
    let mut after_option = false;
    let mut wanted = wanted.iter();
    let Some(mut next) = wanted.next() else { return true };
    for word in arguments {
        let text = word.text.as_str();
        let fits = match next.strip_prefix('*') {
            Some(end) => text.ends_with(end),
            None => *next == text,
        };
        if fits {
            match wanted.next() {
                Some(more) => next = more,
                None => return true,
            }
        } else if !text.starts_with('-') && !after_option {
            return false;
        }
        after_option = text.starts_with('-') && !text.contains('=');
    }
    // `$`: no further bare word.
    *next == "$"
}

/// Whether the arguments or the environment tell this server from the others of its runtime.
fn told(row: &BindRow, named: &Named<'_>, launch: &Launch) -> bool {
    let flag = |word: &Word| {
        let flags = row.flag_roles().flat_map(|(_, flags)| flags);
        let name = word.text.split_once('=').map_or(word.text.as_str(), |(name, _)| name);
        flags.into_iter().any(|flag| *flag == name && flag.len() > 2)
    };
    named.arguments.iter().any(flag)
        || row.telling(true).any(|name| launch.environment.contains_key(name))
}

/// What the frameworks of a runtime do when their code does not say otherwise.
fn habits(runtime: &str) -> String {
    let rows = || binds().iter().filter(|row| row.runtimes().any(|own| own == runtime));
    let of = |loopback: bool| -> Vec<String> {
        let named = rows().filter(|row| {
            row.address.is_some_and(|it| matches!(it, "127.0.0.1" | "localhost") == loopback)
        });
        named.map(|row| format!("{} ({})", row.program, row.rule)).collect()
    };
    let (loopback, all) = (of(true), of(false));
    match (loopback.is_empty(), all.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("; on every address, unless told otherwise: {}", all.join(", ")),
        (false, true) => {
            format!("; on loopback only, unless told otherwise: {}", loopback.join(", "))
        }
        (false, false) => format!(
            "; unless told otherwise, on loopback only: {}; on every address: {}",
            loopback.join(", "),
            all.join(", ")
        ),
    }
}

/// Takes a command line apart.
fn named(words: &[Word]) -> Result<Named<'_>, String> {
    let Some((first, arguments)) = words.split_first() else {
        return Err("its command is empty".to_owned());
    };
    let program = base(&first.text);
    let interpreter =
        program.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let plain = |runtime| Named { name: program.to_owned(), script: None, runtime, arguments };
    match interpreter {
        "python" | "pypy" => script(arguments, &["-W", "-X"], "python"),
        "node" | "nodejs" | "tsx" | "ts-node" => {
            script(arguments, &["-r", "--require", "--import", "--loader"], "node")
        }
        "ruby" => script(arguments, &["-I", "-r"], "ruby"),
        "php" if arguments.iter().any(|word| word.text == "-S") => Ok(plain(None)),
        "php" => script(arguments, &["-d", "-c"], "php"),
        "java" => Ok(Named {
            script: arguments
                .iter()
                .skip_while(|word| word.text != "-jar")
                .nth(1)
                .map(|word| word.text.as_str()),
            ..plain(Some("java"))
        }),
        "dotnet" => Ok(plain(Some("dotnet"))),
        "bun" => Ok(plain(Some("bun"))),
        "deno" => Ok(plain(Some("deno"))),
        "go" => Ok(plain(Some("go"))),
        _ => Ok(plain(None)),
    }
}

/// What an interpreter runs.
fn script<'a>(
    arguments: &'a [Word],
    values: &[&str],
    runtime: &'static str,
) -> Result<Named<'a>, String> {
    let mut index = 0;
    while let Some(word) = arguments.get(index) {
        let text = word.text.as_str();
        let behind = |from: usize| arguments.get(from..).unwrap_or_default();
        if text == "-m" && runtime == "python" {
            let Some(module) = arguments.get(index + 1) else { break };
            let name = module.text.clone();
            return Ok(Named { name, script: None, runtime: None, arguments: behind(index + 2) });
        }
        if matches!(text, "-c" | "-e" | "-p" | "--eval" | "-r") && !values.contains(&text) {
            return Err(format!("what its {runtime} code listens on is not followed"));
        }
        if values.contains(&text) {
            index += 2;
        } else if text.starts_with('-') {
            index += 1;
        } else {
            if word.sure == Sure::Open {
                break;
            }
            // A program that its package installed, or that goes by its script's name.
            let installed = text.contains("/bin/") || text.contains("node_modules/");
            let script = matches!(base(text), "manage.py" | "artisan");
            let name = match installed || script {
                true => base(text).trim_end_matches(".js").to_owned(),
                false => String::new(),
            };
            let script = Some(text);
            let arguments = behind(index + 1);
            return Ok(Named { name, script, runtime: Some(runtime), arguments });
        }
    }
    Err(format!("what {runtime} runs is not known"))
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn images_have_one_name() {
        for (image, full, tag) in [
            ("nginx", "docker.io/library/nginx", ""),
            ("nginx:1.27@sha256:00", "docker.io/library/nginx", "1.27"),
            ("public.ecr.aws/docker/library/php:8-fpm", "docker.io/library/php", "8-fpm"),
            ("index.docker.io/library/nginx", "docker.io/library/nginx", ""),
            ("grafana/grafana:11", "docker.io/grafana/grafana", "11"),
            ("registry:5000/nginx", "registry:5000/nginx", ""),
        ] {
            assert_eq!(repository(image), (full.to_owned(), tag), "{image}");
        }
    }
}
