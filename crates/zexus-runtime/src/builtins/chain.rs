//! Gas, transactions, ledger, owners and roles (language.md 18.8), and the module `blockchain` (chapter 20).

use std::sync::Arc;

use super::{arg, given, rows, text_of};
use crate::contracts::{context, may_read, may_write};
use crate::interp::Interp;
use crate::journal::EntryKind;
use crate::machine::Machine;
use crate::policy::access::{self, Word};
use crate::state::{self, place};
use crate::trap::Trap;
use crate::value::{Kind, Value};

mod blocks;

pub use blocks::MODULE_ROWS;

rows! {
    ROWS in "";
    /// What was used of gas, what remains, and the limit.
    ["gas"] () => Plain(|m, _| context::gas_map(m));
    /// Lowers the gas limit for the rest of the running call.
    ["limit"] (n: Any) => Calling(limit);
    /// The members of `TX`.
    ["tx"] () => Plain(|m, _| context::tx_map(m));
    /// Calls a function with another caller and value for the external calls made in it.
    ["with_caller"] (address: Address, f: Callable, value: Int = "0") => Calling(with_caller);
    /// The events that stand, all or of one name.
    ["events"] (name: Str = "null") gas State => Plain(events);
    /// Appends an entry to the ledger and gives its position.
    ["ledger_append"] (x: Any) gas State => Plain(ledger_append);
    /// The entries of the ledger, all or of one kind.
    ["ledger_entries"] (kind: Str = "null") gas State => Plain(ledger_entries);
    /// Stores a value under a key of its own.
    ["persist_set", "persistent_set"] (key: Str, v: Any) gas StateWrite => Plain(persist_set);
    /// A copy of what is stored under a key.
    ["persist_get", "persistent_get"] (key: Str, default: Any = "null") gas StateRead => Plain(persist_get);
    /// Removes what is stored under a key; whether there was something.
    ["persist_delete", "persistent_delete"] (key: Str) gas StateWrite => Plain(persist_delete);
    /// Sets the owner of something.
    ["set_owner"] (id: Str, who: Address) gas StateWrite => Plain(set_owner);
    /// The owner of something, or null.
    ["get_owner"] (id: Str) gas StateRead => Plain(get_owner);
    /// Whether somebody owns something.
    ["is_owner"] (id: Str, who: Address) gas StateRead => Plain(is_owner);
    /// Gives somebody a role.
    ["grant_role"] (id: Str, who: Address, r: Str) gas StateWrite => Plain(|m, args| grant(m, args, Word::Role));
    /// Takes a role away.
    ["revoke_role"] (id: Str, who: Address, r: Str) gas StateWrite => Plain(|m, args| revoke(m, args, Word::Role));
    /// Whether somebody has a role.
    ["has_role"] (id: Str, who: Address, r: Str) gas StateRead => Plain(|m, args| has(m, args, Word::Role));
    /// The roles of somebody in the order of granting.
    ["get_roles"] (id: Str, who: Address) gas StateRead => Plain(get_roles);
    /// Gives somebody a permission.
    ["grant_permission"] (id: Str, who: Address, p: Str) gas StateWrite => Plain(|m, args| grant(m, args, Word::Permission));
    /// Takes a permission away.
    ["revoke_permission"] (id: Str, who: Address, p: Str) gas StateWrite => Plain(|m, args| revoke(m, args, Word::Permission));
    /// Whether somebody has a permission.
    ["has_permission"] (id: Str, who: Address, p: Str) gas StateRead => Plain(|m, args| has(m, args, Word::Permission));
    /// True, or an error unless `TX.caller` owns it.
    ["require_owner"] (id: Str, m: Str = "null") gas StateRead => Plain(require_owner);
    /// True, or an error unless `TX.caller` has the role.
    ["require_role"] (id: Str, r: Str, m: Str = "null") gas StateRead => Plain(require_role);
    /// True, or an error unless `TX.caller` has the permission.
    ["require_permission"] (id: Str, p: Str, m: Str = "null") gas StateRead => Plain(require_permission);
}

fn limit(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let depth = interp.depth();
    interp.machine().lower_gas(arg(args, 0), depth)?;
    Ok(Value::NULL)
}

fn with_caller(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let m = interp.machine();
    let value = match given(args, 2).map(Value::kind) {
        None => 0,
        Some(Kind::Int(n)) if n >= 0 => n as u64,
        _ => return Err(m.error(415, "a value is a non-negative integer of 63 bits")),
    };
    let caller = access::who(m, arg(args, 0));
    crate::calls::with_caller(interp, caller, arg(args, 1), value)
}

fn events(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let name = given(args, 0).and_then(|v| m.text(v)).cloned();
    crate::events::events(m, name.as_deref())
}

fn ledger_append(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let index = crate::ledger::append(m, arg(args, 0))?;
    Ok(context::unsigned(index))
}

fn ledger_entries(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let kind = match given(args, 0).and_then(|v| m.text(v)).cloned() {
        None => None,
        Some(name) => match EntryKind::from_name(&name) {
            Some(kind) => Some(kind),
            None => return Err(m.error(415, format!("unknown kind of ledger entries '{name}'"))),
        },
    };
    crate::ledger::entries(m, kind)
}

fn persist_set(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    may_write(m)?;
    let place = place::persistent(m.code.as_ref(), text_of(m, args, 0).as_bytes());
    state::write(m, &place, arg(args, 1))?;
    Ok(Value::NULL)
}

fn persist_get(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    may_read(m)?;
    let place = place::persistent(m.code.as_ref(), text_of(m, args, 0).as_bytes());
    if m.journal.read(&place).is_none() {
        state::pay_read(m, &place)?;
        return Ok(arg(args, 1));
    }
    state::snapshot_place(m, &place)
}

fn persist_delete(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    may_write(m)?;
    let place = place::persistent(m.code.as_ref(), text_of(m, args, 0).as_bytes());
    Ok(Value::bool(state::remove(m, &place)?))
}

fn who(m: &Machine, args: &[Value], i: usize) -> Arc<str> {
    access::who(m, arg(args, i))
}

fn set_owner(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (id, who) = (text_of(m, args, 0), who(m, args, 1));
    access::set_owner(m, &id, who)?;
    Ok(Value::NULL)
}

fn get_owner(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let id = text_of(m, args, 0);
    access::owner(m, &id)
}

fn is_owner(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (id, who) = (text_of(m, args, 0), who(m, args, 1));
    Ok(Value::bool(access::is_owner(m, &id, &who)?))
}

fn grant(m: &mut Machine, args: &[Value], word: Word) -> Result<Value, Trap> {
    access::grant(m, word, &[&text_of(m, args, 0), &who(m, args, 1), &text_of(m, args, 2)])?;
    Ok(Value::NULL)
}

fn revoke(m: &mut Machine, args: &[Value], word: Word) -> Result<Value, Trap> {
    access::revoke(m, word, &[&text_of(m, args, 0), &who(m, args, 1), &text_of(m, args, 2)])?;
    Ok(Value::NULL)
}

fn has(m: &mut Machine, args: &[Value], word: Word) -> Result<Value, Trap> {
    let held = access::has(m, word, &[&text_of(m, args, 0), &who(m, args, 1), &text_of(m, args, 2)])?;
    Ok(Value::bool(held))
}

fn get_roles(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (id, who) = (text_of(m, args, 0), who(m, args, 1));
    let names = access::role_list(m, &id, &who)?;
    let items: Result<Vec<Value>, Trap> = names.into_iter().map(|n| m.string(n)).collect();
    m.list(items?)
}

fn message(m: &Machine, args: &[Value], i: usize) -> Option<Arc<str>> {
    given(args, i).and_then(|v| m.text(v)).cloned()
}

fn require_owner(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (id, message) = (text_of(m, args, 0), message(m, args, 1));
    access::require_owner(m, &id, message)?;
    Ok(Value::TRUE)
}

fn require_role(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (id, role, message) = (text_of(m, args, 0), text_of(m, args, 1), message(m, args, 2));
    access::require_role(m, &id, &role, message)?;
    Ok(Value::TRUE)
}

fn require_permission(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (id, name, message) = (text_of(m, args, 0), text_of(m, args, 1), message(m, args, 2));
    access::require_permission(m, &id, &name, message)?;
    Ok(Value::TRUE)
}
