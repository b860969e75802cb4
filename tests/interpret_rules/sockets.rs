//! What the host answers.

use crate::world::*;
use vpc_reach::answer::Outcome::{self, Delivered};
use vpc_reach::header::{Protocol, ProtocolMatch};
use vpc_reach::network::*;

fn listening(sockets: &[(&str, u16, Option<bool>)]) -> Outcome {
    let mut world = world();
    world.eni("server").sockets = sockets
        .iter()
        .map(|&(address, port, v6_only)| Socket { v6_only, ..Socket::new(ip(address), port) })
        .collect();
    world.eni("server").sockets_known = KnownPorts::both(ports(8080..=8080));
    world.send("client", "10.0.2.20", 8080)
}

/// CTR-02
#[test]
fn a_socket_on_the_address_or_a_wildcard_accepts() {
    for (address, v6_only) in
        [("10.0.2.20", None), ("0.0.0.0", None), ("::", Some(false)), ("::ffff:10.0.2.20", None)]
    {
        let loopback = ("127.0.0.1", 8080, None);
        assert_eq!(listening(&[loopback, (address, 8080, v6_only)]), Delivered, "{address}");
    }
}

/// CTR-03
#[test]
fn a_socket_elsewhere_refuses_and_says_where_it_is() {
    for (address, v6_only, code) in [
        ("127.0.0.1", None, "LISTENER_ON_LOOPBACK"),
        ("127.0.1.1", None, "LISTENER_ON_LOOPBACK"),
        ("::1", None, "LISTENER_ON_LOOPBACK"),
        ("::ffff:127.0.0.1", None, "LISTENER_ON_LOOPBACK"),
        ("::", Some(true), "LISTENER_OTHER_FAMILY"),
        ("10.0.2.21", None, "LISTENER_ON_OTHER_ADDRESS"),
    ] {
        assert_eq!(listening(&[(address, 8080, v6_only)]), refused(code), "{address}");
    }
    let both = [("127.0.0.1", 8080, None), ("10.0.2.21", 8080, None)];
    assert_eq!(listening(&both), refused("LISTENER_ON_OTHER_ADDRESS"));
}

/// PW-12, CTR-02, CTR-08
#[test]
fn a_port_without_a_socket_is_closed_only_where_the_sockets_are_known() {
    assert_eq!(listening(&[("0.0.0.0", 3000, None)]), refused("NOTHING_LISTENS"));
    assert_eq!(listening(&[]), refused("NOTHING_LISTENS"));
    assert_eq!(world().send("client", "10.0.2.20", 8080), Delivered);
}

/// CTR-02
#[test]
fn whether_a_double_colon_takes_ipv4_must_be_known() {
    assert!(is_unknown(&listening(&[("::", 8080, None)])));
}

/// CTR-19
#[test]
fn sockets_of_one_protocol_say_nothing_of_another() {
    let mut world = world();
    world.eni("server").sockets_known.tcp = ports(8080..=8080);
    let refused = refused("NOTHING_LISTENS");
    assert_eq!(world.send_as("client", "10.0.2.20", 8080, Protocol::Tcp), refused);
    assert_eq!(world.send_as("client", "10.0.2.20", 8080, Protocol::Udp), Delivered);
    world.eni("server").sockets_known.udp = ports(8080..=8080);
    assert_eq!(world.send_as("client", "10.0.2.20", 8080, Protocol::Udp), refused);
}

/// EVD-07
#[test]
fn a_socket_that_is_only_likely_never_proves_a_refusal() {
    let mut world = world();
    world.eni("server").sockets =
        vec![Socket { likely: true, ..Socket::new(ip("127.0.0.1"), 8080) }];
    assert!(is_unknown(&world.send("client", "10.0.2.20", 8080)));
    world.eni("server").sockets = vec![Socket { likely: true, ..Socket::new(ip("0.0.0.0"), 8080) }];
    assert_eq!(world.send("client", "10.0.2.20", 8080), Delivered);
    assert_eq!(world.send("client", "10.0.2.20", 8081), Delivered);
}

/// CTR-19
#[test]
fn a_udp_socket_takes_udp_only() {
    let mut world = world();
    let protocol = ProtocolMatch::Only(Protocol::Udp);
    world.eni("server").sockets = vec![Socket { protocol, ..Socket::new(ip("0.0.0.0"), 53) }];
    world.eni("server").sockets_known = KnownPorts::all();
    assert_eq!(world.send_as("client", "10.0.2.20", 53, Protocol::Udp), Delivered);
    let refused = refused("NOTHING_LISTENS");
    assert_eq!(world.send_as("client", "10.0.2.20", 53, Protocol::Tcp), refused);
}

/// LBH-17
#[test]
fn a_reset_is_lost_too_when_the_reply_is() {
    let mut world = world();
    world.eni("server").sockets_known = KnownPorts::both(ports(8080..=8080));
    world.own_acl("b").ingress.push(entry(100, AclAction::Allow, "0.0.0.0/0", 0..=65535));
    assert_eq!(world.send("client", "10.0.2.20", 8080), reply_lost("SUBNET_ACL_RESTRICTION"));
}

/// CTR-09: what comes to a published port is answered on the container's; of other ports nothing is
/// known.
#[test]
fn a_published_port_is_answered_on_the_containers_own() {
    for (address, outcome) in
        [("0.0.0.0", Delivered), ("127.0.0.1", refused("LISTENER_ON_LOOPBACK"))]
    {
        let mut world = world();
        world.eni("server").sockets = vec![Socket::new(ip(address), 3000)];
        world.eni("server").sockets_known = KnownPorts::all();
        world.eni("server").published = Some(Published { ports: ports(8000..=8100), port: 3000 });
        assert_eq!(world.send("client", "10.0.2.20", 8080), outcome, "{address}");
        assert_eq!(world.send("client", "10.0.2.20", 8200), Delivered, "{address}");
    }
}
