//! What stands before a server on a command line, or instead of it.

use super::table::rows;
use std::sync::LazyLock;

/// What a command is, if not a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LauncherKind {
    /// It is replaced by the command behind it: `exec`, `tini --`, `poetry run`.
    Wrapper,
    /// A wrapper that takes assignments first: `env`.
    Env,
    /// It starts the processes of a list of its own: `supervisord`.
    Manager,
    /// It runs what a file says that a task definition does not show: `npm start`.
    Script,
    /// It ends by itself and listens nowhere: `echo`, `alembic upgrade`.
    Harmless,
}

/// A command that is no server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Launcher {
    /// What it is.
    pub kind: LauncherKind,
    words: &'static str,
    switches: &'static str,
    values: &'static str,
    /// How many words follow its options before the command.
    pub skip: usize,
}

static LAUNCHERS: LazyLock<Vec<Launcher>> = LazyLock::new(|| {
    rows::<5>(include_str!("../../models/launchers.tsv"))
        .filter_map(|[kind, words, switches, values, skip]| {
            let kind = match kind {
                "wrapper" => LauncherKind::Wrapper,
                "env" => LauncherKind::Env,
                "manager" => LauncherKind::Manager,
                "script" => LauncherKind::Script,
                "harmless" => LauncherKind::Harmless,
                _ => return None,
            };
            Some(Launcher { kind, words, switches, values, skip: skip.parse().ok()? })
        })
        .collect()
});

impl Launcher {
    /// Its name and subcommands.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.words.split(' ')
    }

    /// Whether it is an option of this wrapper that takes no value.
    #[must_use]
    pub fn is_switch(&self, option: &str) -> bool {
        self.switches.split(',').any(|one| one == option)
    }

    /// Whether it is an option of this wrapper that takes a value.
    #[must_use]
    pub fn takes_value(&self, option: &str) -> bool {
        self.values.split(',').any(|one| one == option)
    }
}

/// Every command that is known to be no server.
#[must_use]
pub fn launchers() -> &'static [Launcher] {
    &LAUNCHERS
}
