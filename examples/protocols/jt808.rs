//! JT/T 808-2013, with which vehicles report to their dispatchers: each message is acknowledged, and the plate of one that
//! registers is printed. A message whose check fails is reported, and not answered.

use std::process::ExitCode;

use wirework::core::BoxError;
use wirework::{Composition, GBK, Tcp, address_argument, run, serve};

const PROTOCOL: &str = "marked 7E shared | escape 7E:7D02 7D:7D01 | check xor8";

const REGISTRATION: [u8; 2] = [0x01, 0x00];
const ACKNOWLEDGEMENT: [u8; 2] = [0x80, 0x01];
const SUCCESS: u8 = 0;
/// Where in the body of a registration the plate begins (JT/T 808-2013, section 8.5).
const PLATE: usize = 37;

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:7788"));
    let mut serial = 0x7D00_u16;
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.bytes()?).answer(move |message, reply| {
        // Identity and attributes, the phone number of the terminal in BCD, a serial number.
        let [id @ .., _, _, p0, p1, p2, p3, p4, p5, s0, s1] = message.first_chunk::<12>().ok_or("no header")?;
        if *id == REGISTRATION {
            println!("plate {}", GBK.replace().read(message.get(12 + PLATE..).unwrap_or_default())?);
        }
        let [high, low] = serial.to_be_bytes();
        serial = serial.wrapping_add(1);
        let header = [ACKNOWLEDGEMENT, [0, 5], [*p0, *p1], [*p2, *p3], [*p4, *p5], [high, low]];
        let body = [*s0, *s1, id[0], id[1], SUCCESS];
        Ok::<_, BoxError>(reply.send(&[header.as_flattened(), &body].concat()[..])?)
    });
    Ok(run(server).await)
}
