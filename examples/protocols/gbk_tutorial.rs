//! The server of many a first lesson about sockets: it reads once, at most 1024 bytes, prints them as GBK text, answers
//! `thank you !` and closes.

use std::process::ExitCode;

use wirework::core::BoxError;
use wirework::{Composition, Tcp, address_argument, run, serve};

/// No framing: what comes with the first read is the message. Its malformed bytes become U+FFFD.
const PROTOCOL: &str = "chunk 1024 | gbk replace";

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.text()?).reply_once(async |message| {
        println!("{message}");
        "thank you !"
    });
    Ok(run(server).await)
}
