//! Syslog over TCP (RFC 6587): a message has its length in front of it, or a line end behind it, and each may have the other.
//! It is printed on a line, with the framing that it came in; nothing is answered.

use std::process::ExitCode;

use wirework::core::BoxError;
use wirework::{Composition, FramingExt, Tcp, address_argument, run, serve};

/// A length begins with a digit, a message with `<`. The length is kept, so that what has one comes in two parts.
const PROTOCOL: &str = "peek {digit: length dec until SP keep, else lines lf}";

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.bytes()?.in_parts()).answer(|frame, _| {
        let (framing, message) = match frame.get(1) {
            Some(behind_length) => ("octet", behind_length),
            None => ("lf", frame.whole()),
        };
        println!("{framing} {}", String::from_utf8_lossy(message).replace('\n', "\\n"));
    });
    Ok(run(server).await)
}
