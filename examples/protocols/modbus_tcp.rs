//! Modbus over TCP ("Modbus Messaging on TCP/IP Implementation Guide" 1.0b, "Modbus Application Protocol" 1.1b3): 200 holding
//! registers, which all connections share, to be read and written.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use wirework::core::BoxError;
use wirework::{Composition, Tcp, address_argument, run, serve};

/// A transaction and the protocol, which is 0, stand in front of the length, and the unit behind it.
const PROTOCOL: &str = "length u16be at 4 max 254";

const READ: u8 = 3;
const WRITE_ONE: u8 = 6;
const WRITE_MANY: u8 = 16;

// Exceptions (section 7).
const ILLEGAL_FUNCTION: u8 = 1;
const ILLEGAL_ADDRESS: u8 = 2;
const ILLEGAL_VALUE: u8 = 3;

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let tcp = Tcp::bind(address_argument("0.0.0.0:5020"));
    let registers: Arc<Mutex<Vec<u16>>> = Arc::new(Mutex::new((1000..1200).collect()));
    let server = serve(tcp, PROTOCOL.parse::<Composition>()?.bytes()?).answer(move |message, reply| {
        let [t0, t1, 0, 0, _, _, unit, function, data @ ..] = message else { return Err("not Modbus".into()) };
        let mut registers = registers.lock().unwrap_or_else(PoisonError::into_inner);
        let (function, data) = match answer(*function, data, &mut registers) {
            Ok(data) => (*function, data),
            Err(exception) => (function | 0x80, vec![exception]),
        };
        // The length is filled in.
        Ok::<_, BoxError>(reply.send([&[*t0, *t1, 0, 0, 0, 0, *unit, function], &data[..]].concat())?)
    });
    Ok(run(server).await)
}

/// The data of an answer, or an exception.
fn answer(function: u8, data: &[u8], registers: &mut [u16]) -> Result<Vec<u8>, u8> {
    match (function, data) {
        (READ, &[a0, a1, n0, n1]) => {
            let read = at(registers, [a0, a1], [n0, n1], 125)?;
            let values: Vec<u8> = read.iter().flat_map(|value| value.to_be_bytes()).collect();
            Ok([&[2 * n1], &values[..]].concat())
        }
        (WRITE_ONE, &[a0, a1, v0, v1]) => {
            at(registers, [a0, a1], [0, 1], 1)?.fill(u16::from_be_bytes([v0, v1]));
            Ok(data.into())
        }
        (WRITE_MANY, &[a0, a1, n0, n1, length, ref values @ ..]) if values.len() == usize::from(length) => {
            let written = at(registers, [a0, a1], [n0, n1], 123)?;
            let (values, []) = values.as_chunks() else { return Err(ILLEGAL_VALUE) };
            if values.len() != written.len() {
                return Err(ILLEGAL_VALUE);
            }
            written.iter_mut().zip(values).for_each(|(register, value)| *register = u16::from_be_bytes(*value));
            Ok(vec![a0, a1, n0, n1])
        }
        (READ | WRITE_ONE | WRITE_MANY, _) => Err(ILLEGAL_VALUE),
        _ => Err(ILLEGAL_FUNCTION),
    }
}

/// The registers from an address on, of which so many may be asked for at once.
fn at(registers: &mut [u16], address: [u8; 2], count: [u8; 2], most: u16) -> Result<&mut [u16], u8> {
    let (address, count) = (u16::from_be_bytes(address), u16::from_be_bytes(count));
    if !(1..=most).contains(&count) {
        return Err(ILLEGAL_VALUE);
    }
    registers.get_mut(address.into()..).and_then(|from| from.get_mut(..count.into())).ok_or(ILLEGAL_ADDRESS)
}
