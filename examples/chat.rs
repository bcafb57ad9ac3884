//! A chat: every line that somebody says goes to everybody. Who reads too slowly misses what is more than 64 lines old.

use tokio::sync::broadcast::{self, error::RecvError};
use wirework::{Error, FramingExt, Lines, Tcp, UTF_8, address_argument, run, serve};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let (room, _) = broadcast::channel::<String>(64);
    run(serve(tcp, Lines::any().text(UTF_8)).each(async move |mut conn| {
        let mut news = room.subscribe();
        loop {
            tokio::select! {
                said = conn.recv() => match said {
                    Ok(Some(line)) => _ = room.send(line),
                    Ok(None) => return Ok(conn.close().await?),
                    Err(Error::Bad(bad)) => eprintln!("{}: skipped {bad}", conn.peer()),
                    Err(error) => return Err(error.into()),
                },
                line = news.recv() => match line {
                    Ok(line) => match conn.send(line).await {
                        Ok(()) => {}
                        Err(Error::Encode(error)) => eprintln!("{}: left out a line: {error}", conn.peer()),
                        Err(error) => return Err(error.into()),
                    },
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Ok(()),
                },
            }
        }
    }))
    .await
}
