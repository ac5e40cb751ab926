//! Calls of actions, constructions, transactions (language.md 15.2-15.6, chain.md 9.3).
//!
//! Code runs only through [`Interp::call_method`]. What the tier does there for a function of the program, in this order: the hook
//! [`crate::policy::before_call`] if the function is `secure` or protected; [`crate::contracts::enter`] and
//! [`crate::contracts::leave`] if it is `view` or `pure`; parameters, of which one that is [`Value::UNDEF`] counts as not given;
//! the body, inside its modifiers.

use std::sync::Arc;

use zexus_bytecode::schedule;

use crate::args::arrange;
use crate::builtins::arity_error;
use crate::contracts::{Frame, instance_address, instance_record, may_write};
use crate::encode::cross;
use crate::heap::Ref;
use crate::interp::Interp;
use crate::machine::Machine;
use crate::object::{ContractObj, FunctionInfo};
use crate::state::{self, place};
use crate::trap::{Pending, Raised, Trap};
use crate::value::{Kind, Value};

mod dispatch;
mod members;

pub use dispatch::{
    Method, becomes_task, binary, call, call_found, call_method, call_plain, call_super, contract_member,
    find_method, index, indexed, is_callable, member, needs_check, operator_method, set_index, set_member,
    super_method,
};
pub use members::{field_history, load_field, read_member, store_field, write_member};

/// Opens a transaction or savepoint; the number by which [`tx_commit`] and [`tx_revert`] end it.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn tx_begin(m: &mut Machine) -> Result<u64, Trap> {
    let serial = m.journal.begin(&mut m.heap)?;
    m.journal.note_begin();
    Ok(serial)
}

/// Commits a transaction; those still open inside it are undone. Does nothing if it is not open.
pub fn tx_commit(m: &mut Machine, serial: u64) {
    m.journal.note_end(serial, true);
    m.journal.commit(&mut m.heap, serial);
}

/// Undoes a transaction and what is open inside it. Does nothing if it is not open.
pub fn tx_revert(m: &mut Machine, serial: u64) {
    m.journal.note_end(serial, false);
    m.journal.revert(&mut m.heap, serial);
}

/// The error of `revert` (E0503), bound to the innermost transaction. A reason of null counts as none.
pub fn revert(m: &mut Machine, reason: Value) -> Trap {
    let message = if reason.is_null() {
        "Transaction reverted".to_owned()
    } else {
        match crate::display::display(m, reason) {
            Ok(reason) => format!("Transaction reverted: {reason}"),
            Err(trap) => return trap,
        }
    };
    let mut pending = Pending::error(503, message);
    pending.bound = m.journal.innermost();
    m.pending = Some(Box::new(pending));
    Trap::Raised
}

/// Whether a `catch` must let the error that is on its way pass, because it is a `revert` whose transaction is still open.
pub fn passes_catch(m: &Machine) -> bool {
    m.pending.as_ref().and_then(|p| p.bound).is_some_and(|serial| m.journal.is_open(serial))
}

/// Ends the transaction `serial` by how its block ended.
///
/// # Errors
/// The error of the block.
pub fn tx_end(m: &mut Machine, serial: u64, result: Result<Value, Trap>) -> Result<Value, Trap> {
    match result {
        Ok(_) => tx_commit(m, serial),
        Err(_) => tx_revert(m, serial),
    }
    result
}

/// The instance that a contract value stands for: an instance itself, or the default instance of a contract, made on first use.
///
/// # Errors
/// What its construction raises; E0402 for another kind.
pub fn instance_of(interp: &mut dyn Interp, target: Value) -> Result<u32, Trap> {
    match target.kind() {
        Kind::ContractInstance(i) => Ok(i),
        Kind::Contract(c) => {
            let m = interp.machine();
            if let Some(i) = m.heap.contract(c).default_instance {
                // A rollback may have taken it away again.
                if m.journal.read(&place::instance(&m.addresses.bytes(i))).is_some() {
                    return Ok(i);
                }
            }
            let v = instantiate(interp, c, &[], &[])?;
            let m = interp.machine();
            let i = v.as_contract_instance().unwrap_or_default();
            m.heap.contract_mut(c).default_instance = Some(i);
            Ok(i)
        }
        _ => {
            let m = interp.machine();
            let found = crate::kinds::type_name(m, target).to_owned();
            Err(m.error(402, format!("expected a contract, got {found}")))
        }
    }
}

/// `C(args)`: a new instance (language.md 15.5). The construction is a transaction.
///
/// # Errors
/// E0404 for arguments that `init` does not take, E0508, E0510, E0512, and what initial values and `init` raise.
pub fn instantiate(
    interp: &mut dyn Interp,
    contract: Ref<ContractObj>,
    args: &[Value],
    named: &[(Arc<str>, Value)],
) -> Result<Value, Trap> {
    let m = interp.machine();
    check_depth(m)?;
    if m.context.frame.view {
        may_write(m)?;
    }
    m.charge_metered(schedule::INSTANCE)?;
    let init = m.heap.contract(contract).actions.get("init").copied();
    let info = init.and_then(|f| f.as_function()).map(|f| m.heap.function(f).info.clone());
    let given = !args.is_empty() || !named.is_empty();
    let init = match (init, info) {
        (Some(f), Some(info)) if given || info.fewest() == 0 => {
            let args = arrange(m, &info, args, named)?;
            if m.context.frame.next_value > 0 && !info.flags.is_payable() {
                return Err(not_payable(m, "init"));
            }
            Some((f, cross_all(m, &args)?))
        }
        (None, _) if given => {
            let name = m.heap.contract(contract).name.clone();
            return Err(arity_error(m, &name, 0, Some(0), args.len() + named.len()));
        }
        _ => None,
    };
    let base = m.stack.len();
    m.stack.push(Value::contract(contract));
    if let Some((_, args)) = &init {
        m.stack.extend_from_slice(args);
    }
    let serial = match tx_begin(m) {
        Ok(serial) => serial,
        Err(trap) => {
            m.stack.truncate(base);
            return Err(trap);
        }
    };
    let result = construct(interp, contract, init);
    let m = interp.machine();
    m.stack.truncate(base);
    finish(m, serial, result)
}

fn construct(
    interp: &mut dyn Interp,
    contract: Ref<ContractObj>,
    init: Option<(Value, Vec<Value>)>,
) -> Result<Value, Trap> {
    let m = interp.machine();
    let maker = zexus_crypto::caller_address(&m.context.frame.next_caller);
    let made = place::made_by(&maker);
    // The records of an instance are part of its price.
    let n = m.unmetered(|m| {
        let n = state::read_counter(m, &made)?;
        state::write_counter(m, &made, n + 1)?;
        Ok::<u64, Trap>(n)
    })?;
    let (module, name) = (m.heap.contract(contract).module.clone(), m.heap.contract(contract).name.clone());
    let code = m.code.unwrap_or_else(|| crate::contracts::code_hash(&module));
    let address = instance_address(&maker, n, &code);
    let record = instance_record(&code, &name, &maker);
    m.journal.write(&mut m.heap, place::instance(&address).into(), Some(record.into()))?;
    let this = m.contract_instance(address);
    let index = this.as_contract_instance().unwrap_or_default();
    m.know_contract(index, Some(contract));
    run_in(interp, index, |interp| {
        for i in 0.. {
            let m = interp.machine();
            let Some((name, field)) = m.heap.contract(contract).state.get_index(i) else { break };
            let (name, value) = (name.clone(), field.init);
            if !value.is_undef() {
                let v = match value.as_function() {
                    Some(_) => interp.call_method(value, this, &[])?,
                    None => value,
                };
                store_field(interp.machine(), index, &name, v)?;
            }
        }
        if let Some((f, args)) = init {
            interp.call_method(f, this, &args)?;
        }
        Ok(this)
    })
}

/// Runs `body` as the action of an instance that is called from here.
fn run_in(
    interp: &mut dyn Interp,
    index: u32,
    body: impl FnOnce(&mut dyn Interp) -> Result<Value, Trap>,
) -> Result<Value, Trap> {
    let m = interp.machine();
    let outer = &m.context.frame;
    let frame = Frame {
        caller: outer.next_caller.clone(),
        value: outer.next_value,
        instance: Some(index),
        next_caller: m.addresses.text(index).into(),
        next_value: 0,
        view: outer.view,
        pure: outer.pure,
    };
    let outer = std::mem::replace(&mut m.context.frame, frame);
    m.context.running.push(index);
    let result = body(interp);
    let m = interp.machine();
    m.context.running.pop();
    m.context.frame = outer;
    result
}

/// Commits and copies the result, or undoes and copies the error.
fn finish(m: &mut Machine, serial: u64, result: Result<Value, Trap>) -> Result<Value, Trap> {
    let result = match result {
        Ok(v) => cross(m, v),
        Err(trap) => Err(trap),
    };
    match result {
        Ok(v) => {
            tx_commit(m, serial);
            Ok(v)
        }
        Err(Trap::Raised) => {
            let mut pending = m.take_pending();
            // Live values among what was thrown mean what they meant inside, so the copy comes before the rollback.
            if let Raised::Value(v) = pending.raised
                && v.as_error().is_none()
            {
                match cross(m, v) {
                    Ok(copy) => pending.raised = Raised::Value(copy),
                    Err(Trap::Raised) => {
                        let refused = m.take_pending();
                        pending.raised = refused.raised;
                    }
                    Err(trap) => {
                        tx_revert(m, serial);
                        return Err(trap);
                    }
                }
            }
            tx_revert(m, serial);
            m.pending = Some(pending);
            Err(Trap::Raised)
        }
        Err(trap) => {
            tx_revert(m, serial);
            Err(trap)
        }
    }
}

fn check_depth(m: &mut Machine) -> Result<(), Trap> {
    if m.context.running.len() >= m.limits.external_depth as usize {
        return Err(m.error(512, "external calls are nested too deeply"));
    }
    Ok(())
}

#[cold]
fn not_payable(m: &mut Machine, action: &str) -> Trap {
    m.error(508, format!("'{action}' is not payable"))
}

fn cross_all(m: &mut Machine, args: &[Value]) -> Result<Vec<Value>, Trap> {
    args.iter().map(|v| if v.is_undef() { Ok(*v) } else { cross(m, *v) }).collect()
}

/// An external call of an action (chain.md 9.3): by its number of steps in this order.
///
/// # Errors
/// E0512, E0515, E0506, E0404, E0508, E0513, E0507, E0510, and what the action raises, copied.
pub fn call_action(
    interp: &mut dyn Interp,
    target: Value,
    name: &str,
    args: &[Value],
    named: &[(Arc<str>, Value)],
) -> Result<Value, Trap> {
    let m = interp.machine();
    check_depth(m)?;
    // The construction of a default instance runs code, during which nothing else holds the arguments.
    let base = m.stack.len();
    m.stack.extend_from_slice(args);
    m.stack.extend(named.iter().map(|(_, v)| *v));
    let index = instance_of(interp, target);
    let m = interp.machine();
    m.stack.truncate(base);
    let index = index?;
    let contract = m.live_contract(index)?;
    let Some((f, info)) = action(m, contract, name) else {
        let contract = m.heap.contract(contract).name.clone();
        return Err(m.error(515, format!("Action '{name}' not found in contract {contract}")));
    };
    if info.flags.is_private() {
        return Err(m.error(506, format!("action '{name}' is private")));
    }
    let args = arrange(m, &info, args, named)?;
    if m.context.frame.next_value > 0 && !info.flags.is_payable() {
        return Err(not_payable(m, name));
    }
    if !info.flags.is_reentrant() {
        check_entry(m, index)?;
    }
    if m.context.frame.pure && !info.flags.is_pure() {
        return Err(m.error(507, format!("a pure action cannot call '{name}', which is not pure")));
    }
    m.charge_metered(schedule::EXTERNAL_CALL)?;
    let args = cross_all(m, &args)?;
    let serial = tx_begin(m)?;
    let result =
        run_in(interp, index, |interp| interp.call_method(f, Value::contract_instance(index), &args));
    finish(interp.machine(), serial, result)
}

fn check_entry(m: &mut Machine, index: u32) -> Result<(), Trap> {
    if m.context.running.contains(&index) {
        return Err(m.error(513, "the contract cannot be entered again while one of its actions runs"));
    }
    Ok(())
}

/// An action of a contract with what is known of it. `constructor` is `init`.
pub fn action(m: &Machine, contract: Ref<ContractObj>, name: &str) -> Option<(Value, Arc<FunctionInfo>)> {
    let actions = &m.heap.contract(contract).actions;
    let f = match actions.get(name) {
        None if name == "constructor" => actions.get("init"),
        f => f,
    };
    let f = *f?;
    Some((f, m.heap.function(f.as_function()?).info.clone()))
}

/// An internal call of an action (`f()`, `this.f()`, `super.f()` in an action): a savepoint, without copies.
/// `args` are what [`arrange`] gave.
///
/// # Errors
/// Whatever the action raises.
pub fn call_internal(interp: &mut dyn Interp, f: Value, this: Value, args: &[Value]) -> Result<Value, Trap> {
    let serial = tx_begin(interp.machine())?;
    let result = interp.call_method(f, this, args);
    tx_end(interp.machine(), serial, result)
}

/// `with_caller(address, f, value)`: `f()` with this caller and value for the external calls made in it.
///
/// # Errors
/// E0519 inside a contract, and what `f` raises.
pub fn with_caller(interp: &mut dyn Interp, caller: Arc<str>, f: Value, value: u64) -> Result<Value, Trap> {
    let m = interp.machine();
    if m.context.frame.instance.is_some() {
        return Err(m.error(519, "with_caller cannot be used inside a contract"));
    }
    let frame = &mut m.context.frame;
    let before =
        (std::mem::replace(&mut frame.next_caller, caller), std::mem::replace(&mut frame.next_value, value));
    let result = interp.call(f, &[]);
    let frame = &mut interp.machine().context.frame;
    (frame.next_caller, frame.next_value) = before;
    result
}

#[cfg(test)]
mod tests;
