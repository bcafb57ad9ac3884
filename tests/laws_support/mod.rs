//! What the law tests share: layers and framings of their own, wires of text, and a counter of instructions.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

pub mod callgrind;
pub mod layers;
pub mod planted;
pub mod wires;
