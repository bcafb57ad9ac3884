//! What `metrics_events` counts, as Prometheus is told.

mod support;

use std::future::IntoFuture;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;
use wirework::servers::{BindExt, WhenFull, metrics_events};
use wirework::{FramingExt, Limits, Lines, UTF_8, memory, serve};

use support::exchange;
use support::runtime::paused;

#[test]
fn what_happens_is_counted() {
    paused(async {
        let recorder = PrometheusBuilder::new().set_buckets(&[1.0, 60.0]).unwrap().build_recorder();
        let prometheus = recorder.handle();
        let (dialer, listener) = memory();
        let shaken = listener.handshake(async |mut io: tokio::io::DuplexStream, peer| {
            use tokio::io::AsyncReadExt;
            if io.read_u8().await? == b'!' { Ok((io, peer)) } else { Err(std::io::ErrorKind::InvalidData.into()) }
        });
        let limits =
            Limits { connections: 2.into(), when_full: WhenFull::Refuse(Default::default()), ..Limits::default() };
        let hook = metrics::with_local_recorder(&recorder, metrics_events);
        let server =
            serve(shaken, Lines::any().text(UTF_8)).limits(limits).on_event(hook).reply(async |line| {
                match line.as_str() {
                    "panic" => panic!("as asked"),
                    "error" => Err("as asked"),
                    "unsendable" => Ok("two\nlines".to_owned()),
                    _ => Ok(line),
                }
            });
        tokio::spawn(server.into_future());

        let mut open = dialer.dial().await.unwrap();
        open.write_all(b"!").await.unwrap();
        sleep(Duration::from_secs(30)).await;
        assert_eq!(exchange(&dialer, b"!a\n\xff\nunsendable\nbc\n").await, b"a\nbc\n");
        sleep(Duration::from_millis(1)).await;
        exchange(&dialer, b"!panic\n").await;
        sleep(Duration::from_millis(1)).await;
        exchange(&dialer, b"!error\n").await;
        sleep(Duration::from_millis(1)).await;
        exchange(&dialer, b"?").await;
        sleep(Duration::from_millis(1)).await;
        let silent = dialer.dial().await.unwrap();
        sleep(Duration::from_millis(1)).await;
        exchange(&dialer, b"!one too many\n").await;

        let page = prometheus.render();
        for line in [
            "# TYPE wirework_connections_opened_total counter",
            "# TYPE wirework_connections_open gauge",
            "# TYPE wirework_connection_duration_seconds histogram",
            "# HELP wirework_messages_bad_total Messages that were bad.",
            "wirework_connections_open 1",
            "wirework_connections_opened_total 4",
            "wirework_connections_closed_total 3",
            "wirework_connections_failed_total 1",
            "wirework_connections_refused_total{limit=\"connections\"} 1",
            "wirework_connections_refused_total{limit=\"per_address\"} 0",
            "wirework_connection_duration_seconds_bucket{le=\"1\"} 3",
            "wirework_connection_duration_seconds_count 3",
            "wirework_handshakes_failed_total 1",
            "wirework_accept_errors_total 0",
            "wirework_messages_bad_total 1",
            "wirework_replies_unsent_total 1",
            "wirework_handler_panics_total 1",
            // The one that its handler panicked over was not counted yet.
            "wirework_frames_received_total 5",
            "wirework_frames_sent_total 2",
            "wirework_bytes_received_total 30",
            "wirework_bytes_sent_total 5",
        ] {
            assert!(page.lines().any(|there| there == line), "{line} is not in\n{page}");
        }
        drop((open, silent));
    });
}
