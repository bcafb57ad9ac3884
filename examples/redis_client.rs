//! A client of Redis: makes each line that it reads a command, and prints the answer. A connection that is lost is made again, and what
//! only reads is asked again. The argument is the server's address.

use std::process::ExitCode;

use wirework::core::BoxError;
use wirework::servers::{Correlation, Severity};
use wirework::{Composition, address_argument, connect};

/// An answer is a line, or a value behind its length. A command is written as it is.
const PROTOCOL: &str =
    r#"duplex(peek {"$": head(lines crlf, after "$", none "-1", then CRLF), else lines crlf}, chunk 64KiB)"#;

#[tokio::main]
async fn main() -> ExitCode {
    match talk(address_argument("127.0.0.1:6379")).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn talk(address: String) -> Result<(), BoxError> {
    let redis = connect(address, PROTOCOL.parse::<Composition>()?.bytes()?)
        .calls(Correlation::in_order())
        .resend(|command| command.starts_with(b"GET "))
        .on_event(|event| {
            if event.severity() >= Severity::Warning {
                eprintln!("{event}");
            }
        })
        .await?;
    for line in std::io::stdin().lines() {
        let line = line?;
        // That is no command, and not answered.
        if line.trim().is_empty() {
            continue;
        }
        match redis.call(format!("{line}\r\n")).await {
            Ok(answer) => println!("{}", shown(&answer)),
            Err(error) => eprintln!("{line}: {error}"),
        }
    }
    redis.close().await;
    Ok(())
}

fn shown(answer: &[u8]) -> String {
    let value = match answer {
        b"$-1\r\n" => &b"(nil)"[..],
        [b'$', ..] => answer.splitn(2, |byte| *byte == b'\n').last().unwrap_or_default(),
        line => line,
    };
    value.escape_ascii().to_string()
}
