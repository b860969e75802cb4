//! Every sample gives the sockets that its programs opened (CTR-03), as far as the format can tell.

use super::{expected, read, sample, shown, tcp};
use vpc_reach::header::{PortSet, Protocol};
use vpc_reach::network::KnownPorts;
use vpc_reach::read::evidence;

/// What was opened, in the words of a format: `told` is what it says of `::`.
fn all(dual: Option<bool>, v6_only: Option<bool>) -> Vec<(u16, &'static str, Option<bool>)> {
    vec![
        (8001, "127.0.0.1", None),
        (8002, "0.0.0.0", None),
        (8003, "::", dual),
        (8004, "::", v6_only),
        (8005, "::1", None),
        (8006, "127.0.0.1", None),
        (8007, "0.0.0.0", None),
        (8008, "10.0.1.17", None),
        (8009, "fd00:1::17", None),
        (8010, "::", dual),
        (8011, "127.0.0.1", None),
        (8012, "0.0.0.0", None),
        (8013, "127.0.0.2", None),
        (8014, "0.0.0.0", None),
        (8014, "::", v6_only),
    ]
}

#[test]
fn ss_tells_dual_stack_from_ipv6_only() {
    // EVD-03
    for name in ["ss-ltn.txt", "ss-ltnp.txt", "ss-ltnH.txt", "ss-tuan.txt"] {
        let dump = read(&sample(name));
        assert_eq!(tcp(&dump), expected(&all(Some(false), Some(true))), "{name}");
        assert_eq!(dump.ignored, [], "{name}");
        let note = dump.notes.iter().find(|note| note.contains("eth0")).expect(name);
        assert!(note.contains("port 8012"), "{note}");
    }
}

#[test]
fn netstat_leaves_it_open_which_families_a_wildcard_takes() {
    // EVD-04
    for name in ["netstat-ltn.txt", "netstat-ltnup.txt", "netstat-tuan.txt"] {
        let dump = read(&sample(name));
        assert_eq!(tcp(&dump), expected(&all(None, None)), "{name}");
        assert_eq!(dump.ignored, [], "{name}");
        assert_eq!(dump.listening.ports.tcp, PortSet::all(), "{name}");
    }
}

#[test]
fn lsof_leaves_it_open_too_and_shows_a_mapped_wildcard_like_any() {
    // EVD-04
    let dump = read(&sample("lsof.txt"));
    let mut sockets = all(None, None);
    sockets[6] = (8007, "::", None);
    assert_eq!(tcp(&dump), expected(&sockets));
    assert_eq!(dump.ignored, []);
    assert!(!dump.listening.ports.tcp.contains(8080), "it shows the processes of one user");
}

#[test]
fn the_kernels_tables_are_read_together_and_leave_it_open() {
    // EVD-05, EVD-06
    let both = sample("proc-net-tcp.txt") + &sample("proc-net-tcp6.txt");
    let dump = read(&both);
    assert_eq!(tcp(&dump), expected(&all(None, None)));
    assert_eq!(dump.listening.ports.tcp, PortSet::all());
    assert_eq!((dump.ignored, dump.notes), (vec![], vec![]));
}

#[test]
fn one_table_alone_says_nothing_of_the_ports_it_does_not_show() {
    // EVD-06
    let dump = read(&sample("proc-net-tcp.txt"));
    let ports: Vec<u16> = dump.listening.sockets.iter().map(|socket| socket.port).collect();
    assert_eq!(ports, [8001, 8002, 8008, 8011, 8012, 8013, 8014]);
    assert!(!dump.listening.ports.tcp.contains(8080));
    // Beside `::1`, IPv4 may be served by a socket of the other table.
    let dump = read(&sample("proc-net-tcp6.txt"));
    let ports: Vec<u16> = dump.listening.sockets.iter().map(|socket| socket.port).collect();
    assert_eq!(ports, [8003, 8004, 8006, 8007, 8010, 8014]);
    assert!(!dump.listening.ports.tcp.contains(8005));
    assert_eq!(dump.notes.len(), 2, "{:?}", dump.notes);
}

#[test]
fn a_heading_with_listeners_below_tells_a_whole_list_from_an_excerpt() {
    // EVD-06
    assert_eq!(read(&sample("ss-ltn.txt")).listening.ports.tcp, PortSet::all());
    assert!(!read(&sample("ss-ltnH.txt")).listening.ports.tcp.contains(8080));
    let ipv4 = read(&sample("ss-4-ltn.txt"));
    assert_eq!(ipv4.listening.sockets.len(), 7);
    assert!(ipv4.notes.iter().any(|note| note.contains("-4")), "{:?}", ipv4.notes);
    // A list in which a row cannot be read is not whole.
    let broken = sample("ss-ltn.txt") + "LISTEN 0 5 0.0.0.0:http-alt 0.0.0.0:*\n";
    let dump = read(&broken);
    assert_eq!(dump.ignored, [(17, "LISTEN 0 5 0.0.0.0:http-alt 0.0.0.0:*".to_owned())]);
    assert!(!dump.listening.ports.tcp.contains(8080));
}

#[test]
fn several_dumps_in_one_file_add_up_and_the_one_that_can_tell_does() {
    let together = [
        "$ cat /proc/net/tcp*",
        &sample("proc-net-tcp.txt"),
        &sample("proc-net-tcp6.txt"),
        "$ lsof",
        &sample("lsof.txt"),
        &sample("ss-ltn.txt"),
        &sample("netstat-ltn.txt"),
    ]
    .join("\n");
    let dump = read(&together);
    let mut sockets = all(Some(false), Some(true));
    // As lsof shows it.
    sockets.insert(7, (8007, "::", None));
    assert_eq!(tcp(&dump), expected(&sockets));
    assert_eq!(dump.ignored.len(), 2, "{:?}", dump.ignored);
}

#[test]
fn older_and_smaller_tools_are_read() {
    for (row, socket) in [
        // EVD-03: older versions of ss print `:::P` for both wildcards.
        ("LISTEN 0 128 :::8080 :::*", (8080, "::", None)),
        ("LISTEN 0 128 ::1:8080 :::*", (8080, "::1", None)),
        ("LISTEN 0 128 ::ffff:127.0.0.1:8080 :::*", (8080, "127.0.0.1", None)),
        ("LISTEN 0 128 0.0.0.0%lo:8080 0.0.0.0:*", (8080, "127.0.0.1", None)),
        ("LISTEN 0 128 *%lo:8080 *:*", (8080, "::1", None)),
        ("LISTEN 0 4096 127.0.0.53%lo:53 0.0.0.0:*", (53, "127.0.0.53", None)),
        ("LISTEN 0 128 [fe80::1]%eth0:8080 [::]:*", (8080, "fe80::1", None)),
        // BusyBox
        (
            "tcp        0      0 :::8080                 :::*                    LISTEN      ",
            (8080, "::", None),
        ),
        (
            "tcp        0      0 ::ffff:127.0.0.1:8080   :::*                    LISTEN      ",
            (8080, "127.0.0.1", None),
        ),
        // A row of the kernel's table, without its heading.
        (
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0",
            (8080, "127.0.0.1", None),
        ),
    ] {
        assert_eq!(tcp(&read(row)), expected(&[socket]), "{row}");
    }
}

#[test]
fn udp_sockets_are_read_beside_tcp_ones() {
    // CTR-19
    let udp = expected(&[(5353, "0.0.0.0", None), (5354, "::1", None)]);
    let tables = ["tcp", "tcp6", "udp", "udp6"].map(|name| sample(&format!("proc-net-{name}.txt")));
    let dump = read(&tables.concat());
    assert_eq!(tcp(&dump), expected(&all(None, None)));
    assert_eq!(shown(&dump, Protocol::Udp), udp);
    assert_eq!(dump.listening.ports, KnownPorts::all());
    assert_eq!(dump.notes, Vec::<String>::new());
    for name in ["ss-lun.txt", "ss-tuan.txt", "netstat-tuan.txt", "netstat-ltnup.txt"] {
        let dump = read(&sample(name));
        assert_eq!(shown(&dump, Protocol::Udp), udp, "{name}");
        assert_eq!(dump.listening.ports.udp, PortSet::all(), "{name}");
        // What was not asked for says nothing.
        assert_eq!(dump.listening.ports.tcp.is_empty(), name == "ss-lun.txt", "{name}");
    }
    assert!(read(&sample("ss-ltn.txt")).listening.ports.udp.is_empty());
}

#[test]
fn garbage_is_named_by_its_line() {
    let text = "bash-5.1# ss -ltn\n\nState  Recv-Q Send-Q Local Address:Port Peer Address:Port\nLISTEN 0 5 127.0.0.1:8080 0.0.0.0:*\nNetid?\n   0: zz\n";
    let dump = read(text);
    let ignored = [(1, "bash-5.1# ss -ltn"), (5, "Netid?"), (6, "0: zz")];
    assert_eq!(dump.ignored, ignored.map(|(line, text)| (line, text.to_owned())));
    let at = dump.listening.sockets[0].at.as_ref().unwrap();
    assert_eq!(at.to_string(), "dump.txt:4");
}

#[test]
fn what_cannot_show_listeners_is_an_error_with_a_hint() {
    let heading = "State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n";
    let connections = format!("{heading}ESTAB 0 0 10.0.1.17:8080 10.0.1.9:40000\n");
    for (text, message) in [
        ("", "x.txt holds no list of sockets"),
        ("{\"services\": []}\n", "x.txt holds no list of sockets"),
        // Whether listeners were asked for cannot be told.
        (heading, "x.txt shows no listening socket"),
        (connections.as_str(), "x.txt shows no listening socket"),
    ] {
        let error = evidence::read("x.txt", text).unwrap_err();
        assert_eq!(error.message, message, "{text}");
        assert!(error.hint.is_some_and(|hint| hint.contains("ss -ltn")), "{text}");
    }
}

#[test]
fn that_nothing_listens_at_all_both_tables_can_show() {
    // EVD-06
    let headings: String = ["proc-net-tcp.txt", "proc-net-tcp6.txt"]
        .map(|name| sample(name).lines().next().unwrap().to_owned() + "\n")
        .concat();
    let dump = read(&headings);
    assert_eq!(dump.listening.sockets, []);
    assert_eq!(dump.listening.ports.tcp, PortSet::all());
}
