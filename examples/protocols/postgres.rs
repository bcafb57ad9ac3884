//! PostgreSQL's protocol 3.0 (its documentation, "Frontend/Backend Protocol"), with simple queries alone and no encryption: a
//! query gives one row, which says how many characters it has and repeats it, in the encoding of the client.

use std::process::ExitCode;

use wirework::core::{BoxError, BytesMut};
use wirework::{Composition, Encoding, Tcp, address_argument, run, serve};

/// What a client begins with has no type, and its wish for encryption is answered with one byte.
const START: &str = "duplex(length u32be inclusive max 10000, fixed 1)";
const PROTOCOL: &str = "length u32be at 1 inclusive of the field";

const PARAMETERS: [(&str, &str); 3] =
    [("server_version", "15.0"), ("server_encoding", "UTF8"), ("standard_conforming_strings", "on")];

// Messages to be sent: a type, room for the length, and the body.
const AUTHENTICATION_OK: &str = "R\0\0\0\0\0\0\0\0";
const NO_TEXT: &str = "what is asked or answered is no text of the client_encoding";
const READY_FOR_QUERY: &str = "Z\0\0\0\0I";
const COMMAND_COMPLETE: &[u8] = b"C\0\0\0\0SELECT 1\0";
/// One column `c` of type 25, which is `text`, of any length.
const ROW_DESCRIPTION: &[u8] = b"T\0\0\0\0\0\x01c\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0";

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:5432"));
    let messages = PROTOCOL.parse::<Composition>()?.bytes()?;
    let server = serve(tcp, START.parse::<Composition>()?.bytes()?).each(async move |mut conn| {
        let parameters = loop {
            match conn.recv().await?.as_deref() {
                Some([0x04, 0xD2, 0x16, 0x2F | 0x30]) => conn.send("N").await?, // SSLRequest, GSSENCRequest
                Some([0, 3, 0, 0, parameters @ ..]) => break String::from_utf8_lossy(parameters).into_owned(),
                _ => return Ok(conn.close().await?),
            }
        };
        let mut conn = conn.with_codec(&messages)?;
        let (name, Some(encoding)) = client_encoding(&parameters) else {
            conn.feed(error("FATAL", "22023", "this client_encoding is not known here")).await?;
            return Ok(conn.close().await?);
        };
        conn.feed(AUTHENTICATION_OK).await?;
        for (name, value) in PARAMETERS.into_iter().chain([("client_encoding", name)]) {
            conn.feed(format!("S\0\0\0\0{name}\0{value}\0")).await?; // ParameterStatus
        }
        loop {
            conn.feed(READY_FOR_QUERY).await?;
            let answer = match conn.recv().await?.as_deref() {
                Some([b'Q', _, _, _, _, sql @ .., 0]) => rows(sql, encoding),
                Some([b'X', ..]) | None => break,
                Some(_) => break conn.feed(error("FATAL", "0A000", "there are simple queries alone")).await?,
            };
            for message in answer.map_or_else(|_| vec![error("ERROR", "22021", NO_TEXT)], Vec::from) {
                conn.feed(message).await?;
            }
        }
        Ok(conn.close().await?)
    });
    Ok(run(server).await)
}

/// What a client asks for, in pairs of names and values; `SQL_ASCII` is whatever the server speaks.
fn client_encoding(parameters: &str) -> (&str, Option<Encoding>) {
    let parameters: Vec<&str> = parameters.split('\0').collect();
    let asked = parameters.as_chunks().0.iter().find(|[name, _]| *name == "client_encoding");
    let name = asked.map_or("UTF8", |[_, value]| value);
    (name, Encoding::for_label(if name == "SQL_ASCII" { "UTF8" } else { name }).ok())
}

/// One row of one value, in the encoding of the client behind its length in bytes.
fn rows(sql: &[u8], encoding: Encoding) -> Result<[Vec<u8>; 3], BoxError> {
    let (sql, mut value) = (encoding.read(sql)?, BytesMut::new());
    encoding.write(&format!("{}:{sql}", sql.chars().count()), &mut value)?;
    let row = [b"D\0\0\0\0\0\x01", &u32::try_from(value.len())?.to_be_bytes()[..], &value].concat();
    Ok([ROW_DESCRIPTION.into(), row, COMMAND_COMPLETE.into()])
}

fn error(severity: &str, code: &str, text: &str) -> Vec<u8> {
    format!("E\0\0\0\0S{severity}\0V{severity}\0C{code}\0M{text}\0\0").into()
}
