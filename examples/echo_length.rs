//! Sends back every message behind a 4-byte length. A length beyond the limit closes the connection.

use wirework::{LengthPrefix, Tcp, address_argument, run, serve};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    run(serve(tcp, LengthPrefix::u32_be()).answer(|bytes, reply| reply.send(bytes))).await
}
