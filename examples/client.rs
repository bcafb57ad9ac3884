//! A client of `reply`: says hello in GBK, prints what comes back. The argument is the server's address.

use std::process::ExitCode;

use wirework::{Chunks, Error, FramingExt, GBK, address_argument, connect};

#[tokio::main]
async fn main() -> ExitCode {
    match talk(address_argument("127.0.0.1:7788")).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn talk(address: String) -> Result<(), Error> {
    let mut server = connect(address, Chunks::new(1024).text(GBK)).await?;
    server.send("你好，世界").await?;
    while let Some(reply) = server.recv().await? {
        println!("{reply}");
    }
    Ok(())
}
