//! The kinds of clients of the soak: those that behave, and those that do not.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;

use crate::client::{Broken, Client, Protocol, in_time};
use crate::server::{MAX, PANIC};

/// What a client does. Whatever it is, the replies to what it has asked before are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Pipelines,
    AsksAgainAndAgain,
    EndsItsSideFirst,
    SendsBadMessages,
    ResetsInMidFrame,
    StallsInMidFrame,
    SaysNothing,
    NeverReads,
    SendsGarbage,
    SendsTooLong,
    MakesAHandlerPanic,
}

impl Kind {
    pub(crate) const ALL: [Self; 11] = [
        Self::Pipelines,
        Self::AsksAgainAndAgain,
        Self::EndsItsSideFirst,
        Self::SendsBadMessages,
        Self::ResetsInMidFrame,
        Self::StallsInMidFrame,
        Self::SaysNothing,
        Self::NeverReads,
        Self::SendsGarbage,
        Self::SendsTooLong,
        Self::MakesAHandlerPanic,
    ];

    /// What it is called in the figures.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pipelines => "pipelines",
            Self::AsksAgainAndAgain => "asks, waits, asks again",
            Self::EndsItsSideFirst => "ends its side before the replies have come",
            Self::SendsBadMessages => "sends malformed text between good messages",
            Self::ResetsInMidFrame => "resets in mid frame",
            Self::StallsInMidFrame => "stalls in mid frame",
            Self::SaysNothing => "says nothing",
            Self::NeverReads => "never reads",
            Self::SendsGarbage => "sends garbage",
            Self::SendsTooLong => "sends a frame that is too long",
            Self::MakesAHandlerPanic => "makes a handler panic",
        }
    }

    /// Holds one conversation.
    pub(crate) async fn converse(self, client: &mut Client) -> Result<(), Broken> {
        let mut io = client.connect().await?;
        let before = client.some(20);
        match self {
            Self::Pipelines => {
                let messages = client.some(500);
                client.exchange(&mut io, &messages).await
            }
            Self::AsksAgainAndAgain => {
                for _ in 0..50 {
                    let message = client.next();
                    client.exchange(&mut io, &[message]).await?;
                    sleep(Duration::from_millis(10)).await;
                }
                Ok(())
            }
            Self::EndsItsSideFirst => {
                in_time("to write", io.write_all(&before.concat())).await?;
                in_time("to end its side", io.shutdown()).await?;
                client.hear(&mut io, &before).await?;
                client.end(&mut io).await
            }
            Self::SendsBadMessages => {
                let bad: &[u8] = match client.protocol {
                    Protocol::Lines | Protocol::Gbk => b"\xff\xff\n",
                    // There every message is a good one.
                    Protocol::Lengths => b"",
                };
                for message in before {
                    in_time("to write", io.write_all(bad)).await?;
                    client.exchange(&mut io, &[message]).await?;
                }
                Ok(())
            }
            Self::ResetsInMidFrame => {
                client.exchange(&mut io, &before).await?;
                let half = half(client);
                in_time("to write", io.write_all(&half)).await?;
                in_time("to reset", async { socket2::SockRef::from(&io).set_linger(Some(Duration::ZERO)) }).await
            }
            Self::StallsInMidFrame => {
                client.exchange(&mut io, &before).await?;
                let half = half(client);
                in_time("to write", io.write_all(&half)).await?;
                client.end(&mut io).await
            }
            Self::SaysNothing => client.end(&mut io).await,
            Self::NeverReads => {
                let message = client.next().repeat(100);
                // The server takes no more, and then ends it: that is an error here.
                let deaf = async { while io.write_all(&message).await.is_ok() {} };
                in_time("to be left", async {
                    deaf.await;
                    Ok(())
                })
                .await
            }
            Self::SendsGarbage => {
                let len = client.random.below(MAX);
                let garbage = client.random.bytes(len);
                // What of it is a message is said back; what is none may end it at once.
                let talk = async {
                    io.write_all(&garbage).await?;
                    io.shutdown().await?;
                    io.read_to_end(&mut Vec::new()).await
                };
                in_time("to end", async {
                    let _ = talk.await;
                    Ok(())
                })
                .await
            }
            Self::SendsTooLong => {
                let long = match client.protocol {
                    Protocol::Lines | Protocol::Gbk => vec![b'x'; 4 * MAX],
                    Protocol::Lengths => vec![0xff; 4],
                };
                in_time("to write", io.write_all(&[before.concat(), long].concat())).await?;
                client.hear(&mut io, &before).await?;
                client.end(&mut io).await
            }
            Self::MakesAHandlerPanic => {
                client.exchange(&mut io, &before).await?;
                let message = client.wire(PANIC);
                in_time("to write", io.write_all(&message)).await?;
                client.end(&mut io).await
            }
        }
    }
}

/// The first half of a message.
fn half(client: &mut Client) -> Vec<u8> {
    let mut message = client.next();
    message.truncate(message.len() / 2);
    message
}
