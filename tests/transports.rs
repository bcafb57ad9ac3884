//! Real sockets: TCP over IPv4, IPv6 and both, and Unix sockets.

mod support;

use std::future::IntoFuture;
use std::io::ErrorKind;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wirework::servers::{Address, Bind, BoxListener};
use wirework::{Ended, FramingExt, Limits, Lines, Tcp, UTF_8, connect, memory, serve};

/// An echo of lines. It stops when it is told to, or dropped.
struct Echo {
    address: Address,
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<Ended>>,
}

async fn echo<B: Bind>(bind: B) -> Echo {
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell, address) = oneshot::channel();
    let server = serve(bind, Lines::any().text(UTF_8))
        .on_listening(|address| tell.send(address.clone()).unwrap())
        .reply(async |line| line)
        .until(stopped);
    let running = tokio::spawn(server.into_future());
    Echo { address: address.await.unwrap(), stop, running }
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

#[tokio::test]
async fn ipv4_ipv6_and_both() {
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
}

#[tokio::test]
async fn an_empty_host_is_every_interface_and_a_name_is_looked_up() {
    let all = echo(Tcp::bind(":0")).await;
    assert!(all.address.to_string().starts_with("0.0.0.0:"), "{}", all.address);
    answers(&format!("127.0.0.1:{}", all.port())).await;
    let named = echo(Tcp::bind("localhost:0")).await;
    answers(&named.address.to_string()).await;
}

#[tokio::test]
async fn a_port_in_use_is_told_with_its_address() {
    let server = echo(Tcp::bind("127.0.0.1:0")).await;
    let address = &server.address;
    let error = Tcp::bind(address).bind(&Limits::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().starts_with(&format!("cannot listen on {address}: ")), "{error}");
    let nonsense = Tcp::bind("localhost").bind(&Limits::default()).await.unwrap_err().to_string();
    assert_eq!(nonsense, "cannot listen on localhost: an address is a host and a port, as in 0.0.0.0:7788");
}

#[tokio::test]
async fn a_port_can_be_bound_again_at_once() {
    let Echo { address, stop, running } = echo(Tcp::bind("127.0.0.1:0")).await;
    let mut client = connect(address.to_string(), Lines::any().text(UTF_8)).await.unwrap();
    client.send("hello").await.unwrap();
    client.recv().await.unwrap();
    stop.send(()).unwrap();
    drop(client);
    running.await.unwrap().unwrap();
    // The old connection lingers in TIME_WAIT.
    Tcp::bind(&address).bind(&Limits::default()).await.unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_backlog_is_the_one_that_was_asked_for() {
    let server = echo(Tcp::bind("127.0.0.1:0").backlog(7)).await;
    // `ss` shows the backlog of a listening socket as the length of its send queue.
    let Ok(output) = std::process::Command::new("ss").args(["-ltnH", &format!("sport = :{}", server.port())]).output()
    else {
        eprintln!("skipped: there is no `ss`");
        return;
    };
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(table.split_whitespace().nth(2), Some("7"), "{table}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_is_there_while_it_listens() {
    use wirework::Unix;
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("wirework-{}.sock", std::process::id()));
    let Echo { address, stop, running } = echo(Unix::new(&path)).await;
    assert_eq!(address, Address::Unix(Some(path.clone())));
    let mut client = connect(Unix::new(&path), Lines::any().text(UTF_8)).await.unwrap();
    client.send("hello").await.unwrap();
    assert_eq!(client.recv().await.unwrap().unwrap(), "hello");
    assert_eq!(Unix::new(&path).bind(&Limits::default()).await.unwrap_err().kind(), ErrorKind::AddrInUse);
    stop.send(()).unwrap();
    drop(client);
    running.await.unwrap().unwrap();
    assert!(!path.exists());
}

#[tokio::test]
async fn a_transport_can_be_chosen_at_run_time() {
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
}
