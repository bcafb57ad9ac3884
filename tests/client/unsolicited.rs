//! What a server says without being asked.

use bytes::Bytes;
use futures::StreamExt;
use wirework::servers::Correlation;
use wirework::{Limits, Lines, connect, memory};

use crate::support::runtime::in_memory;
use crate::{accept, answers};

#[test]
fn the_oldest_that_nobody_took_are_dropped_and_counted() {
    in_memory(async {
        let (dialer, mut listener) = memory();
        let limits = Limits { queue: 3, ..Limits::default() };
        let calling = connect(dialer, Lines::any()).limits(limits);
        let client =
            calling.calls(Correlation::in_order_but(|message: &Bytes| message.starts_with(b"*"))).await.unwrap();
        let unsolicited = client.unsolicited().unwrap();
        let mut server = accept(&mut listener).await;
        for n in 0..10 {
            server.send(format!("*{n}")).await.unwrap();
        }
        // Whoever does not take them holds up no answer.
        let (answer, ()) = tokio::join!(client.call("hello"), answers(&mut server, "hello", "you"));
        assert_eq!(answer.unwrap(), "you");
        assert_eq!(unsolicited.missed(), 7);
        drop(server);
        client.close().await;
        assert_eq!(unsolicited.collect::<Vec<_>>().await, ["*7", "*8", "*9"]);
    });
}

#[test]
fn it_goes_on_from_one_connection_to_the_next() {
    in_memory(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).start().unwrap();
        let mut unsolicited = client.unsolicited().unwrap();
        for n in 0..3 {
            accept(&mut listener).await.send(format!("{n}")).await.unwrap();
            assert_eq!(unsolicited.next().await.unwrap(), format!("{n}"));
        }
        client.close().await;
        assert_eq!(unsolicited.next().await, None);
    });
}

#[test]
fn what_came_before_a_write_that_fails_is_not_lost() {
    in_memory(async {
        let (dialer, mut listener) = memory();
        let client = connect(dialer, Lines::any()).calls(Correlation::in_order()).await.unwrap();
        let mut unsolicited = client.unsolicited().unwrap();
        let mut server = accept(&mut listener).await;
        // The client is not there in between.
        for news in ["one", "two", "three"] {
            server.send(news).await.unwrap();
        }
        drop(server);
        client.try_send("that fails").unwrap();
        for news in ["one", "two", "three"] {
            assert_eq!(unsolicited.next().await.unwrap(), news);
        }
        client.close().await;
    });
}
