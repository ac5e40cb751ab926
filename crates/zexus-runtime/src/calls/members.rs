//! Members of contract instances, from outside and for their own actions (language.md 15.4, 15.5, 15.9).

use super::{check_entry, instance_of};
use crate::contracts::{may_read, may_write};
use crate::encode::cross;
use crate::heap::Ref;
use crate::interp::Interp;
use crate::machine::Machine;
use crate::object::ContractObj;
use crate::state::{self, place};
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// `c.x` from outside: a copy of a state variable, the address or the name (language.md 15.5).
///
/// # Errors
/// E0515, E0506, E0416, E0513, E0507.
pub fn read_member(interp: &mut dyn Interp, target: Value, name: &str) -> Result<Value, Trap> {
    if let (Kind::Contract(c), "name") = (target.kind(), name) {
        // Asking for its name makes no instance of a contract.
        let m = interp.machine();
        if !m.heap.contract(c).state.contains_key("name") {
            return m.string(m.heap.contract(c).name.clone());
        }
    }
    let index = instance_of(interp, target)?;
    let m = interp.machine();
    if name == "address"
        && m.addresses.contract(index).is_none_or(|c| !m.heap.contract(c).state.contains_key(name))
    {
        return m.string(m.addresses.text(index));
    }
    let contract = m.live_contract(index)?;
    let Some(field) = m.heap.contract(contract).state.get(name) else {
        let contract = m.heap.contract(contract).name.clone();
        return match name {
            "name" => m.string(contract),
            _ => Err(m.error(416, format!("contract {contract} has no field '{name}'"))),
        };
    };
    if field.private {
        return Err(m.error(506, format!("state variable '{name}' is private")));
    }
    check_entry(m, index)?;
    may_read(m)?;
    let v = state::read(m, &place::field(&m.addresses.bytes(index), name))?;
    cross(m, v)
}

/// `c.x = v` from outside: always E0509.
pub fn write_member(m: &mut Machine, target: Value) -> Trap {
    let name = m.contract_of(target).map_or_else(|| "contract".into(), |c| m.heap.contract(c).name.clone());
    m.error(509, format!("state of {name} can only be changed by its actions"))
}

/// The contract of an instance whose action runs, so that it exists.
fn running_contract(m: &mut Machine, instance: u32) -> Result<Ref<ContractObj>, Trap> {
    match m.addresses.contract(instance) {
        Some(contract) => Ok(contract),
        None => m.live_contract(instance),
    }
}

/// A state variable of the running instance, by its name: bare, or through `this` (language.md 15.4). Lists and maps are live.
/// Through `this`, also `address` and `name`.
///
/// # Errors
/// E0416 if there is none, E0507 in a `pure` call.
pub fn load_field(m: &mut Machine, instance: u32, name: &str) -> Result<Value, Trap> {
    let contract = running_contract(m, instance)?;
    if !m.heap.contract(contract).state.contains_key(name) {
        let contract = m.heap.contract(contract).name.clone();
        return match name {
            "address" => m.string(m.addresses.text(instance)),
            "name" => m.string(contract),
            _ => Err(m.error(416, format!("contract {contract} has no field '{name}'"))),
        };
    }
    may_read(m)?;
    state::read(m, &place::field(&m.addresses.bytes(instance), name))
}

/// Assigns a state variable of the running instance; its type is checked.
///
/// # Errors
/// E0416 if there is none, E0401, E0507, E0510, E0408.
pub fn store_field(m: &mut Machine, instance: u32, name: &str, v: Value) -> Result<(), Trap> {
    let contract = running_contract(m, instance)?;
    let Some((key, field)) = m.heap.contract(contract).state.get_key_value(name) else {
        let contract = m.heap.contract(contract).name.clone();
        return Err(m.error(416, format!("contract {contract} has no field '{name}'")));
    };
    let (key, field) = (key.clone(), field.clone());
    // The entries of a place of the state can be checked only after they have been read.
    let v = if field.ty.is_some() { state::plain(m, v)? } else { v };
    if let Some(ty) = &field.ty
        && !crate::types::fits(m, v, &ty.desc, &[])
    {
        let found = crate::kinds::type_name(m, v).to_owned();
        return Err(m.error(401, format!("Type mismatch: cannot assign {found} to {}", ty.text)));
    }
    crate::policy::trail_state(m, name, v)?;
    let place = place::field(&m.addresses.bytes(instance), name);
    if field.ledger {
        crate::ledger::assign(m, &place, &key, v)
    } else {
        may_write(m)?;
        state::write(m, &place, v)
    }
}

/// `x.history()` of a ledger variable of the running instance.
///
/// # Errors
/// E0507 in a `pure` call.
pub fn field_history(m: &mut Machine, instance: u32, name: &str) -> Result<Value, Trap> {
    let place = place::field(&m.addresses.bytes(instance), name);
    crate::ledger::history(m, &place)
}
