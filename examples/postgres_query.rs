//! A client of PostgreSQL (protocol 3.0), which asks one query in GBK, whatever the database is in, and prints each row with tabs
//! between its values. The arguments are the server's address, and the query; the server must trust the user `postgres`.

use std::process::ExitCode;

use wirework::core::{BoxError, BytesMut};
use wirework::{Composition, FramingExt, GBK, address_argument, connect};

/// A message is a type, a length that counts itself and not the type, and a body. The first of the client's has no type.
const PROTOCOL: &str = "duplex(length u32be at 1 inclusive of the field, \
    first(length u32be inclusive, length u32be at 1 inclusive of the field))";

/// The version is 3.0; the parameters have a NUL behind each name and each value, and one behind all of them.
const STARTUP: &str = "\0\x03\0\0user\0postgres\0client_encoding\0GBK\0\0";
// Where a message has its length there is room for it.
const QUERY: &[u8] = b"Q\0\0\0\0";
const TERMINATE: &[u8] = b"X\0\0\0\0";

#[tokio::main]
async fn main() -> ExitCode {
    let address = address_argument("127.0.0.1:5432");
    match query(address, &std::env::args().nth(2).unwrap_or_else(|| "select '你好'".into())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn query(address: String, sql: &str) -> Result<(), BoxError> {
    let mut query = BytesMut::from(QUERY);
    GBK.write(sql, &mut query)?;
    query.extend_from_slice(b"\0");
    let mut server = connect(address, PROTOCOL.parse::<Composition>()?.bytes()?.in_parts()).await?;
    server.send(STARTUP).await?;
    let mut asked = false;
    while let Some(message) = server.recv().await? {
        let [header, body] = &message[..] else { return Err("the server does not speak protocol 3.0".into()) };
        match header.first() {
            Some(b'R') if body != &[0; 4][..] => return Err("the server wants a password".into()),
            Some(b'E') => return Err(error(body)?.into()),
            Some(b'D') => println!("{}", row(body)?),
            Some(b'Z') if asked => {
                server.send(TERMINATE).await?;
                return Ok(server.close().await?);
            }
            Some(b'Z') => {
                server.send(&query[..]).await?;
                asked = true;
            }
            _ => {}
        }
    }
    Err("the server has closed the connection".into())
}

/// DataRow: how many values there are, and each behind its length, which is -1 for one that is null.
fn row(body: &[u8]) -> Result<String, BoxError> {
    let mut values = Vec::new();
    let mut rest = body.get(2..).unwrap_or_default();
    while let Some((length, behind)) = rest.split_first_chunk() {
        let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or_default();
        let (value, behind) = behind.split_at_checked(length).ok_or("a value ends behind its row")?;
        values.push(GBK.read(value)?);
        rest = behind;
    }
    Ok(values.join("\t"))
}

/// ErrorResponse: fields, each a letter and a text that ends with NUL; `M` is the message.
fn error(body: &[u8]) -> Result<String, BoxError> {
    let message = body.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"M"));
    Ok(GBK.replace().read(message.unwrap_or_default())?.into_owned())
}
