//! Sends back whatever comes, as it comes.

use wirework::{Chunks, Tcp, listen_address, run, serve};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let tcp = Tcp::bind(listen_address("0.0.0.0:7788"));
    run(serve(tcp, Chunks::new(64 * 1024)).answer(|bytes, reply| reply.send(bytes))).await
}
