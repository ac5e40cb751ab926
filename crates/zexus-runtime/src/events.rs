//! Events, those who listen to them, and watches (language.md chapter 14).

use std::sync::Arc;

use zexus_bytecode::schedule;

use crate::contracts::{address_text, may_read, may_write};
use crate::encode::{Refusal, decode, encode_list};
use crate::interp::Interp;
use crate::journal::Event;
use crate::limits::RECORD_BYTES;
use crate::machine::Machine;
use crate::policy::{Confined, call_confined, within};
use crate::trap::Trap;
use crate::types::TypeSpec;
use crate::value::Value;

/// Who listens: the handlers of the run and its watches. The events themselves are in the journal.
#[derive(Debug, Default)]
pub struct Events {
    streams: Vec<(Arc<str>, Value, Confined)>,
    watches: Vec<Watch>,
    watch_ids: u64,
}

#[derive(Debug)]
struct Watch {
    id: u64,
    variables: Arc<[u32]>,
    /// A function without parameters that gives the watched value, or `UNDEF` for `watch { }`.
    expr: Value,
    block: Value,
    remembered: Value,
    running: bool,
    /// What the sandboxes leave in which it was set.
    confined: Confined,
}

impl Events {
    /// Whether anything is watched; if not, [`notify`] has nothing to do.
    #[inline]
    pub fn has_watches(&self) -> bool {
        !self.watches.is_empty()
    }

    /// Numbers that change whenever a handler or watch is set or dropped.
    pub(crate) fn changes(&self) -> [u64; 3] {
        [self.streams.len() as u64, self.watches.len() as u64, self.watch_ids]
    }

    fn watch(&mut self, id: u64) -> Option<&mut Watch> {
        self.watches.iter_mut().find(|w| w.id == id)
    }

    pub(crate) fn trace(&self, visit: &mut dyn FnMut(Value)) {
        self.streams.iter().for_each(|(_, f, _)| visit(*f));
        for w in &self.watches {
            visit(w.expr);
            visit(w.block);
            visit(w.remembered);
        }
    }
}

/// Checks the values of a declared event; `types` and `names` are as declared.
///
/// # Errors
/// E0401.
pub fn check_types(
    m: &mut Machine,
    event: &str,
    names: &[Arc<str>],
    types: &[Option<TypeSpec>],
    args: &[Value],
) -> Result<(), Trap> {
    for ((name, ty), v) in names.iter().zip(types).zip(args) {
        let Some(ty) = ty else { continue };
        let v = crate::state::plain(m, *v)?;
        if !crate::types::fits(m, v, &ty.desc, &[]) {
            let found = crate::kinds::type_name(m, v).to_owned();
            let message =
                format!("Type mismatch: parameter '{name}' of {event} expects {}, got {found}", ty.text);
            return Err(m.error(401, message));
        }
    }
    Ok(())
}

/// `emit NAME(args)`: appends the event and runs its handlers. `names` are the names of the values if the event declares some or
/// the map form was used; the values of a declared event were checked ([`check_types`]).
///
/// # Errors
/// E0507, E0516, E0510, E0408; E0430 beyond the limit of events; what the handlers raise.
pub fn emit(
    interp: &mut dyn Interp,
    name: &Arc<str>,
    args: &[Value],
    names: Option<Arc<[Arc<str>]>>,
) -> Result<(), Trap> {
    let m = interp.machine();
    may_write(m)?;
    if m.journal.events().len() as u64 >= m.limits.events {
        return Err(Trap::MemoryLimit);
    }
    let encoded = encode_list(m, args)?;
    if encoded.len() + name.len() > RECORD_BYTES {
        return Err(Refusal::Size(RECORD_BYTES).raise(m));
    }
    m.charge_units(schedule::EVENT, encoded.len())?;
    let origin = crate::ledger::origin(m);
    let event = Event { name: name.clone(), args: encoded.into(), names, origin };
    let index = m.journal.emit(&mut m.heap, event.clone())?;
    crate::policy::trail_event(m, name, args)?;
    // Handlers that are set while these run belong to later events.
    let subscribed = m.events.streams.len();
    for i in 0..subscribed {
        let m = interp.machine();
        let (handler, confined) = match m.events.streams.get(i) {
            Some((n, f, confined)) if n == name => (*f, confined.clone()),
            _ => continue,
        };
        let ev = event_value(m, &event, index)?;
        // A handler is code of the program: it does not act in the name of the contract that emitted.
        let outside = m.context.outside(&m.block);
        let frame = std::mem::replace(&mut m.context.frame, outside);
        let result = call_confined(interp, &confined, handler, &[ev]);
        interp.machine().context.frame = frame;
        result?;
    }
    Ok(())
}

/// `stream NAME as ev => { }`: subscribes a function of one parameter.
pub fn subscribe(m: &mut Machine, name: Arc<str>, handler: Value) {
    // A limit that is passed shows at the next count.
    let _ = m.keep(HANDLER_BYTES);
    let confined = m.policy.confined();
    m.events.streams.push((name, handler, confined));
}

/// What a watch and a handler are counted as.
const WATCH_BYTES: u64 = 128;
const HANDLER_BYTES: u64 = 32;

/// Entries of the map of an event.
const EVENT_ENTRIES: usize = 5;

/// The map of an event (language.md 14.1).
///
/// # Errors
/// [`Trap::MemoryLimit`].
fn event_value(m: &mut Machine, event: &Event, index: usize) -> Result<Value, Trap> {
    let args = decode(m, &event.args)?;
    let values = args.as_list().map(|l| m.heap.list(l).items.clone()).unwrap_or_default();
    // The entries of `data` are values of their own, as if they had been copied twice.
    let data: Vec<(&str, Value)> = match &event.names {
        Some(names) => names.iter().map(|n| &**n).zip(values).collect(),
        None => Vec::new(),
    };
    let data = m.record(&data)?;
    let name = m.string(event.name.clone())?;
    let contract = match &event.origin {
        Some(address) => m.string(address_text(address))?,
        None => Value::NULL,
    };
    let index = Value::int(index as i64);
    m.record(&[("name", name), ("args", args), ("data", data), ("contract", contract), ("index", index)])
}

/// `events(name)`: the list of events that stand, in order.
///
/// # Errors
/// E0507 in a `pure` call, [`Trap::MemoryLimit`].
pub fn events(m: &mut Machine, name: Option<&str>) -> Result<Value, Trap> {
    may_read(m)?;
    let wanted: Vec<(usize, Event)> = (m.journal.events().iter().enumerate())
        .filter(|(_, e)| name.is_none_or(|n| *n == *e.name))
        .map(|(i, e)| (i, e.clone()))
        .collect();
    let mut list = Vec::with_capacity(wanted.len());
    for (i, event) in wanted {
        m.tick()?;
        m.charge_units(schedule::STATE_READ, event.args.len())?;
        m.charge_units(schedule::LIST_ITEM, 1)?;
        m.charge_units(schedule::MAP_ENTRY, EVENT_ENTRIES)?;
        list.push(event_value(m, &event, i)?);
    }
    m.list(list)
}

/// Sets a watch (language.md 14.3) and gives the number by which [`drop_watches`] ends it. `variables` are the tier's numbers of
/// the variables that the expression names, or that the block reads if there is none. `expr` is a function without parameters that
/// gives the watched value, or `UNDEF` for `watch { }`, whose block runs at once.
///
/// # Errors
/// What the expression or the block raises; the watch is then not set.
pub fn set_watch(
    interp: &mut dyn Interp,
    variables: Arc<[u32]>,
    expr: Value,
    block: Value,
) -> Result<u64, Trap> {
    let m = interp.machine();
    m.keep(WATCH_BYTES)?;
    m.events.watch_ids += 1;
    let id = m.events.watch_ids;
    let confined = m.policy.confined();
    let remembered = Value::NULL;
    m.events.watches.push(Watch { id, variables, expr, block, remembered, running: true, confined });
    let result = if expr.is_undef() {
        interp.call(block, &[]).map(drop)
    } else {
        remember(interp, id, expr).map(drop)
    };
    let m = interp.machine();
    match result {
        Ok(()) => {
            if let Some(w) = m.events.watch(id) {
                w.running = false;
            }
            Ok(id)
        }
        Err(trap) => {
            drop_watches(m, &[id]);
            Err(trap)
        }
    }
}

/// Evaluates the expression of a watch and remembers a copy; whether it differs from what was remembered.
fn remember(interp: &mut dyn Interp, id: u64, expr: Value) -> Result<bool, Trap> {
    let v = interp.call(expr, &[])?;
    let m = interp.machine();
    let Some(old) = m.events.watch(id).map(|w| w.remembered) else { return Ok(false) };
    if crate::equal::equal(m, old, v)? {
        return Ok(false);
    }
    let copy = crate::copy::deep(m, v)?;
    if let Some(w) = m.events.watch(id) {
        w.remembered = copy;
    }
    Ok(true)
}

/// Ends watches: their scope has ended.
pub fn drop_watches(m: &mut Machine, ids: &[u64]) {
    let before = m.events.watches.len();
    m.events.watches.retain(|w| !ids.contains(&w.id));
    let dropped = before - m.events.watches.len();
    m.let_go(WATCH_BYTES * dropped as u64);
}

/// Called after a statement that assigned to, or changed in place, the variables `touched`.
///
/// # Errors
/// What expressions and blocks raise: an error of the statement.
pub fn notify(interp: &mut dyn Interp, touched: &[u32]) -> Result<(), Trap> {
    let m = interp.machine();
    if !m.events.has_watches() {
        return Ok(());
    }
    let concerned: Vec<u64> = (m.events.watches.iter())
        .filter(|w| w.variables.iter().any(|v| touched.contains(v)))
        .map(|w| w.id)
        .collect();
    for id in concerned {
        let Some(w) = interp.machine().events.watch(id) else { continue };
        let (expr, block, running, confined) = (w.expr, w.block, w.running, w.confined.clone());
        let changed = expr.is_undef() || within(interp, &confined, |interp| remember(interp, id, expr))?;
        if !changed || running {
            continue;
        }
        let Some(w) = interp.machine().events.watch(id) else { continue };
        w.running = true;
        let result = call_confined(interp, &confined, block, &[]);
        if let Some(w) = interp.machine().events.watch(id) {
            w.running = false;
        }
        result?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
