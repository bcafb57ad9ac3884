//! Sends back every line of GBK text. A malformed one is reported and skipped.

use wirework::{FramingExt, GBK, Lines, Tcp, address_argument, run, serve};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    run(serve(tcp, Lines::any().text(GBK)).answer(|line, reply| reply.send(line))).await
}
