//! Sends back every line, and tells Prometheus how that goes: the second argument is where `GET /metrics` is answered
//! (default `127.0.0.1:9464`).

use std::error::Error;
use std::future::IntoFuture;
use std::process::ExitCode;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use wirework::combine::Duplex;
use wirework::framing::{Rest, Until};
use wirework::servers::metrics_events;
use wirework::{FramingExt, Lines, Tcp, UTF_8, address_argument, run, serve};

/// How long connections last, in seconds: up to which of these each was open is counted.
const BUCKETS: [f64; 6] = [0.1, 1.0, 10.0, 60.0, 600.0, 3600.0];

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let metrics = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    let at = std::env::args().nth(2).unwrap_or_else(|| "127.0.0.1:9464".to_owned());
    // A request ends at a blank line; a response is all there is until the end.
    let http = Duplex::new(Until::new("\r\n\r\n"), Rest::new().max_len(1 << 20)).text(UTF_8);
    let page = serve(Tcp::bind(at), http)
        .on_listening(|address| eprintln!("metrics at http://{address}/metrics"))
        .reply_once(async move |request| respond(&request, &metrics));
    tokio::spawn(async {
        if let Err(error) = page.into_future().await {
            eprintln!("{error}");
        }
    });

    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let lines = serve(tcp, Lines::any().text(UTF_8)).on_event(metrics_events()).reply(async |line| line);
    Ok(run(lines).await)
}

/// A response of HTTP/1.1 (RFC 9112).
fn respond(request: &str, metrics: &PrometheusHandle) -> String {
    let (status, body) = match request.split(' ').take(2).collect::<Vec<_>>()[..] {
        ["GET", "/metrics"] => ("200 OK", metrics.render()),
        ["GET", _] => ("404 Not Found", "there is nothing but /metrics\n".to_owned()),
        _ => ("405 Method Not Allowed", "there is nothing but GET\n".to_owned()),
    };
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
