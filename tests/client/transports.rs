//! A client that calls and connects again, over each transport.

use std::future::IntoFuture;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinHandle;
use wirework::servers::proxy::{Header, Trusted};
use wirework::servers::{Address, Backoff, Bind, BindExt, Correlation, Dial, ServerHandle};
use wirework::{Ended, FramingExt, Lines, Tcp, UTF_8, connect, memory, serve};

use crate::support::runtime::{in_memory, on_sockets};

type Running = JoinHandle<std::io::Result<Ended>>;

/// A server that answers once a connection: who calls again has to connect again.
fn once(bind: impl Bind) -> (impl Future<Output = Address>, ServerHandle, Running) {
    let (tell, mut listening) = unbounded_channel();
    let server = serve(bind, Lines::any().text(UTF_8))
        .on_listening(move |address| drop(tell.send(address.clone())))
        .reply_once(async |line| format!("{line} to you"));
    let handle = server.handle();
    let running = tokio::spawn(server.into_future());
    (async move { listening.recv().await.unwrap() }, handle, running)
}

/// That a client of it has its calls answered.
async fn answers_again_and_again(target: impl Dial + Clone + Sync + 'static) {
    let backoff = Backoff { first: Duration::from_millis(1), most: Duration::from_millis(10) };
    let calling = connect(target, Lines::any().text(UTF_8)).calls(Correlation::in_order()).backoff(backoff);
    let client = calling.resend(|_| true).await.unwrap();
    for n in 0..5 {
        assert_eq!(client.call(format!("hello {n}")).await.unwrap(), format!("hello {n} to you"));
    }
    let (one, other) = tokio::join!(client.call("one"), client.call("other"));
    assert_eq!((one.unwrap(), other.unwrap()), ("one to you".to_owned(), "other to you".to_owned()));
    client.close().await;
}

#[test]
fn in_memory_it_calls_again() {
    in_memory(async {
        let (dialer, listener) = memory();
        let (_, handle, running) = once(listener);
        answers_again_and_again(dialer).await;
        handle.stop();
        running.await.unwrap().unwrap();
    });
}

#[test]
fn over_tcp_it_calls_again() {
    on_sockets(async {
        let (address, handle, running) = once(Tcp::bind("127.0.0.1:0"));
        answers_again_and_again(address.await.to_string()).await;
        handle.stop();
        running.await.unwrap().unwrap();
    });
}

#[cfg(unix)]
#[test]
fn over_a_unix_socket_it_calls_again() {
    use wirework::Unix;
    on_sockets(async {
        let path = std::env::temp_dir().join(format!("wirework-client-{}.sock", std::process::id()));
        let (address, handle, running) = once(Unix::new(&path));
        address.await;
        answers_again_and_again(Unix::new(&path)).await;
        handle.stop();
        running.await.unwrap().unwrap();
    });
}

#[test]
fn behind_a_proxy_header_it_calls_again() {
    on_sockets(async {
        let trusted = Trusted::Networks(vec!["127.0.0.1/32".parse().unwrap()]);
        let (address, handle, running) = once(Tcp::bind("127.0.0.1:0").proxy_protocol(trusted));
        let header = Header::v2("192.0.2.7:1000".parse().unwrap(), "192.0.2.1:7788".parse().unwrap());
        answers_again_and_again(header.to(address.await.to_string())).await;
        handle.stop();
        running.await.unwrap().unwrap();
    });
}
