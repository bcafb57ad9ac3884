//! Fields of GBK text, each with a `|` behind it: the server counts the characters of each. With `client ADDRESS` it is a client
//! that sends 倈, 僜 and 東, of which each holds the byte of `|` or `\`.

use std::process::ExitCode;

use wirework::framing::Until;
use wirework::{Error, FramingExt, GBK, Tcp, address_argument, connect, run, serve};

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("client") {
        let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
        let count = async |field: String| format!("{field}: {}", field.chars().count());
        return run(serve(tcp, Until::new("|").text(GBK)).reply(count)).await;
    }
    match talk(std::env::args().nth(2).unwrap_or("127.0.0.1:7788".to_owned())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn talk(address: String) -> Result<(), Error> {
    let mut server = connect(address, Until::new("|").text(GBK)).await?;
    for field in ["倈", "C:\\僜", "東京"] {
        server.send(field).await?;
    }
    for _ in 0..3 {
        println!("{}", server.recv().await?.unwrap_or_default());
    }
    Ok(())
}
