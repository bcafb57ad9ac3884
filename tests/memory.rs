//! How much memory a connection takes: its framing before the first byte has come, inside the value and behind it, and all
//! of it while it is idle.

mod support;

use std::future::IntoFuture;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wirework::core::{Frames, Framing};
use wirework::framing::Until;
use wirework::layer::{Check, Escape};
use wirework::notation::Composed;
use wirework::servers::{Correlation, MemoryListener};
use wirework::{Composition, FramingExt, LengthPrefix, Lines, UTF_8, serve};

/// What a framing takes that is made for a connection, as [`Frames`]: its size, and what a clone of it allocates.
fn takes<F: Framing + Clone>(framing: &F) -> (usize, u64) {
    let mut frames = None;
    let allocated = allocation_counter::measure(|| frames = Some(Frames::new(framing.clone())));
    assert!(frames.is_some());
    (size_of::<Frames<F>>(), allocated.bytes_current.try_into().unwrap())
}

#[test]
fn a_connection_takes_little_memory_for_its_framing() {
    let composed = |notation: &str| notation.parse::<Composed>().unwrap();
    println!(
        "LengthPrefix {}, Until {}, Composed {}, Composition {}",
        size_of::<LengthPrefix>(),
        size_of::<Until>(),
        size_of::<Composed>(),
        size_of::<Composition>()
    );
    for (what, (inside, behind), most) in [
        ("lines", takes(&Lines::any()), 384),
        ("u32 prefix", takes(&LengthPrefix::u32_be()), 448),
        ("u32 prefix with a check", takes(&LengthPrefix::u32_be().layer(Check::xor8())), 600),
        ("u32 prefix with an escape", takes(&LengthPrefix::u32_be().layer(Escape::doubling(0x10))), 512),
        ("composed lines", takes(&composed("lines")), 512),
        ("composed u32 prefix", takes(&composed("length u32be")), 512),
        ("composed u32 prefix with a check", takes(&composed("length u32be | check xor8")), 640),
        ("composed crc", takes(&composed("length u32be | check crc-16/modbus")), 640),
    ] {
        println!("{what}: {inside} bytes, and {behind} behind pointers");
        assert!(inside as u64 + behind <= most, "{what}: {inside} bytes, and {behind} behind pointers");
    }
}

/// What a server of lines takes for a connection whose peer was answered, and says no more.
fn takes_idle<S>(server: impl FnOnce(MemoryListener) -> S) -> i64
where
    S: IntoFuture<IntoFuture: Send + 'static, Output: Send + 'static>,
{
    const MANY: usize = 1000;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let dialer = runtime.block_on(async { support::start(server) });
    let mut open = Vec::with_capacity(2 * MANY);
    let mut dial = || {
        runtime.block_on(async {
            for _ in 0..MANY {
                let mut io = dialer.dial().await.unwrap();
                io.write_all(b"hello\n").await.unwrap();
                io.read_exact(&mut [0; 6]).await.unwrap();
                open.push(io);
            }
        });
    };
    // The first ones take what all of them share.
    dial();
    allocation_counter::measure(dial).bytes_current / MANY as i64
}

#[test]
fn an_idle_connection_takes_little_memory() {
    let lines = || Lines::any().text(UTF_8);
    let answer = takes_idle(|listener| serve(listener, lines()).answer(|line, reply| reply.send(line)));
    let reply = takes_idle(|listener| serve(listener, lines()).reply(async |line| line));
    let each = takes_idle(|listener| {
        serve(listener, lines()).each(async |mut conn| {
            while let Some(line) = conn.recv().await? {
                conn.send(line).await?;
            }
            Ok(conn.close().await?)
        })
    });
    let with_handle = takes_idle(|listener| {
        serve(listener, lines()).answer_with(|handle| handle, |_handle, line, reply| reply.send(line))
    });
    let with_calls = takes_idle(|listener| {
        serve(listener, lines())
            .calls(Correlation::by_key(|request: &str| Some(request.len()), |message: &String| Some(message.len())))
            .answer_with(|handle| handle, |_handle, line, reply| reply.send(line))
    });
    println!(
        "answer {answer}, reply {reply}, each {each}; answer with a handle {with_handle}, and with calls {with_calls}"
    );
    assert!(
        with_handle < answer + 1024 && with_calls < with_handle + 512,
        "{answer}, {with_handle}, {with_calls} bytes"
    );
    assert!(answer < 4096 && reply < 4096 && each < 5120, "answer {answer}, reply {reply}, each {each} bytes");
}
