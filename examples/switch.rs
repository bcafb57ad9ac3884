//! Two framings in one conversation: lines, then a body of as many bytes as the line said, then lines again.
//!
//! ```text
//! set greeting 5        stores 5 bytes, which follow, with a line end
//! hello
//! STORED
//! get greeting
//! VALUE 5
//! hello
//! ```

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use wirework::{Chunks, Error, FramingExt, Lines, Tcp, UTF_8, address_argument, run, serve};

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let lines = Lines::crlf().text(UTF_8);
    let store = Arc::new(Mutex::new(HashMap::new()));
    run(serve(tcp, lines.clone()).each(async move |mut conn| {
        loop {
            let line = match conn.recv().await {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(Error::Bad(bad)) => {
                    conn.send(format!("ERROR {}", bad.cause)).await?;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["set", key, len] => {
                    let Ok(len) = len.parse() else {
                        conn.send("ERROR the length is not a number").await?;
                        continue;
                    };
                    let body = conn.recv_exact(len).await?;
                    if conn.recv_exact(2).await? != "\r\n" {
                        conn.send("ERROR the body is not followed by a line end").await?;
                        break;
                    }
                    store.lock().unwrap().insert(key.to_owned(), body);
                    conn.send("STORED").await?;
                }
                ["get", key] => {
                    let body = store.lock().unwrap().get(key).cloned().unwrap_or_default();
                    conn.feed(format!("VALUE {}", body.len())).await?;
                    let mut raw = conn.with_codec(&Chunks::new(1024))?;
                    raw.feed(body).await?;
                    raw.send("\r\n").await?;
                    conn = raw.with_codec(&lines)?;
                }
                _ => conn.send("ERROR say: set KEY LENGTH, or: get KEY").await?,
            }
        }
        Ok(conn.close().await?)
    }))
    .await
}
