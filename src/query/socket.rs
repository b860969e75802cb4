//! What is known of the socket that a server's packets reach.

use super::World;
use super::server::{Port, Server};
use crate::answer::{Assumption, Code, Finding, Missing, RuleId};
use crate::ecs::{Outlook, Reason, outlook, taken_by_proxy};
use crate::header::{Family, Protocol};
use crate::models;
use crate::network::{Listening, NetworkInterface, Service, TaskDefinitionId};

/// A task, or the tasks of a service, as the one that listens.
#[derive(Clone, Copy)]
pub(super) struct Listener<'n> {
    /// The service it belongs to.
    pub service: Option<&'n Service>,
    /// Its definition.
    pub definition: Option<&'n TaskDefinitionId>,
    /// What was seen in it.
    pub observed: Option<&'n Listening>,
    /// Its cluster.
    pub cluster: Option<&'n str>,
    /// The task, where there is one.
    pub task: Option<&'n str>,
    /// Whether the interface itself holds what its definition proves: a task's own does, an
    /// instance's does not.
    pub held: bool,
}

impl World {
    /// The task that an interface belongs to.
    pub(super) fn listener_at(&self, interface: &NetworkInterface) -> Option<Listener<'_>> {
        let mut tasks = self.network.tasks.referring_to(interface.id.as_str());
        let task = tasks.find(|task| task.interfaces.contains(&interface.id))?;
        let of_service = self.network.service_of(task);
        Some(Listener {
            service: of_service,
            definition: task.task_definition.as_ref(),
            observed: task.observed.as_ref().or(of_service.and_then(|it| it.observed.as_ref())),
            cluster: task.cluster.as_deref(),
            task: Some(task.id.as_str()),
            held: true,
        })
    }

    /// Says what is known of a server's socket: what is stated, inferred, likely or open (EVD-01).
    pub(super) fn tell_of_socket(
        &self,
        server: &mut Server,
        interface: &NetworkInterface,
        listener: Listener<'_>,
        port: Port,
    ) {
        if !port.protocol.has_ports() {
            return;
        }
        let seen =
            listener.observed.is_some_and(|it| it.ports.contains(port.protocol, port.number));
        let definition = listener.definition.and_then(|id| self.network.task_definitions.get(id));
        let to = server.flow.as_ref().map(|flow| flow.destination.addresses());
        let v6 = to.is_some_and(|to| to.v4.is_empty() && !to.v6.is_empty());
        let family = if v6 { Family::V6 } else { Family::V4 };
        let outlook = match (seen, port.protocol) {
            // What a proxy takes, it hands to loopback (CTR-12, CTR-13).
            (false, Protocol::Tcp) => definition
                .filter(|it| !taken_by_proxy(it, listener.service, port.number))
                .and_then(|it| outlook(&self.network.assumptions, it, port.number, family)),
            _ => None,
        };
        let stated = interface.sockets_known.contains(port.protocol, port.number)
            || interface.sockets.iter().any(|socket| {
                socket.port == port.number
                    && socket.protocol.matches(port.protocol)
                    && !socket.likely
            });
        let up_to = |rest: &str| Finding {
            code: Code::new("SOCKET_NOT_STATED"),
            text: format!(
                "proven up to the socket: nothing states what listens on port {} in the task{rest}",
                port.number
            ),
        };
        match outlook {
            None if stated => {}
            None => server.findings.push(up_to("")),
            Some(Outlook::Open(why)) => {
                server.findings.push(up_to(&format!(" ({})", clean(&why))));
            }
            Some(Outlook::Proven(reason, takes)) if takes || listener.held => {
                server.findings.push(finding("LISTENER_INFERRED", &reason));
                assume(server, &reason);
            }
            Some(Outlook::Likely(reason)) => {
                server.findings.push(finding("LISTENER_LIKELY", &reason));
                assume(server, &reason);
            }
            Some(Outlook::Unlikely(reason, _) | Outlook::Proven(reason, _)) => {
                let command = format!(
                    "aws ecs execute-command --cluster {} --task {} --container {} --interactive --command \"ss -ltn\"",
                    listener.cluster.unwrap_or("CLUSTER"),
                    listener.task.unwrap_or("TASK"),
                    reason.container
                );
                let fact = format!(
                    "what listens on port {} in the task: container {} {}; what `ss -ltn` shows there settles it, given with --evidence",
                    port.number, reason.container, reason.text
                );
                let missing = Missing { fact: clean(&fact), command: Some(clean(&command)) };
                server.missing = server.missing.take().or(Some(missing));
                assume(server, &reason);
            }
        }
    }
}

fn clean(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn finding(code: &'static str, reason: &Reason) -> Finding {
    let text = format!("container {} {}", reason.container, reason.text);
    Finding { code: Code::new(code), text: clean(&text) }
}

fn assume(server: &mut Server, reason: &Reason) {
    let entries = reason
        .assumptions
        .iter()
        .filter_map(|name| models::assumptions().iter().find(|entry| entry.name == *name));
    server.assumptions.extend(entries.map(|entry| Assumption {
        name: entry.name.into(),
        value: entry.default.into(),
        rule: RuleId::new(entry.rule),
    }));
}
