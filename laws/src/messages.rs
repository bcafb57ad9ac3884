//! The messages are the same for every way of cutting the wire.

use wirework_core::{Codec, Format, Message};

use crate::{Broken, Event, Law, Promises, Reads, trace_messages, trace_messages_lent};

/// The messages of `wire`, the errors of those that are bad, and the end are the same whole, byte by byte, cut in two at
/// any byte and in these `reads`; and whether they are owned or lent.
///
/// [`segmentation`](crate::segmentation()) says it of the frames, of which messages are made. Where those are
/// [joined](Promises::joined), so are the messages, and characters must not come apart; what is lost with a bad message
/// depends then on the cut, so that for a wire with one in it the law says only that there is one for every cut.
///
/// # Panics
/// When the codec cannot be composed.
pub fn messages<C: Codec>(codec: &C, wire: &[u8], reads: &[usize], promises: &Promises) -> Result<(), Broken>
where
    Message<C>: AsRef<[u8]>,
    for<'a> <C::Format as Format>::Message<'a>: AsRef<[u8]>,
{
    let essence = |trace: Vec<Event>| {
        let is_bad = trace.iter().any(|event| matches!(event, Event::Bad { .. }));
        if promises.is_joined() && is_bad { None } else { Some(promises.essence(trace.into())) }
    };
    let expected = essence(trace_messages(codec, wire, &Reads::whole()));
    let in_two = (1..wire.len()).map(|cut| Reads::of([cut, usize::MAX]));
    let all = [Reads::whole().end_with_last(), Reads::bytes(), Reads::bytes().end_with_last(), Reads::of(reads)];
    for reads in all.into_iter().chain(in_two) {
        let owned = essence(trace_messages(codec, wire, &reads));
        let lent = essence(trace_messages_lent(codec, wire, &reads));
        for (how, found) in [("owned", owned), ("lent", lent)] {
            if found != expected {
                let why = format!("expected are the messages of the whole, found those of {reads:?}, {how}");
                return Err(Broken::new(Law::Messages, wire, why)
                    .expected(expected.as_deref().unwrap_or_default())
                    .found(found.as_deref().unwrap_or_default()));
            }
        }
    }
    Ok(())
}
