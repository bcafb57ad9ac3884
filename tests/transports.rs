//! Real sockets: TCP over IPv4, IPv6 and both, and Unix sockets.

mod support;

use std::future::IntoFuture;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use support::runtime::on_sockets;
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
#[cfg(unix)]
use wirework::Unix;
use wirework::servers::{Address, Bind, BindExt, BoxListener, Incoming, Listener, Peer};
use wirework::{Ended, FramingExt, Limits, Lines, Tcp, UTF_8, connect, memory, serve};

/// An echo of lines. It stops when it is told to, or dropped.
struct Echo {
    address: Address,
    /// Further ones.
    others: Vec<Address>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<Ended>>,
}

async fn echo<B: Bind>(bind: B) -> Echo {
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell, mut listening) = unbounded_channel();
    let server = serve(bind, Lines::any().text(UTF_8))
        .on_listening(move |address| tell.send(address.clone()).unwrap())
        .reply(async |line| line)
        .until(stopped);
    let running = tokio::spawn(server.into_future());
    let address = listening.recv().await.unwrap();
    // The rest was told at once, and then who tells is gone.
    let mut others = Vec::new();
    while let Some(address) = listening.recv().await {
        others.push(address);
    }
    Echo { address, others, stop, running }
}

impl Echo {
    fn port(&self) -> u16 {
        match self.address {
            Address::Tcp(address) => address.port(),
            ref other => panic!("{other} has no port"),
        }
    }
}

async fn answers(target: &str) {
    let mut client = connect(target, Lines::any().text(UTF_8)).await.unwrap();
    client.send("hello").await.unwrap();
    assert_eq!(client.recv().await.unwrap().unwrap(), "hello");
}

#[test]
fn ipv4_ipv6_and_both() {
    on_sockets(async {
        let v4 = echo(Tcp::bind("127.0.0.1:0")).await;
        answers(&v4.address.to_string()).await;
        let v6 = echo(Tcp::bind("[::1]:0")).await;
        answers(&v6.address.to_string()).await;
        let only = echo(Tcp::bind("[::]:0")).await;
        let refused = connect(format!("127.0.0.1:{}", only.port()), Lines::any()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "IPv6 only, unless said");
        let both = echo(Tcp::bind("[::]:0").dual_stack(true)).await;
        answers(&format!("127.0.0.1:{}", both.port())).await;
        answers(&format!("[::1]:{}", both.port())).await;
    });
}

#[test]
fn an_empty_host_is_every_interface_and_a_name_is_looked_up() {
    on_sockets(async {
        let all = echo(Tcp::bind(":0")).await;
        assert!(all.address.to_string().starts_with("0.0.0.0:"), "{}", all.address);
        answers(&format!("127.0.0.1:{}", all.port())).await;
        let named = echo(Tcp::bind("localhost:0")).await;
        answers(&named.address.to_string()).await;
    });
}

#[test]
fn a_port_in_use_is_told_with_its_address() {
    on_sockets(async {
        let server = echo(Tcp::bind("127.0.0.1:0")).await;
        let address = &server.address;
        let error = Tcp::bind(address).bind(&Limits::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().starts_with(&format!("cannot listen on {address}: ")), "{error}");
        let nonsense = Tcp::bind("localhost").bind(&Limits::default()).await.unwrap_err().to_string();
        assert_eq!(nonsense, "cannot listen on localhost: an address is a host and a port, as in 0.0.0.0:7788");
    });
}

#[test]
fn a_port_can_be_bound_again_at_once() {
    on_sockets(async {
        let Echo { address, stop, running, .. } = echo(Tcp::bind("127.0.0.1:0")).await;
        let mut client = connect(address.to_string(), Lines::any().text(UTF_8)).await.unwrap();
        client.send("hello").await.unwrap();
        client.recv().await.unwrap();
        stop.send(()).unwrap();
        drop(client);
        running.await.unwrap().unwrap();
        // The old connection lingers in TIME_WAIT.
        Tcp::bind(&address).bind(&Limits::default()).await.unwrap();
    });
}

#[cfg(unix)]
#[test]
fn a_unix_socket_is_there_while_it_listens() {
    on_sockets(async {
        let path = socket("is-there");
        let Echo { address, stop, running, .. } = echo(Unix::new(&path)).await;
        assert_eq!(address, Address::Unix(Some(path.clone())));
        let mut client = connect(Unix::new(&path), Lines::any().text(UTF_8)).await.unwrap();
        client.send("hello").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap(), "hello");
        assert_eq!(Unix::new(&path).bind(&Limits::default()).await.unwrap_err().kind(), ErrorKind::AddrInUse);
        stop.send(()).unwrap();
        drop(client);
        running.await.unwrap().unwrap();
        assert!(!path.exists());
    });
}

#[test]
fn a_transport_can_be_chosen_at_run_time() {
    on_sockets(async {
        let (dialer, listener) = memory();
        for memory in [Some(listener), None] {
            let (listener, tcp) = match memory {
                Some(memory) => (BoxListener::new(memory), false),
                None => (BoxListener::new(Tcp::bind("127.0.0.1:0").bind(&Limits::default()).await.unwrap()), true),
            };
            let server = echo(listener).await;
            match tcp {
                true => answers(&server.address.to_string()).await,
                false => assert_eq!(support::exchange(&dialer, b"hello\n").await, b"hello\n"),
            }
        }
    });
}

#[test]
fn no_such_address_is_told() {
    on_sockets(async {
        // Of a network that is for documentation.
        let error = Tcp::bind("192.0.2.1:0").bind(&Limits::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
        assert!(error.to_string().starts_with("cannot listen on 192.0.2.1:0: "), "{error}");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_port_is_shared_by_who_says_so() {
    on_sockets(async {
        let one = echo(Tcp::bind("127.0.0.1:0").reuse_port(true)).await;
        let other = echo(Tcp::bind(&one.address).reuse_port(true)).await;
        assert_eq!(one.address, other.address);
        answers(&one.address.to_string()).await;
        let third = Tcp::bind(&one.address).bind(&Limits::default()).await.unwrap_err();
        assert_eq!(third.kind(), ErrorKind::AddrInUse);
    });
}

#[test]
fn a_silent_peer_is_asked_for_if_said_so() {
    on_sockets(async {
        let asks = async |tcp: Tcp| {
            let mut listener = tcp.bind(&Limits::default()).await.unwrap();
            let address = listener.local_addresses().unwrap().remove(0);
            let (handshake, client) =
                tokio::join!(listener.accept(), tokio::net::TcpStream::connect(address.to_string()));
            let (io, _) = handshake.unwrap().handshake.await.unwrap();
            let _client = client.unwrap();
            let socket = socket2::SockRef::from(&io);
            socket.keepalive().unwrap().then(|| socket.tcp_keepalive_time().unwrap())
        };
        assert_eq!(asks(Tcp::bind("127.0.0.1:0")).await, None);
        let minute = Duration::from_secs(60);
        assert_eq!(asks(Tcp::bind("127.0.0.1:0").keep_alive(minute)).await, Some(minute));
    });
}

/// A path for a socket of this test.
#[cfg(unix)]
fn socket(test: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{}.sock", std::process::id()))
}

#[cfg(unix)]
#[test]
fn a_unix_socket_has_the_mode_that_was_asked_for() {
    on_sockets(async {
        use std::os::unix::fs::PermissionsExt;
        let path = socket("mode");
        for mode in [0o660, 0o600, 0o777] {
            let _listener = Unix::new(&path).mode(mode).bind(&Limits::default()).await.unwrap();
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
    });
}

#[cfg(unix)]
#[test]
fn a_stale_socket_is_replaced_a_live_one_and_a_file_are_not() {
    on_sockets(async {
        let path = socket("stale");
        // Closed without being removed, as by kill -9.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let live = echo(Unix::new(&path)).await;
        for _ in 0..2 {
            let error = Unix::new(&path).bind(&Limits::default()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AddrInUse);
        }
        let mut client = connect(Unix::new(&path), Lines::any().text(UTF_8)).await.unwrap();
        client.send("hello").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap(), "hello");
        drop(client);
        live.stop.send(()).unwrap();
        live.running.await.unwrap().unwrap();

        std::fs::write(&path, "precious").unwrap();
        let error = Unix::new(&path).bind(&Limits::default()).await.unwrap_err();
        assert_eq!(
            (error.kind(), std::fs::read_to_string(&path).unwrap().as_str()),
            (ErrorKind::AddrInUse, "precious")
        );
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/nowhere", &path).unwrap();
        let error = Unix::new(&path).bind(&Limits::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        std::fs::remove_file(&path).unwrap();
        assert!(!path.with_extension("sock.lock").exists());
    });
}

#[cfg(unix)]
#[test]
fn of_servers_that_start_at_once_over_a_stale_socket_one_wins() {
    on_sockets(async {
        let path = socket("at-once");
        for _ in 0..200 {
            drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
            let all_ready = std::sync::Arc::new(tokio::sync::Barrier::new(4));
            let starts = (0..4).map(|_| {
                let (unix, all_ready) = (Unix::new(&path), all_ready.clone());
                tokio::spawn(async move {
                    all_ready.wait().await;
                    unix.bind(&Limits::default()).await
                })
            });
            let mut listening = Vec::new();
            for start in starts.collect::<Vec<_>>() {
                match start.await.unwrap() {
                    Ok(listener) => listening.push(listener),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::AddrInUse, "{error}"),
                }
            }
            assert_eq!(listening.len(), 1);
            std::os::unix::net::UnixStream::connect(&path).unwrap();
        }
    });
}

#[cfg(unix)]
#[test]
fn several_listen_under_one_server() {
    on_sockets(async {
        let path = socket("several");
        let (dialer, listener) = memory();
        let server = echo(Tcp::bind("127.0.0.1:0").and(Unix::new(&path)).and(listener)).await;
        assert_eq!(server.others, [Address::Unix(Some(path.clone())), Address::Memory]);
        // When no connection can come from one of them any more, it is the others that go on.
        assert_eq!(support::exchange(&dialer, b"hello\n").await, b"hello\n");
        drop(dialer);
        answers(&server.address.to_string()).await;
        let mut client = connect(Unix::new(&path), Lines::any().text(UTF_8)).await.unwrap();
        client.send("hello").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap(), "hello");
        drop(client);
        server.stop.send(()).unwrap();
        server.running.await.unwrap().unwrap();
        assert!(!path.exists());
        let refused = connect(server.address.to_string(), Lines::any()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    });
}

#[cfg(unix)]
#[test]
fn half_a_start_is_no_start() {
    on_sockets(async {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = taken.local_addr().unwrap();
        let path = socket("half");
        let server = serve(Unix::new(&path).and(Tcp::bind(taken)), Lines::any())
            .on_listening(|address| panic!("{address}"))
            .reply(async |line| line);
        let error = server.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().starts_with(&format!("cannot listen on {taken}: ")), "{error}");
        assert!(!path.exists());
    });
}

/// It breaks as soon as it is asked for a connection.
struct Broken(i32);

impl Listener for Broken {
    type Io = tokio::io::DuplexStream;
    type Handshake = std::future::Ready<std::io::Result<(Self::Io, Peer)>>;

    async fn accept(&mut self) -> std::io::Result<Incoming<Self::Handshake>> {
        if self.0 == 0 {
            return std::future::pending().await;
        }
        Err(std::io::Error::from_raw_os_error(std::mem::take(&mut self.0)))
    }

    fn local_addresses(&self) -> std::io::Result<Vec<Address>> {
        Ok(vec!["192.0.2.1:7".parse::<std::net::SocketAddr>().unwrap().into()])
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_end_of_one_of_several_says_which_and_an_error_that_passes_is_none() {
    on_sockets(async {
        let ebadf =
            serve(memory().1.and(Broken(9)).and(Tcp::bind("127.0.0.1:0")), Lines::any()).reply(async |line| line);
        let error = ebadf.await.unwrap_err().to_string();
        assert!(error.starts_with("192.0.2.1:7: "), "{error}");
        // EMFILE, which passes; ECONNABORTED, which concerns one connection.
        for passing in [24, 103] {
            let server = echo(Tcp::bind("127.0.0.1:0").and(Broken(passing))).await;
            answers(&server.address.to_string()).await;
        }
    });
}
