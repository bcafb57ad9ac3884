//! A client that calls, and connects again, over TLS.

use std::future::IntoFuture;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use wirework::servers::{Backoff, BindExt, Correlation};
use wirework::{FramingExt, Lines, Tcp, UTF_8, connect, serve};

use crate::authority::Authority;
use crate::support::runtime::on_sockets;

#[test]
fn a_client_shakes_hands_with_each_connection_anew() {
    on_sockets(async {
        let authority = Authority::new();
        let (tell, mut listening) = unbounded_channel();
        let server = serve(Tcp::bind("127.0.0.1:0").tls(authority.server()), Lines::any().text(UTF_8))
            .on_listening(move |address| tell.send(address.to_string()).unwrap())
            .reply_once(async |line| format!("{line} to you"));
        let handle = server.handle();
        let running = tokio::spawn(server.into_future());
        let target = authority.client().to(listening.recv().await.unwrap());
        let backoff = Backoff { first: Duration::from_millis(1), most: Duration::from_millis(10) };
        let calling = connect(target, Lines::any().text(UTF_8)).calls(Correlation::in_order());
        let client = calling.resend(|_| true).backoff(backoff).await.unwrap();
        for n in 0..5 {
            assert_eq!(client.call(format!("hello {n}")).await.unwrap(), format!("hello {n} to you"));
        }
        client.close().await;
        handle.stop();
        running.await.unwrap().unwrap();
    });
}
