//! A chat: every line that somebody says goes to everybody. Who reads too slowly misses what comes while 64 lines wait for it.

use wirework::servers::{Broadcast, WhenSlow};
use wirework::{Error, FramingExt, Lines, Received, Tcp, UTF_8, address_argument, run, serve};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let room = Broadcast::new(64, WhenSlow::DropMessage);
    run(serve(tcp, Lines::any().text(UTF_8)).each(async move |mut conn| {
        let mut news = room.subscribe();
        loop {
            match conn.recv_or(news.next()).await {
                Ok(Received::Message(line)) => _ = room.send(line).await,
                Ok(Received::Other(Some(line))) => match conn.feed(line).await {
                    Ok(()) => {}
                    Err(Error::Encode(error)) => eprintln!("{}: left out a line: {error}", conn.peer()),
                    Err(error) => return Err(error.into()),
                },
                Ok(Received::Other(None) | Received::End) => return Ok(conn.close().await?),
                Err(Error::Bad(bad)) => eprintln!("{}: skipped {bad}", conn.peer()),
                Err(error) => return Err(error.into()),
            }
        }
    }))
    .await
}
