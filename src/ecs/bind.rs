//! What a container listens on, inferred from its definition alone (EVD-01).

mod address;
mod flags;
mod ladder;
mod launch;
mod outlook;
mod program;
mod words;

use crate::network::{Assumptions, Container, Socket};
pub(super) use outlook::sockets;
pub use outlook::{Miss, Outlook, Reason, outlook};
use words::{Environment, Word};

/// What a container's definition says of where it listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// Its server, or why that is not known, in words that follow the container's name.
    pub main: Result<Bound, String>,
    /// Further sockets of the same program: its admin interface.
    pub beside: Vec<Bound>,
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The rule that states how it binds: `B01`.
    pub rule: &'static str,
    /// The server, in words.
    pub program: &'static str,
    /// Its TCP sockets; none where it listens on a Unix socket only.
    pub sockets: Vec<Socket>,
    /// Ports on which it listens at the container's own address only, by its host name (CTR-06).
    pub own: Vec<u16>,
    /// Whether flags and variables prove it. Else it is likely at most.
    pub certain: bool,
    /// Whether its address is stated, and not a default.
    pub address_stated: bool,
    /// Whether another port would surprise nobody.
    pub port_often_other: bool,
    /// What it is and rests on: ``uvicorn (B01), by `--host 127.0.0.1` in its command``.
    pub evidence: String,
    /// What is not seen and would change it: `unless the image sets UVICORN_HOST`.
    pub unless: Option<String>,
    /// What to write so that it listens on every address: `--host 0.0.0.0`.
    pub remedy: Option<String>,
    /// The open points that it rests on.
    pub assumptions: Vec<&'static str>,
    /// EVD-14: it accepts connections and refuses its commands.
    pub protected: bool,
}

impl Bound {
    /// The ports it listens on.
    pub fn ports(&self) -> impl Iterator<Item = u16> + '_ {
        self.sockets.iter().map(|socket| socket.port).chain(self.own.iter().copied())
    }
}

/// What a container listens on, as far as its definition tells.
#[must_use]
pub fn inferred(container: &Container) -> Inferred {
    match recognised(container) {
        Ok((program, environment)) => ladder::bound(container, &program, &environment),
        Err(why) => Inferred { main: Err(why), beside: Vec::new() },
    }
}

/// The same, without what rests on an open point that is taken not to hold.
pub(in crate::ecs) fn trusted(assumptions: &Assumptions, container: &Container) -> Inferred {
    let Inferred { main, mut beside } = inferred(container);
    let turned =
        |bound: &Bound| bound.assumptions.iter().copied().find(|one| !assumptions.holds(one));
    beside.retain(|bound| turned(bound).is_none());
    let main = main.and_then(|bound| match turned(&bound) {
        None => Ok(bound),
        Some(name) => Err(format!(
            "where {} listens rests on {name}, which is taken not to hold",
            bound.program
        )),
    });
    Inferred { main, beside }
}

/// The server of a container, and the environment that it gets.
fn recognised(container: &Container) -> Result<(program::Program, Environment), String> {
    let words = |words: &Option<Vec<String>>| -> Vec<Word> {
        words.iter().flatten().map(|word| Word::known(word)).collect()
    };
    let environment = &container.environment;
    let named = |why: String| match program::of_environment(environment) {
        Some(program) => Ok((program, environment.clone())),
        None => Err(why),
    };
    let image = container.image.as_deref();
    let entry_point = container.entry_point.as_ref().filter(|words| {
        // The official images' own.
        !words.iter().all(|word| launch::base(word) == "docker-entrypoint.sh")
    });
    let Some(entry_point) = entry_point else {
        let command = words(&container.command);
        if let Some(program) = image.and_then(|image| program::of_image(image, &command)) {
            return Ok((program, environment.clone()));
        }
        if command.is_empty() {
            let image = image.unwrap_or("that is not stated");
            return named(format!("what image {image} starts is not in the task definition"));
        }
        if command.first().is_some_and(|word| word.text.starts_with('-')) {
            return named("its command is only arguments for what the image starts".to_owned());
        }
        return launched(command, environment, image).or_else(named);
    };
    // EVD-10: an entry point discards the image's command.
    let all = entry_point.iter().map(|word| Word::known(word));
    launched(all.chain(words(&container.command)).collect(), environment, None).or_else(named)
}

fn launched(
    words: Vec<Word>,
    environment: &Environment,
    image: Option<&str>,
) -> Result<(program::Program, Environment), String> {
    let launch = launch::unwrapped(words, environment.clone())?;
    let program = program::recognised(&launch, image)?;
    Ok((program, launch.environment))
}
