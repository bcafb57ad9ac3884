//! What a stream may go through on its way: the same bytes, cut otherwise.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Which direction is cut anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Both,
    /// What the server reads; what the client reads comes as the server has written it.
    ToServer,
}

/// How many bytes at the beginning of each direction go one by one.
const ONE_BY_ONE: usize = 300;

/// The most bytes that go together behind those.
const TOGETHER: usize = 1500;

/// So that pieces come apart. Those that catch up with each other are one piece: nothing depends on it.
const APART: Duration = Duration::from_micros(300);

/// Where to connect to, so that all goes to the server at `address`, and back, in other pieces.
pub(crate) fn relay(address: &str, cut: Cut) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let here = listener.local_addr().expect("it listens").to_string();
    let address = address.to_owned();
    // It ends with the tests.
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = TcpStream::connect(&address) else { continue };
            let clone = |stream: &TcpStream| stream.try_clone().expect("a socket can be cloned");
            let (from_client, from_server) = (clone(&client), clone(&server));
            thread::spawn(move || pass(from_client, server, true));
            thread::spawn(move || pass(from_server, client, cut == Cut::Both));
        }
    });
    here
}

/// Passes all that comes on to `there`, and then its end. An error at one end becomes the end of both.
fn pass(mut here: TcpStream, mut there: TcpStream, cut: bool) {
    let passed = there
        .set_nodelay(true)
        .and_then(|()| if cut { pieces(&mut here, &mut there) } else { whole(&mut here, &mut there) });
    match passed {
        // Who has gone meanwhile cannot be told.
        Ok(()) => drop(there.shutdown(Shutdown::Write)),
        Err(_) => [here, there].iter().for_each(|stream| drop(stream.shutdown(Shutdown::Both))),
    }
}

fn whole(here: &mut TcpStream, there: &mut TcpStream) -> std::io::Result<()> {
    std::io::copy(here, there).map(drop)
}

fn pieces(here: &mut TcpStream, there: &mut TcpStream) -> std::io::Result<()> {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let (mut passed, mut buffer) = (0, [0; 65_536]);
    loop {
        let read = here.read(&mut buffer)?;
        let mut rest = &buffer[..read];
        if rest.is_empty() {
            return Ok(());
        }
        while !rest.is_empty() {
            // Marsaglia's xorshift.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let len = if passed < ONE_BY_ONE { 1 } else { 1 + (random >> 33) as usize % TOGETHER };
            let (piece, behind) = rest.split_at(len.min(rest.len()));
            there.write_all(piece)?;
            passed += piece.len();
            rest = behind;
            if passed < ONE_BY_ONE {
                thread::sleep(APART);
            }
        }
    }
}
