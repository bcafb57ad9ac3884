//! Sends back whatever comes, as it comes.

use wirework::{Chunks, Tcp, address_argument, run, serve};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    run(serve(tcp, Chunks::new(64 * 1024)).answer(|bytes, reply| reply.send(bytes))).await
}
