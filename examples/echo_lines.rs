//! Sends back every line of UTF-8 text. A malformed one is reported and skipped.

use wirework::{FramingExt, Lines, Tcp, UTF_8, address_argument, run, serve};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    run(serve(tcp, Lines::any().text(UTF_8)).reply(async |line| line)).await
}
