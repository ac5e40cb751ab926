//! `TX`, `msg` and `gas` (language.md 15.10).

use zexus_crypto::hex;

use super::may_read;
use crate::machine::Machine;
use crate::trap::Trap;
use crate::value::Value;

const TX_MEMBERS: &[&str] = &[
    "caller",
    "sender",
    "origin",
    "value",
    "timestamp",
    "height",
    "block_hash",
    "id",
    "gas_used",
    "gas_remaining",
    "gas_limit",
];

const GAS_MEMBERS: &[&str] = &["used", "remaining", "limit"];

/// `TX.name`, which is also `msg.name`.
///
/// # Errors
/// E0311 for another member, E0507 in a `pure` call.
pub fn tx_member(m: &mut Machine, name: &str) -> Result<Value, Trap> {
    may_read(m)?;
    match name {
        "caller" | "sender" => m.string(m.context.frame.caller.clone()),
        "origin" => m.string(m.context.origin.clone()),
        "value" => Ok(unsigned(m.context.frame.value)),
        "timestamp" => Ok(Value::int(m.block.time.div_euclid(1000))),
        "height" => Ok(unsigned(m.block.height)),
        "block_hash" => m.string(hex::encode(&m.block.hash)),
        "id" => m.string(hex::encode(&m.block.id)),
        "gas_used" => gas_member(m, "used"),
        "gas_remaining" => gas_member(m, "remaining"),
        "gas_limit" => gas_member(m, "limit"),
        _ => Err(m.error(311, format!("TX has no member '{name}'"))),
    }
}

/// `tx()`: all members of `TX`.
///
/// # Errors
/// E0507 in a `pure` call.
pub fn tx_map(m: &mut Machine) -> Result<Value, Trap> {
    let members: Result<Vec<_>, Trap> = TX_MEMBERS.iter().map(|n| Ok((*n, tx_member(m, n)?))).collect();
    m.record(&members?)
}

/// `gas.name`; remaining and limit are null without a limit.
///
/// # Errors
/// E0311 for another member.
pub fn gas_member(m: &mut Machine, name: &str) -> Result<Value, Trap> {
    match name {
        "used" => Ok(unsigned(m.meter.used())),
        "remaining" => Ok(m.meter.remaining().map_or(Value::NULL, unsigned)),
        "limit" => Ok(m.meter.limit().map_or(Value::NULL, unsigned)),
        _ => Err(m.error(311, format!("gas has no member '{name}'"))),
    }
}

/// `gas()`: all parts of the meter.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn gas_map(m: &mut Machine) -> Result<Value, Trap> {
    let members: Result<Vec<_>, Trap> = GAS_MEMBERS.iter().map(|n| Ok((*n, gas_member(m, n)?))).collect();
    m.record(&members?)
}

/// A number that a host gave; what does not fit 63 bits shows as the greatest that does.
pub(crate) fn unsigned(n: u64) -> Value {
    Value::int(i64::try_from(n).unwrap_or(i64::MAX))
}
