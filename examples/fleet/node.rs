//! A node of a fleet, behind a proxy: what is pushed to a name on one node reaches who has joined it on another.
//! `fleet_node LISTEN NATS NAME`
//!
//! | a line of a client | its reply | |
//! |---|---|---|
//! | `1 echo TEXT` | `1 NODE TEXT` | `NODE` is the name of this one |
//! | `2 join NAME` | `2 ok` | from now on it is sent `* TEXT`, whatever node that was pushed on |
//! | `3 push NAME TEXT` | `3 ok` | the bus has it |

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use wirework::core::BoxError;
use wirework::servers::nats::{Nats, Settings};
use wirework::servers::proxy::Trusted;
use wirework::servers::{BindExt, Handle, Topics, WhenSlow};
use wirework::{FramingExt, Limits, Lines, Tcp, Text, UTF_8, run, serve};

/// How many requests of a client may wait for the bus at once.
const AT_ONCE: usize = 16;

struct Node {
    name: String,
    topics: Topics<String>,
}

impl Node {
    async fn reply(&self, client: &Handle<Text>, request: &str) -> String {
        let (id, command) = request.split_once(' ').unwrap_or((request, ""));
        let reply = self.obey(client, command).await.unwrap_or_else(|error| format!("? {error}"));
        format!("{id} {reply}")
    }

    async fn obey(&self, client: &Handle<Text>, command: &str) -> Result<String, BoxError> {
        match command.split_once(' ') {
            Some(("echo", text)) => return Ok(format!("{} {text}", self.name)),
            Some(("join", name)) => self.topics.join(&topic(name), client).await?,
            Some(("push", what)) => {
                let (name, text) = what.split_once(' ').ok_or("push NAME TEXT")?;
                self.topics.publish(&topic(name), format!("* {text}")).await?;
            }
            _ => return Err("echo TEXT | join NAME | push NAME TEXT".into()),
        }
        Ok("ok".to_owned())
    }
}

fn topic(name: &str) -> String {
    format!("to/{name}")
}

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("fleet_node LISTEN NATS NAME");
    let (listen, nats, name) = (next()?, next()?, next()?);
    let bus = Nats::connect(nats, Settings::default()).await?;
    // Who is too slow for what is pushed to it is cut off, and knows.
    let node = Arc::new(Node { name, topics: Topics::over(bus, 64, WhenSlow::Disconnect) });
    let proxy = Trusted::Networks(vec!["127.0.0.0/8".parse()?, "::1/128".parse()?]);
    // A client that was asked to leave is silent soon. What was published before it joined elsewhere comes to it by the bus meanwhile.
    let limits = Limits { drain_idle: Duration::from_millis(500), ..Limits::default() };
    let server = serve(Tcp::bind(listen).proxy_protocol(proxy), Lines::any().text(UTF_8))
        .limits(limits)
        .drain_notice("! leave")
        .reply_with(|client| client, async move |client, request| node.reply(&client, &request).await)
        .concurrency(AT_ONCE)
        .unordered();
    Ok(run(server).await)
}
