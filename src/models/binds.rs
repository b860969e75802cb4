//! Where servers listen, and what changes that.

use super::table::rows;
use std::sync::LazyLock;

/// What is known of one server: how it is recognised, and what it binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindRow {
    /// The rule that states it: `B01`.
    pub rule: &'static str,
    /// The server, in words.
    pub program: &'static str,
    /// How it is recognised.
    pub signs: Vec<Sign>,
    /// The address it binds when nothing is said, as the program words it; `*` for all of its own
    /// accord, `$HOSTNAME` for the container's host name, `None` where it must be told.
    pub address: Option<&'static str>,
    /// The ports it takes when nothing is said; none where its code or configuration decides.
    pub ports: Vec<u16>,
    /// Whether it often takes another port without its command or environment saying so.
    pub port_often_other: bool,
    /// The class of its default: `LOOP4`, `LOOP_NAME`, `ANY4`, `ANY`, `MODE`, `HOSTNAME`, `EXPLICIT`.
    pub class: &'static str,
    flags: Roles,
    environment: Roles,
    /// Conditions and the address that each gives, the first that holds decides.
    pub modes: Vec<(Condition, &'static str)>,
    /// Bind words, the condition under which they mean something of their own, and what.
    words: Vec<(&'static str, Option<Condition>, WildcardBind)>,
    /// How sure the meaning of bind words is.
    pub words_from: Certainty,
    /// How sure the default is.
    pub default_from: Certainty,
    /// Whether flags and variables prove a bind, or leave it likely.
    pub provable: bool,
    /// Where that is stated.
    pub source: &'static str,
}

type Roles = Vec<(&'static str, Vec<&'static str>)>;

/// How a server is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Its name and subcommands.
    Words {
        /// The name, then the subcommands.
        words: Vec<&'static str>,
        /// Whether the name proves little.
        weak: bool,
        /// Whether this is a further socket of the program.
        beside: bool,
        /// Whether this is so in its official image only.
        image_only: bool,
    },
    /// The end of the path of the script or archive that is run.
    Path {
        /// The end of the path, from a slash on.
        end: &'static str,
        /// Whether the path proves little.
        weak: bool,
    },
    /// An official image, and what its tag holds.
    Image {
        /// Registry and repository.
        repository: &'static str,
        /// What the tag holds.
        tag: Option<&'static str>,
        /// Whether this is a further socket of the program.
        beside: bool,
    },
    /// Only the application's own code tells, in that runtime.
    Code(&'static str),
}

/// What a mode or a bind word depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A variable that is set, perhaps to a value.
    Variable(&'static str, Option<&'static str>),
    /// A flag that is given, perhaps with a value.
    Flag(&'static str, Option<&'static str>),
    /// The official image runs.
    Image,
}

/// What a wildcard bind word becomes (EVD-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WildcardBind {
    /// One IPv4 socket.
    V4,
    /// One IPv6 socket that takes no IPv4.
    V6Only,
    /// One IPv6 socket that takes IPv4 as well.
    Dual,
    /// A socket per family.
    Split,
    /// Not known.
    Open,
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The program was run and its sockets read.
    Run,
    /// It stands in the program's source or documentation.
    Read,
    /// It follows from the runtime that the program uses.
    Inferred,
    /// It is not verified, or not known.
    Open,
}

static BINDS: LazyLock<Vec<BindRow>> =
    LazyLock::new(|| rows::<14>(include_str!("../../models/bind-defaults.tsv")).map(row).collect());

/// Every server that is known.
#[must_use]
pub fn binds() -> &'static [BindRow] {
    &BINDS
}

impl BindRow {
    /// The flags of a role.
    pub fn flags(&self, role: &str) -> impl Iterator<Item = &'static str> {
        of_role(&self.flags, role)
    }

    /// Every role and its flags.
    pub fn flag_roles(&self) -> impl Iterator<Item = (&'static str, &[&'static str])> {
        self.flags.iter().map(|(role, flags)| (*role, flags.as_slice()))
    }

    /// The variables of a role, in the order in which they count.
    pub fn variables(&self, role: &str) -> impl Iterator<Item = &'static str> {
        self.environment
            .iter()
            .filter(move |(of, _)| of.trim_end_matches(['!', '~']) == role)
            .flat_map(|(_, names)| names.iter().copied())
    }

    /// Every variable that changes what it binds.
    pub fn all_variables(&self) -> impl Iterator<Item = &'static str> {
        let modes = self.modes.iter().filter_map(|(condition, _)| match condition {
            Condition::Variable(name, _) => Some(*name),
            _ => None,
        });
        self.environment.iter().flat_map(|(_, names)| names.iter().copied()).chain(modes)
    }

    /// The variables that name this program: anywhere, or only within its runtime.
    pub fn telling(&self, within_runtime: bool) -> impl Iterator<Item = &'static str> {
        self.environment
            .iter()
            .filter(move |(role, _)| {
                role.ends_with('!') || *role == "sign" || within_runtime && role.ends_with('~')
            })
            .flat_map(|(_, names)| names.iter().copied())
    }

    /// Whether a configuration file always decides.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.flags("config").any(|flag| flag == "*")
    }

    /// What a bind word becomes where the program gives it a meaning of its own.
    #[must_use]
    pub fn wildcard(&self, word: &str, holds: impl Fn(&Condition) -> bool) -> Option<WildcardBind> {
        let fits = |condition: &Option<Condition>| condition.as_ref().is_none_or(&holds);
        let mut all = self.words.iter();
        all.find(|(own, condition, _)| *own == word && fits(condition)).map(|(.., it)| *it)
    }

    /// The runtime in which only the application's code tells this server from others.
    pub fn runtimes(&self) -> impl Iterator<Item = &'static str> {
        self.signs.iter().filter_map(|sign| match sign {
            Sign::Code(runtime) => Some(*runtime),
            _ => None,
        })
    }
}

fn of_role<'a>(roles: &'a Roles, role: &str) -> impl Iterator<Item = &'static str> + 'a {
    let found = roles.iter().find(|(of, _)| *of == role);
    found.into_iter().flat_map(|(_, names)| names.iter().copied())
}

fn row(cells: [&'static str; 14]) -> BindRow {
    let [
        rule,
        program,
        signs,
        address,
        port,
        class,
        flags,
        variables,
        modes,
        words,
        v6,
        default,
        sure,
        source,
    ] = cells;
    let given = |cell: &'static str| Some(cell).filter(|cell| *cell != "-");
    let parts = |cell: &'static str| given(cell).into_iter().flat_map(str::split_whitespace);
    let roles = |cell: &'static str| {
        let pairs = parts(cell).filter_map(|part| part.split_once(':'));
        pairs.map(|(role, names)| (role, names.split(',').collect())).collect()
    };
    let certainty = |word: &str| match word {
        "run" => Certainty::Run,
        "read" => Certainty::Read,
        "inferred" => Certainty::Inferred,
        _ => Certainty::Open,
    };
    let numbers = port.trim_end_matches('?').split(',');
    BindRow {
        rule,
        program,
        signs: given(signs).into_iter().flat_map(|cell| cell.split('|')).flat_map(sign).collect(),
        address: given(address),
        ports: numbers.filter_map(|number| number.parse().ok()).collect(),
        port_often_other: port.ends_with('?'),
        class,
        flags: roles(flags),
        environment: roles(variables),
        modes: parts(modes)
            .filter_map(|part| part.split_once("->"))
            .map(|(when, address)| (condition(when), address))
            .collect(),
        words: parts(words).filter_map(word).collect(),
        words_from: certainty(v6),
        default_from: certainty(default),
        provable: sure == "certain",
        source,
    }
}

fn sign(text: &'static str) -> Vec<Sign> {
    let (beside, text) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
    let (weak, text) = text.strip_prefix('~').map_or((false, text), |rest| (true, rest));
    let (image_only, text) = text.strip_prefix('@').map_or((false, text), |rest| (true, rest));
    if let Some(runtime) = text.strip_prefix("code:") {
        return vec![Sign::Code(runtime)];
    }
    if let Some(images) = text.strip_prefix("image:") {
        let one = |image: &'static str| {
            let (repository, tag) = match image.split_once('#') {
                Some((repository, tag)) => (repository, Some(tag)),
                None => (image, None),
            };
            Sign::Image { repository, tag, beside }
        };
        return images.split(',').map(one).collect();
    }
    match text.starts_with('/') {
        true => vec![Sign::Path { end: text, weak }],
        false => {
            let words = text.split(' ').collect();
            vec![Sign::Words { words, weak, beside, image_only }]
        }
    }
}

fn condition(text: &'static str) -> Condition {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    match (name, name.strip_prefix('$')) {
        ("@image", _) => Condition::Image,
        (_, Some(variable)) => Condition::Variable(variable, value),
        (flag, None) => Condition::Flag(flag, value),
    }
}

/// `::/--workers=dual`
fn word(text: &'static str) -> Option<(&'static str, Option<Condition>, WildcardBind)> {
    let (word, becomes) = text.rsplit_once('=')?;
    let (word, when) = match word.split_once('/') {
        Some((word, when)) => (word, Some(condition(when))),
        None => (word, None),
    };
    let becomes = match becomes {
        "v4" => WildcardBind::V4,
        "v6only" => WildcardBind::V6Only,
        "dual" => WildcardBind::Dual,
        "split" => WildcardBind::Split,
        _ => WildcardBind::Open,
    };
    Some((word.trim_matches('\''), when, becomes))
}

#[cfg(test)]
mod tests {
    use super::{BindRow, Sign, binds};

    // §5.1: the table is whole, and every row can be recognised.
    #[test]
    fn every_server_of_the_table_is_there() {
        let ids: Vec<String> = binds().iter().map(|row| row.rule.to_owned()).collect();
        let all: Vec<String> = (1..=114).map(|number| format!("B{number:02}")).collect();
        assert_eq!(ids, all);
        for row in binds() {
            // A gunicorn image is recognised as gunicorn.
            assert_eq!(row.signs.is_empty(), row.rule == "B113", "{row:?}");
            assert!(row.source.starts_with("https://"), "{row:?}");
        }
    }

    // §5.1: the class is what the default address says.
    #[test]
    fn classes_follow_from_default_addresses() {
        let fits = |row: &BindRow| match row.class {
            "LOOP4" => row.address == Some("127.0.0.1"),
            "LOOP_NAME" => row.address == Some("localhost"),
            "ANY4" => matches!(row.address, Some("0.0.0.0" | "*")),
            "ANY" => matches!(row.address, Some("0.0.0.0" | "::" | "*")),
            "HOSTNAME" => row.address == Some("$HOSTNAME"),
            "EXPLICIT" => row.address.is_none(),
            // What is said decides; else loopback.
            "MODE" => matches!(row.address, Some("127.0.0.1" | "localhost")),
            _ => false,
        };
        for row in binds() {
            assert!(fits(row), "{row:?}");
        }
    }

    #[test]
    fn images_are_named_by_registry() {
        for row in binds() {
            for sign in &row.signs {
                if let Sign::Image { repository, .. } = sign {
                    assert!(repository.split('/').next().unwrap().contains('.'), "{row:?}");
                }
            }
        }
    }
}
