//! What the law tests share: random cases, every encoding, strings of pieces, layers,
//! framings and encodings of their own, wires of text, and a
//! counter of instructions.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

pub mod callgrind;
pub mod cases;
pub mod encodings;
pub mod layers;
pub mod pieces;
pub mod planted;
pub mod planted_encodings;
pub mod wires;
