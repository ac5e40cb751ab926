//! Channels, wait groups and barriers (language.md 13.5).

use super::{may_wait, wait_at};
use crate::heap::Ref;
use crate::interp::Interp;
use crate::kinds::type_name;
use crate::machine::Machine;
use crate::object::{Barrier, Channel, WaitGroup};
use crate::trap::Trap;
use crate::types::{TypeSpec, fits};
use crate::value::Value;

/// A new channel.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn channel(m: &mut Machine, ty: Option<TypeSpec>, capacity: usize) -> Result<Value, Trap> {
    Ok(Value::channel(m.heap.alloc_channel(Channel { ty, capacity, ..Channel::default() })?))
}

#[cold]
fn closed(m: &mut Machine) -> Trap {
    m.error(421, "channel is closed")
}

/// `send(c, v)`.
///
/// # Errors
/// E0401, E0421; E0511 and E0422 if it would have to wait; [`Trap::Cancelled`].
pub fn send(interp: &mut dyn Interp, c: Ref<Channel>, v: Value) -> Result<(), Trap> {
    let m = interp.machine();
    if m.heap.channel(c).closed {
        return Err(closed(m));
    }
    if let Some(ty) = &m.heap.channel(c).ty
        && !fits(m, v, &ty.desc, &[])
    {
        let found = type_name(m, v).to_owned();
        let message = format!("Type mismatch: cannot send {found} to a channel of {}", ty.text);
        return Err(m.error(401, message));
    }
    let object = m.heap.channel_mut(c);
    if let Some(receiver) = object.receivers.pop_front() {
        m.sched.send_mail(receiver, Some(v));
        return Ok(());
    }
    if object.queue.len() < object.capacity {
        m.heap.charge(16)?;
        m.heap.channel_mut(c).queue.push_back(v);
        return Ok(());
    }
    may_wait(m)?;
    let me = m.sched.current;
    m.heap.channel_mut(c).senders.push_back((me, v));
    wait_at(interp, Value::channel(c))?;
    let m = interp.machine();
    match m.sched.mail.remove(&me) {
        Some(None) => Err(closed(m)),
        _ => Ok(()),
    }
}

/// `receive(c)`: `None` if the channel is closed and empty.
///
/// # Errors
/// E0511 and E0422 if it would have to wait; [`Trap::Cancelled`].
pub fn receive(interp: &mut dyn Interp, c: Ref<Channel>) -> Result<Option<Value>, Trap> {
    let m = interp.machine();
    let object = m.heap.channel_mut(c);
    let v = object.queue.pop_front();
    if v.is_some() {
        m.heap.release(16);
    }
    let sender = m.heap.channel_mut(c).senders.pop_front();
    if let Some((sender, sent)) = sender {
        m.sched.wake(sender);
        if v.is_none() {
            return Ok(Some(sent));
        }
        m.heap.charge(16)?;
        m.heap.channel_mut(c).queue.push_back(sent);
    }
    if v.is_some() || m.heap.channel(c).closed {
        return Ok(v);
    }
    may_wait(m)?;
    let me = m.sched.current;
    m.heap.channel_mut(c).receivers.push_back(me);
    wait_at(interp, Value::channel(c))?;
    Ok(interp.machine().sched.mail.remove(&me).flatten())
}

/// `close_channel(c)`.
pub fn close(m: &mut Machine, c: Ref<Channel>) {
    let object = m.heap.channel_mut(c);
    object.closed = true;
    let (receivers, senders) = (std::mem::take(&mut object.receivers), std::mem::take(&mut object.senders));
    for id in receivers.into_iter().chain(senders.into_iter().map(|(id, _)| id)) {
        m.sched.send_mail(id, None);
    }
}

/// `wait_group()`.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn wait_group(m: &mut Machine) -> Result<Value, Trap> {
    Ok(Value::wait_group(m.heap.alloc_wait_group(WaitGroup::default())?))
}

/// `wg_add(w, n)`, and `wg_done(w)` with -1.
///
/// # Errors
/// E0415 if the counter would be below 0 or beyond 64 bits.
pub fn group_add(m: &mut Machine, g: Ref<WaitGroup>, n: i64) -> Result<(), Trap> {
    let object = m.heap.wait_group_mut(g);
    let Some(count) = object.count.checked_add(n).filter(|c| *c >= 0) else {
        return Err(m.error(415, "the counter of a wait group cannot be below 0"));
    };
    object.count = count;
    if count == 0 {
        for id in std::mem::take(&mut object.waiters) {
            m.sched.wake(id);
        }
    }
    Ok(())
}

/// `wg_wait(w)`: waits for 0.
///
/// # Errors
/// E0511 and E0422 if it would have to wait; [`Trap::Cancelled`].
pub fn group_wait(interp: &mut dyn Interp, g: Ref<WaitGroup>) -> Result<(), Trap> {
    let m = interp.machine();
    if m.heap.wait_group(g).count == 0 {
        return Ok(());
    }
    may_wait(m)?;
    let me = m.sched.current;
    m.heap.wait_group_mut(g).waiters.push(me);
    wait_at(interp, Value::wait_group(g))
}

/// `barrier(n)`.
///
/// # Errors
/// E0415 for less than one party.
pub fn barrier(m: &mut Machine, parties: i64) -> Result<Value, Trap> {
    match usize::try_from(parties) {
        Ok(parties) if parties > 0 => {
            Ok(Value::barrier(m.heap.alloc_barrier(Barrier { parties, ..Barrier::default() })?))
        }
        _ => Err(m.error(415, format!("a barrier needs at least 1 party, got {parties}"))),
    }
}

/// `barrier_wait(b)`: the n-th waiter releases all.
///
/// # Errors
/// E0511 and E0422 if it would have to wait; [`Trap::Cancelled`].
pub fn barrier_wait(interp: &mut dyn Interp, b: Ref<Barrier>) -> Result<(), Trap> {
    let m = interp.machine();
    let object = m.heap.barrier_mut(b);
    if object.waiters.len() + 1 >= object.parties {
        for id in std::mem::take(&mut object.waiters) {
            m.sched.wake(id);
        }
        return Ok(());
    }
    may_wait(m)?;
    let me = m.sched.current;
    m.heap.barrier_mut(b).waiters.push(me);
    wait_at(interp, Value::barrier(b))
}

/// `barrier_reset(b)`.
///
/// # Errors
/// E0415 while somebody waits.
pub fn barrier_reset(m: &mut Machine, b: Ref<Barrier>) -> Result<(), Trap> {
    if m.heap.barrier(b).waiters.is_empty() {
        return Ok(());
    }
    Err(m.error(415, "a barrier with waiting tasks cannot be reset"))
}
