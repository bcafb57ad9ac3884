//! How much memory a connection's framing takes before the first byte has come, inside the value and behind it.

use wirework::core::{Frames, Framing};
use wirework::framing::Until;
use wirework::layer::{Check, Escape};
use wirework::notation::Composed;
use wirework::{Composition, FramingExt, LengthPrefix, Lines};

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
