//! SMTP (RFC 5321) with STARTTLS (RFC 3207), 8BITMIME and a certificate made for the day: mail is counted, and forgotten.

use std::process::ExitCode;

use tokio::io::{AsyncRead, AsyncWrite};
use wirework::core::{BoxError, Raw};
use wirework::servers::tls::{Certificates, TlsServer};
use wirework::{Codec, Composition, Connection, Tcp, address_argument, run, serve};

/// Behind DATA comes a mail, which ends with a line that is a dot; all lines end with CR LF, and with nothing less.
const PROTOCOL: &str = r#"switch(lines crlf max 1000) {"DATA" any case: until line "." max 10MiB | escape dots}"#;

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:2525"));
    let own = rcgen::generate_simple_self_signed(["wirework.example".to_owned()])?;
    let tls = TlsServer::new(Certificates::from_der(vec![own.cert.into()], own.signing_key.into())?)?;
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.bytes()?).each(async move |mut conn| {
        conn.send("220 wirework.example ESMTP").await?;
        if let Some(conn) = session(conn, false).await? {
            let conn = conn.upgrade(|io, peer| tls.accept(io, peer)).await?;
            session(conn, true).await?;
        }
        Ok(())
    });
    Ok(run(server).await)
}

/// Gives the connection back when it is to go on over TLS.
async fn session<Io: AsyncRead + AsyncWrite + Unpin, C: Codec<Format = Raw>>(
    mut conn: Connection<Io, C>,
    tls: bool,
) -> Result<Option<Connection<Io, C>>, BoxError> {
    // How many the mail has that was begun.
    let mut recipients: Option<u64> = None;
    loop {
        let line = match conn.recv().await {
            Ok(Some(line)) => String::from_utf8_lossy(&line).to_ascii_uppercase(),
            Ok(None) => break,
            Err(_) => break conn.feed("500 5.5.2 Line too long").await?,
        };
        let (now, reply) = match (line.split(' ').next().unwrap_or_default(), recipients) {
            ("EHLO", _) => {
                conn.feed("250-wirework.example").await?;
                conn.feed("250-ENHANCEDSTATUSCODES").await?;
                if !tls {
                    conn.feed("250-STARTTLS").await?;
                }
                (None, "250 8BITMIME")
            }
            ("HELO", _) => (None, "250 wirework.example"),
            ("RSET", _) => (None, "250 2.0.0 Ok"),
            ("MAIL", None) => (Some(0), "250 2.1.0 Ok"),
            ("RCPT", Some(recipients)) => (Some(recipients + 1), "250 2.1.5 Ok"),
            ("NOOP", _) => (recipients, "250 2.0.0 Ok"),
            ("STARTTLS", _) if !tls => {
                conn.feed("220 2.0.0 Go ahead").await?;
                return Ok(Some(conn));
            }
            ("QUIT", _) => break conn.feed("221 2.0.0 Bye").await?,
            (verb, _) if verb.starts_with("DATA") => {
                conn.feed("354 End with a dot on a line of its own").await?;
                let Ok(Some(mail)) = conn.recv().await else { break conn.feed("552 5.3.4 Mail too long").await? };
                let accepted = format!("250 2.0.0 Ok: {} octets tls={}", mail.len(), u8::from(tls));
                conn.feed(if recipients > Some(0) { &accepted } else { "554 5.5.1 No valid recipients" }).await?;
                recipients = None;
                continue;
            }
            ("MAIL" | "RCPT" | "STARTTLS", _) => (recipients, "503 5.5.1 Bad sequence of commands"),
            _ => (recipients, "500 5.5.1 Unknown command"),
        };
        recipients = now;
        conn.feed(reply).await?;
    }
    conn.close().await?;
    Ok(None)
}
