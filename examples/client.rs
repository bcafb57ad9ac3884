//! A client of `reply`: says hello in GBK, prints what comes back. The argument is the server's address.

use wirework::{BoxError, Chunks, FramingExt, GBK, connect, listen_address};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let mut server = connect(listen_address("127.0.0.1:7788"), Chunks::new(1024).text(GBK)).await?;
    server.send("你好，世界").await?;
    while let Some(reply) = server.recv().await? {
        println!("{reply}");
    }
    Ok(())
}
