//! What is put together at run time, beside the same as types: `Composed` is one type for every framing and its layers.

use wirework::layer::Check;
use wirework::notation::Composed;
use wirework::{LengthPrefix, Lines};

use crate::group::{Contender, Group, Ours};
use crate::lent::{Lend, lent};
use crate::read::pushed;
use crate::{layers, lines, prefix};

pub(crate) const GROUPS: [Group; 4] = [
    Group {
        name: "composed u32",
        theirs: prefix::OWNED,
        ours: &[Ours {
            contender: Contender { name: "Bytes", read: |wire| pushed(u32_be(), wire, |frame| frame.to_bytes()) },
            target,
        }],
        ..prefix::GROUPS[0]
    },
    Group {
        name: "composed u32",
        theirs: prefix::LENT,
        ours: &[Ours { contender: Contender { name: "lent", read: |wire| lent(u32_be(), wire, Lend) }, target }],
        ..prefix::GROUPS[0]
    },
    Group {
        name: "composed lines",
        sizes: &[16, 64, 256],
        theirs: lines::LENT,
        ours: &[Ours {
            contender: Contender { name: "lent", read: |wire| lent(Composed::from(Lines::any()), wire, Lend) },
            target,
        }],
        ..lines::GROUP
    },
    Group {
        name: "composed xor8",
        theirs: layers::XOR8,
        ours: &[Ours {
            contender: Contender {
                name: "lent",
                read: |wire| lent(u32_be().layer(Check::xor8()).unwrap(), wire, Lend),
            },
            target,
        }],
        ..layers::GROUP
    },
];

fn u32_be() -> Composed {
    Composed::from(LengthPrefix::u32_be())
}

fn target(_: usize) -> Option<f64> {
    Some(1.1)
}
