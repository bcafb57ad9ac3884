//! A client of the soak, of one protocol: it makes messages up, and knows their bytes without any code of the server's.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::timeout;

use crate::random::Random;

/// What is not there after this will never come. No deadline of the server is as long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a message may be made of, besides its number: the second byte of 倈 in GBK is that of `|`.
const FILLING: [&str; 4] = ["x", "谢谢", "倈|", "1234567890 "];

/// What is spoken. The servers listen in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Lines,
    Lengths,
    Gbk,
}

/// A promise that was broken.
pub(crate) type Broken = String;

/// A conversation with the server, from its client's side.
pub(crate) struct Client {
    pub(crate) protocol: Protocol,
    pub(crate) address: SocketAddr,
    pub(crate) random: Random,
    /// Of this conversation: no other has it.
    pub(crate) number: u64,
    /// How many replies have come.
    pub(crate) replies: u64,
    /// How many messages it has made up.
    made: u64,
}

impl Client {
    pub(crate) fn new(protocol: Protocol, address: SocketAddr, number: u64) -> Self {
        Self { protocol, address, random: Random::new(number), number, replies: 0, made: 0 }
    }

    pub(crate) async fn connect(&self) -> Result<TcpStream, Broken> {
        in_time("to connect", TcpStream::connect(self.address)).await
    }

    /// The bytes of a message.
    pub(crate) fn wire(&self, text: &str) -> Vec<u8> {
        match self.protocol {
            Protocol::Lines => [text.as_bytes(), b"\n"].concat(),
            Protocol::Lengths => [&(text.len() as u32).to_be_bytes(), text.as_bytes()].concat(),
            Protocol::Gbk => [&encoding_rs::GBK.encode(text).0[..], b"\n"].concat(),
        }
    }

    /// The bytes of a message that was never sent before.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let filling = FILLING[self.random.below(FILLING.len())];
        let times = if self.random.below(50) == 0 { 1000 } else { self.random.below(10) };
        self.made += 1;
        self.wire(&format!("{}/{} {}", self.number, self.made, filling.repeat(times)))
    }

    /// The bytes of several.
    pub(crate) fn some(&mut self, most: usize) -> Vec<Vec<u8>> {
        (0..=self.random.below(most)).map(|_| self.next()).collect()
    }

    /// Sends these, cut anyhow, while it hears their replies: all of them, in order, and nothing else.
    pub(crate) async fn exchange(&mut self, io: &mut TcpStream, messages: &[Vec<u8>]) -> Result<(), Broken> {
        let (mut read, mut write) = io.split();
        let bytes = messages.concat();
        let (written, heard) =
            tokio::join!(send(&mut write, &bytes, &mut self.random), hear(&mut read, messages, &mut self.replies));
        written.and(heard).map_err(|broken| format!("conversation {}: {broken}", self.number))
    }

    /// Hears the replies to what was sent.
    pub(crate) async fn hear(&mut self, io: &mut TcpStream, messages: &[Vec<u8>]) -> Result<(), Broken> {
        let heard = hear(&mut io.split().0, messages, &mut self.replies).await;
        heard.map_err(|broken| format!("conversation {}: {broken}", self.number))
    }

    /// Nothing else comes; the server ends, in whatever way.
    pub(crate) async fn end(&self, io: &mut TcpStream) -> Result<(), Broken> {
        let mut rest = Vec::new();
        match timeout(PATIENCE, io.read_to_end(&mut rest)).await {
            Ok(_) if rest.is_empty() => Ok(()),
            Ok(_) => Err(format!("conversation {}: {} bytes that nobody asked for", self.number, rest.len())),
            Err(_) => Err(format!("conversation {}: the server does not end it", self.number)),
        }
    }
}

async fn send(write: &mut WriteHalf<'_>, mut bytes: &[u8], random: &mut Random) -> Result<(), Broken> {
    while !bytes.is_empty() {
        let (piece, rest) = bytes.split_at(bytes.len().min(1 + random.below(4000)));
        in_time("to write", write.write_all(piece)).await?;
        bytes = rest;
    }
    Ok(())
}

async fn hear(read: &mut ReadHalf<'_>, expected: &[Vec<u8>], replies: &mut u64) -> Result<(), Broken> {
    let mut reply = Vec::new();
    for expected in expected {
        reply.resize(expected.len(), 0);
        in_time("to read a reply", read.read_exact(&mut reply)).await?;
        if reply != *expected {
            let (reply, expected) = (String::from_utf8_lossy(&reply), String::from_utf8_lossy(expected));
            return Err(format!("{reply:.50?} came instead of {expected:.50?}"));
        }
        *replies += 1;
    }
    Ok(())
}

/// Does what has to succeed.
pub(crate) async fn in_time<T>(what: &str, done: impl Future<Output = io::Result<T>>) -> Result<T, Broken> {
    match timeout(PATIENCE, done).await {
        Ok(done) => done.map_err(|error| format!("failed {what}: {error}")),
        Err(_) => Err(format!("failed {what} in {PATIENCE:?}")),
    }
}
