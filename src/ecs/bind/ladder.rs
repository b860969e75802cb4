//! Flags before variables before defaults (EVD-01).

use super::address::{self, Bind};
use super::flags::{Stated, stated, value_of};
use super::program::Program;
use super::words::{Environment, Script, Sure, Word};
use super::{Bound, Inferred};
use crate::header::{Protocol, ProtocolMatch};
use crate::models::{BindRow, Certainty, Condition};
use crate::network::{Container, Socket};
use std::collections::BTreeSet;

/// Where a recognised server listens.
pub(super) fn bound(
    container: &Container,
    program: &Program,
    environment: &Environment,
) -> Inferred {
    let of = |row| Ladder { container, program, environment, row }.bound();
    Inferred {
        main: of(program.row),
        beside: program.beside.iter().filter_map(|row| of(row).ok()).collect(),
    }
}

struct Ladder<'a> {
    container: &'a Container,
    program: &'a Program,
    environment: &'a Environment,
    row: &'static BindRow,
}

/// What one address of a server rests on.
struct Claim {
    /// The address as it is written.
    word: String,
    /// Its ports; none where nothing says one.
    ports: Vec<u16>,
    /// Whether the address is stated.
    address_stated: bool,
    /// Whether the port is.
    port_stated: bool,
}

/// What was found on the way down.
#[derive(Default)]
struct Found {
    claims: Vec<Claim>,
    /// No TCP socket.
    none: bool,
    evidence: Vec<String>,
    assumed: Vec<&'static str>,
    doubtful: bool,
}

impl Ladder<'_> {
    fn bound(&self) -> Result<Bound, String> {
        let row = self.row;
        let flags = stated(row, &self.program.arguments)?;
        let found = self.found(&flags)?;
        if found.claims.is_empty() && !found.none {
            return Err(format!("where {} ({}) listens is not stated", row.program, row.rule));
        }
        let mut assumptions = found.assumed.clone();
        let (mut sockets, mut own, mut doubtful) = (Vec::new(), Vec::new(), found.doubtful);
        for claim in &found.claims {
            let bind = self.bind(claim, &mut assumptions)?;
            doubtful |= bind.doubtful;
            if bind.own {
                own.extend(&claim.ports);
            }
            let at = &self.container.at;
            sockets.extend(claim.ports.iter().flat_map(|&port| {
                let one = move |&(address, v6_only): &(_, _)| {
                    let protocol = ProtocolMatch::Only(Protocol::Tcp);
                    Socket { protocol, v6_only, at: at.clone(), ..Socket::new(address, port) }
                };
                bind.addresses.iter().map(one).collect::<Vec<_>>()
            }));
        }
        // Two words for one socket.
        let mut seen = BTreeSet::new();
        sockets.retain(|socket: &Socket| seen.insert(socket.clone()));
        if row.default_from == Certainty::Open {
            assumptions.push("BT_UNVERIFIED_DEFAULT");
        }
        let stated = |of: fn(&Claim) -> bool| found.none || found.claims.iter().all(of);
        let address_stated = stated(|claim| claim.address_stated);
        let whole = address_stated && stated(|claim| claim.port_stated);
        let certain = whole
            && row.provable
            && row.default_from != Certainty::Open
            && self.program.exact
            && !doubtful
            && own.is_empty();
        if !self.program.image
            && self.container.entry_point.is_none()
            && self.container.command.is_some()
        {
            assumptions.push("IMAGE_ENTRYPOINT_RUNS_COMMAND");
        }
        assumptions.sort_unstable();
        assumptions.dedup();
        Ok(Bound {
            rule: row.rule,
            program: row.program,
            own,
            certain,
            address_stated,
            port_often_other: row.port_often_other && !stated(|claim| claim.port_stated),
            evidence: self.evidence(&found),
            unless: (!whole).then(|| self.unless()).flatten(),
            remedy: self.remedy(&sockets),
            assumptions,
            protected: self.is_protected(address_stated),
            sockets,
        })
    }

    /// Down the ladder to the first that says something.
    fn found(&self, flags: &Stated) -> Result<Found, String> {
        let row = self.row;
        let mut found =
            Found { doubtful: flags.hidden || self.is_likely(flags), ..Found::default() };
        let command = |flags: &Stated| match flags.shown.is_empty() {
            true => Vec::new(),
            false => vec![format!("`{}` in its command", flags.shown.join(" "))],
        };
        if let Some(none) = self.without_tcp(flags)? {
            found.none = true;
            found.evidence.push(none);
            return Ok(found);
        }
        if !flags.binds.is_empty() {
            if !flags.hosts.is_empty() || flags.port.is_some() {
                return Err(format!("{} is told twice where to listen", row.program));
            }
            found.evidence = command(flags);
            self.binds(&flags.binds, flags.bare_ports, &mut found)?;
            return Ok(found);
        }
        // Variables that hold flags.
        for name in row.variables("args") {
            let Some(value) = self.environment.get(name) else { continue };
            let Some(text) = value else { return Err(hidden(name)) };
            let given = stated(row, &split_words(text)?)?;
            if !given.binds.is_empty() {
                found.evidence.push(of_variable(name, text));
                self.binds(&given.binds, given.bare_ports, &mut found)?;
                return Ok(found);
            }
            if let Some(file) = given.configured {
                return Err(format!("its configuration (`{file}`) says where it listens"));
            }
        }
        if flags.hosts.is_empty() && flags.port.is_none() && self.take_bind_variable(&mut found)? {
            return Ok(found);
        }
        let host = self.variable("host")?;
        if flags.hosts.is_empty() && host.is_none() {
            // A file beats a default, and nothing shows it.
            if let Some(file) = &flags.configured {
                return Err(format!("its configuration (`{file}`) says where it listens"));
            }
            if row.is_configured() && !self.program.image {
                let default =
                    row.address.map(|it| format!("; by default {it}")).unwrap_or_default();
                return Err(format!(
                    "the configuration of {} says where it listens{default} ({})",
                    row.program, row.rule
                ));
            }
        }
        found.evidence = command(flags);
        let (ports, port_stated) = self.ports(flags, &mut found)?;
        let mut words: Vec<String> = flags.hosts.iter().map(|word| word.text.clone()).collect();
        let mut address_stated = !words.is_empty();
        if words.is_empty()
            && let Some((name, value)) = host
        {
            found.evidence.push(of_variable(&name, &value));
            words = vec![value];
            address_stated = true;
        }
        if words.is_empty()
            && let Some((why, address)) = self.mode()?
        {
            found.evidence.push(why);
            words = vec![address.to_owned()];
        }
        if words.is_empty() {
            words.extend(row.address.map(str::to_owned));
        }
        if ports.is_empty() && !words.is_empty() {
            return Err(format!(
                "{} ({}) takes the port that its code or configuration says",
                row.program, row.rule
            ));
        }
        found.claims.extend(words.into_iter().map(|word| Claim {
            word,
            ports: ports.clone(),
            address_stated,
            port_stated,
        }));
        Ok(found)
    }

    /// Whether a word that counts is only likely.
    fn is_likely(&self, flags: &Stated) -> bool {
        let mut all = flags.hosts.iter().chain(&flags.binds).chain(&flags.port);
        all.any(|word| word.sure != Sure::Known)
    }

    /// EVD-06: a server on a Unix socket has no TCP socket.
    fn without_tcp(&self, flags: &Stated) -> Result<Option<String>, String> {
        let variable = self.variable("none")?;
        let both = !flags.hosts.is_empty() || !flags.binds.is_empty() || flags.port.is_some();
        match (&flags.none, variable) {
            (None, None) => Ok(None),
            (Some(flag), _) if both => Err(format!("it is given `{flag}` and an address")),
            (Some(flag), _) => Ok(Some(format!("`{flag}` in its command"))),
            (None, Some((name, _))) => Err(format!("its environment's {name} is not followed")),
        }
    }

    fn binds(&self, words: &[Word], bare_ports: bool, found: &mut Found) -> Result<(), String> {
        for text in words.iter().flat_map(|word| word.text.split([',', ';'])) {
            let text = text.trim();
            if text.is_empty() || text == "off" {
                continue;
            }
            let Some((host, port)) = address::split(text, bare_ports)? else {
                found.none = true;
                continue;
            };
            let default = self.row.address.unwrap_or_default().to_owned();
            found.claims.push(Claim {
                address_stated: host.is_some(),
                word: host.unwrap_or(default),
                port_stated: port.is_some(),
                ports: port.map_or_else(|| self.row.ports.clone(), |port| vec![port]),
            });
        }
        found.none &= found.claims.is_empty();
        Ok(())
    }

    /// `OLLAMA_HOST`, `ASPNETCORE_URLS`, `ASPNETCORE_HTTP_PORTS`.
    fn take_bind_variable(&self, found: &mut Found) -> Result<bool, String> {
        let ports = self.variable("ports")?;
        if let Some((name, value)) = self.bind_variable()? {
            found.evidence.push(of_variable(&name, &value));
            self.binds(&[Word::known(&value)], false, found)?;
            let image = self.program.image && self.row.variables("ports").next().is_some();
            if ports.is_some() || image {
                // EVD-12
                found.assumed.push("ASPNETCORE_URLS_WINS");
                found.doubtful = true;
            }
            return Ok(true);
        }
        let Some((name, value)) = ports else { return Ok(false) };
        let numbers: Option<Vec<u16>> =
            value.split(';').map(|text| address::port(text.trim())).collect();
        let Some(ports) = numbers else { return Err(format!("`{name}={value}` is no port")) };
        found.evidence.push(of_variable(&name, &value));
        let word = "*".to_owned();
        found.claims.push(Claim { word, ports, address_stated: true, port_stated: true });
        Ok(true)
    }

    /// The first variable of the role `bind` that is set; a `*` in its name stands for any word.
    fn bind_variable(&self) -> Result<Option<(String, String)>, String> {
        for pattern in self.row.variables("bind") {
            let Some((front, back)) = pattern.split_once('*') else { continue };
            let fits = |name: &&String| name.starts_with(front) && name.ends_with(back);
            let named: Vec<&String> = self.environment.keys().filter(fits).collect();
            let values: Option<Vec<&str>> = named
                .iter()
                .map(|name| self.environment.get(*name).and_then(Option::as_deref))
                .collect();
            let Some(first) = named.first() else { continue };
            let Some(values) = values else { return Err(hidden(first)) };
            return Ok(Some(((*first).clone(), values.join(","))));
        }
        self.variable("bind")
    }

    fn ports(&self, flags: &Stated, found: &mut Found) -> Result<(Vec<u16>, bool), String> {
        if let Some(word) = &flags.port {
            let port = address::port(&word.text);
            let why = || match word.text.contains('$') {
                true => format!("nothing expands `{}` without a shell", word.text),
                false => format!("`{}` is no port that is followed", word.text),
            };
            return Ok((vec![port.ok_or_else(why)?], true));
        }
        if let Some((name, value)) = self.variable("port")? {
            let port = address::port(&value);
            let port =
                port.ok_or_else(|| format!("`{name}={value}` is no port that is followed"))?;
            found.evidence.push(of_variable(&name, &value));
            return Ok((vec![port], true));
        }
        Ok((self.row.ports.clone(), false))
    }

    /// What the first condition that holds says.
    fn mode(&self) -> Result<Option<(String, &'static str)>, String> {
        for (condition, address) in &self.row.modes {
            let why = match condition {
                Condition::Image => "its official image".to_owned(),
                Condition::Flag(flag, _) => format!("`{flag}` in its command"),
                Condition::Variable(name, _) => match self.environment.get(*name) {
                    Some(None) => return Err(hidden(name)),
                    Some(Some(value)) => of_variable(name, value),
                    None => continue,
                },
            };
            if self.holds(condition) {
                return Ok(Some((why, address)));
            }
        }
        Ok(None)
    }

    fn holds(&self, condition: &Condition) -> bool {
        let same = |wanted: &Option<&str>, value: &str| wanted.is_none_or(|it| it == value);
        match condition {
            Condition::Image => self.program.image,
            Condition::Flag(flag, wanted) => {
                let value = value_of(flag, &self.program.arguments);
                value.is_some_and(|value| same(wanted, value))
            }
            Condition::Variable(name, wanted) => match self.environment.get(*name) {
                Some(Some(value)) => !value.is_empty() && same(wanted, value),
                // Set to something: enough where any value counts.
                Some(None) => wanted.is_none(),
                None => false,
            },
        }
    }

    /// The first variable of a role that is set.
    fn variable(&self, role: &str) -> Result<Option<(String, String)>, String> {
        for name in self.row.variables(role) {
            match self.environment.get(name) {
                Some(Some(value)) if !value.is_empty() => {
                    return Ok(Some((name.to_owned(), value.clone())));
                }
                Some(None) => return Err(hidden(name)),
                _ => {}
            }
        }
        Ok(None)
    }

    fn bind(&self, claim: &Claim, assumptions: &mut Vec<&'static str>) -> Result<Bind, String> {
        let row = self.row;
        let mut bind = address::bound(row, &claim.word, |condition| self.holds(condition))?;
        let open = bind
            .addresses
            .iter()
            .any(|(address, only)| address.is_ipv6() && address.is_unspecified() && only.is_none());
        if open && !claim.address_stated {
            // §5.1: a default of `::` whose family nobody checked.
            for one in &mut bind.addresses {
                one.1 = one.1.or(one.0.is_ipv6().then_some(false));
            }
            assumptions.push("WILDCARD_V6_DEFAULT_IS_DUAL");
            bind.doubtful = true;
        }
        assumptions.append(&mut bind.assumed);
        Ok(bind)
    }

    fn evidence(&self, found: &Found) -> String {
        let row = self.row;
        let mut all = found.evidence.clone();
        let default = |of: fn(&Claim) -> bool| !found.none && !found.claims.iter().all(of);
        let (address, port) =
            (default(|claim| claim.address_stated), default(|claim| claim.port_stated));
        match (address, port) {
            (true, true) if all.is_empty() => all.push("the default".to_owned()),
            (true, _) if self.mode().is_ok_and(|mode| mode.is_none()) => {
                all.push("the default address".to_owned());
            }
            (_, true) => all.push("the default port".to_owned()),
            _ => {}
        }
        format!("{} ({}), by {}", row.program, row.rule, all.join(" and "))
    }

    fn unless(&self) -> Option<String> {
        let absent = |name: &&str| !self.environment.contains_key(*name) && !name.contains('*');
        let mut names: Vec<&str> = self.row.all_variables().filter(absent).collect();
        names.sort_unstable();
        names.dedup();
        let files = match self.container.environment_files.is_empty() {
            true => "the image",
            false => "the image or an environment file",
        };
        (!names.is_empty()).then(|| format!("unless {files} sets {}", names.join(" or ")))
    }

    /// How this program is told to listen on every address.
    fn remedy(&self, sockets: &[Socket]) -> Option<String> {
        let row = self.row;
        let port = sockets.first().map_or(8080, |socket| socket.port);
        let last = |roles: [&str; 4]| roles.iter().find_map(|role| row.flags(role).last());
        if let Some(flag) = last(["host", "host?", "hosts", "hosts,"]) {
            return Some(
                match flag.starts_with("--") || flag.starts_with("-") && flag.len() == 2 {
                    true => format!("{flag} 0.0.0.0"),
                    false => format!("{flag}=0.0.0.0"),
                },
            );
        }
        if let Some(flag) = last(["bind", "listen", "bind", "listen"]) {
            return Some(format!("{flag} 0.0.0.0:{port}"));
        }
        if row.flags("positional").next().is_some() {
            return Some(format!("0.0.0.0:{port}"));
        }
        if let Some(name) = row.variables("host").next() {
            return Some(format!("{name}=0.0.0.0"));
        }
        row.variables("bind").next().map(|name| format!("{name}=0.0.0.0:{port}"))
    }

    /// EVD-14: without an address or a password of its own.
    fn is_protected(&self, address_stated: bool) -> bool {
        let mut guards = self.row.flags("guard").peekable();
        let off = |flag| value_of(flag, &self.program.arguments).is_some_and(|it| it != "yes");
        guards.peek().is_some() && !address_stated && !guards.any(off)
    }
}

fn of_variable(name: &str, value: &str) -> String {
    format!("`{name}={value}` in its environment")
}

fn hidden(name: &str) -> String {
    format!("the value of {name}, which decides where it listens, is not in the task definition")
}

/// The words of a variable that holds flags.
fn split_words(text: &str) -> Result<Vec<Word>, String> {
    let mut script = Script::new(text);
    Ok(script.next(&Environment::new())?.map(|step| step.words).unwrap_or_default())
}
