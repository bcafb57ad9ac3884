//! Commands, each with its handler: a store that all connections share, and what each connection has asked for.
//!
//! ```text
//! SET greeting good morning
//! OK
//! GET greeting
//! good morning
//! ASKED
//! greeting
//! GIT greeting
//! ERROR there is no GIT: say SET KEY VALUE, GET KEY, ASKED or QUIT
//! ```

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use wirework::servers::Handle;
use wirework::{FramingExt, Lines, Tcp, Text, UTF_8, address_argument, run, serve};

type Store = Arc<Mutex<HashMap<String, String>>>;

/// What a connection has.
struct Session {
    handle: Handle<Text>,
    store: Store,
    asked: Mutex<Vec<String>>,
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let store = Store::default();
    let server = serve(tcp, Lines::any().text(UTF_8))
        .route_with(move |handle| Arc::new(Session { handle, store, asked: Mutex::default() }))
        .by_part(|line| line.split(' ').next())
        .on("SET", async |session, line| match line.splitn(3, ' ').collect::<Vec<_>>()[..] {
            [_, key, value] => {
                session.store.lock().unwrap().insert(key.to_owned(), value.to_owned());
                "OK"
            }
            _ => "ERROR say: SET KEY VALUE",
        })
        .on("GET", async |session, line| {
            let key = line.strip_prefix("GET ").unwrap_or_default();
            session.asked.lock().unwrap().push(key.to_owned());
            session.store.lock().unwrap().get(key).cloned().unwrap_or_else(|| "ERROR there is no such key".to_owned())
        })
        .on("ASKED", async |session, _| session.asked.lock().unwrap().join(" "))
        .on("QUIT", async |session, _| {
            session.handle.close();
            "BYE"
        })
        .otherwise(async |_, line| {
            let command = line.split(' ').next().unwrap_or_default();
            format!("ERROR there is no {command}: say SET KEY VALUE, GET KEY, ASKED or QUIT")
        });
    run(server).await
}
