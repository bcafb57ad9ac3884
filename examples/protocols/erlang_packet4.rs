//! The framing of Erlang's `gen_tcp` with the option `{packet, 4}`: a length of four bytes, then as many bytes. Each packet is
//! answered by its bytes in reverse order.

use std::process::ExitCode;

use wirework::core::BoxError;
use wirework::{Composition, Tcp, address_argument, run, serve};

/// A packet may be empty. One of more than 1 MiB, which is the default limit, closes the connection.
const PROTOCOL: &str = "length u32be";

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.bytes()?).answer(|packet, reply| {
        let reversed: Vec<u8> = packet.iter().rev().copied().collect();
        reply.send(reversed)
    });
    Ok(run(server).await)
}
