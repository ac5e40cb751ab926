//! Tasks and channels (language.md chapter 13), as builtins and as methods.

use super::{arg, given, rows};
use crate::heap::Ref;
use crate::interp::Interp;
use crate::machine::Machine;
use crate::object::{Barrier, Channel, Outcome, WaitGroup};
use crate::tasks::channels;
use crate::trap::Trap;
use crate::value::{Kind, Value};

rows! {
    ROWS in "";
    /// Sends a value; waits while the channel is full.
    ["send"] (c: Channel, v: Any) => Calling(send);
    /// Takes a value; waits for one; null if the channel is closed and empty.
    ["receive"] (c: Channel) => Calling(receive);
    /// Closes a channel.
    ["close_channel"] (c: Channel) => Plain(close);
    /// A channel that holds up to `n` values before `send` waits.
    ["channel"] (n: Int = "0") => Plain(channel);
    /// A counter that tasks can wait for.
    ["wait_group"] () => Plain(|m, _| channels::wait_group(m));
    /// Adds to a wait group.
    ["wg_add"] (w: WaitGroup, n: Int = "1") => Plain(group_add);
    /// Takes one from a wait group.
    ["wg_done"] (w: WaitGroup) => Plain(group_done);
    /// Waits until a wait group is at 0.
    ["wg_wait"] (w: WaitGroup) => Calling(group_wait);
    /// A barrier for `n` tasks.
    ["barrier"] (n: Int) => Plain(barrier);
    /// Waits until all tasks of the barrier have come.
    ["barrier_wait"] (b: Barrier) => Calling(barrier_wait);
    /// Makes a barrier ready again.
    ["barrier_reset"] (b: Barrier) => Plain(barrier_reset);
}

rows! {
    TASK in "@task";
    /// Whether the task has ended.
    ["is_done"] (t: Task) => Plain(is_done);
}

rows! {
    CHANNEL in "@channel";
    /// Sends a value; waits while the channel is full.
    ["send"] (c: Channel, v: Any) => Calling(send);
    /// Takes a value; waits for one; null if the channel is closed and empty.
    ["receive"] (c: Channel) => Calling(receive);
    /// Closes the channel.
    ["close"] (c: Channel) => Plain(close);
}

rows! {
    WAIT_GROUP in "@waitgroup";
    /// Adds to the counter.
    ["add"] (w: WaitGroup, n: Int = "1") => Plain(group_add);
    /// Takes one from the counter.
    ["done"] (w: WaitGroup) => Plain(group_done);
    /// Waits until the counter is 0.
    ["wait"] (w: WaitGroup) => Calling(group_wait);
}

rows! {
    BARRIER in "@barrier";
    /// Waits until all tasks have come.
    ["wait"] (b: Barrier) => Calling(barrier_wait);
    /// Makes the barrier ready again.
    ["reset"] (b: Barrier) => Plain(barrier_reset);
}

/// The most values that a channel holds.
const MOST_CAPACITY: i64 = 1 << 20;

fn channel_of(args: &[Value]) -> Ref<Channel> {
    arg(args, 0).as_channel().unwrap_or(Ref::from_index(0))
}

fn group_of(args: &[Value]) -> Ref<WaitGroup> {
    arg(args, 0).as_wait_group().unwrap_or(Ref::from_index(0))
}

fn barrier_of(args: &[Value]) -> Ref<Barrier> {
    arg(args, 0).as_barrier().unwrap_or(Ref::from_index(0))
}

fn send(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    channels::send(interp, channel_of(args), arg(args, 1))?;
    Ok(Value::NULL)
}

fn receive(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    Ok(channels::receive(interp, channel_of(args))?.unwrap_or(Value::NULL))
}

fn close(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    channels::close(m, channel_of(args));
    Ok(Value::NULL)
}

fn channel(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let capacity = capacity(m, given(args, 0))?;
    channels::channel(m, None, capacity)
}

/// The capacity that a channel is declared with.
///
/// # Errors
/// E0415 below 0 and above 1,048,576; E0402 for another kind.
pub fn capacity(m: &mut Machine, n: Option<Value>) -> Result<usize, Trap> {
    match n.map(Value::kind) {
        None => Ok(0),
        Some(Kind::Int(n)) if (0..=MOST_CAPACITY).contains(&n) => Ok(n as usize),
        Some(Kind::Int(_) | Kind::BigInt(_)) => {
            Err(m.error(415, format!("the capacity of a channel is a number from 0 to {MOST_CAPACITY}")))
        }
        Some(_) => Err(m.error(402, "the capacity of a channel is an integer")),
    }
}

fn group_add(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let n = match given(args, 1).map(Value::kind) {
        None => 1,
        Some(Kind::Int(n)) => n,
        _ => return Err(m.error(415, "the number is too large")),
    };
    channels::group_add(m, group_of(args), n)?;
    Ok(Value::NULL)
}

fn group_done(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    channels::group_add(m, group_of(args), -1)?;
    Ok(Value::NULL)
}

fn group_wait(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    channels::group_wait(interp, group_of(args))?;
    Ok(Value::NULL)
}

fn barrier(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    match arg(args, 0).as_int() {
        Some(parties) => channels::barrier(m, parties),
        None => Err(m.error(415, "the number is too large")),
    }
}

fn barrier_wait(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    channels::barrier_wait(interp, barrier_of(args))?;
    Ok(Value::NULL)
}

fn barrier_reset(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    channels::barrier_reset(m, barrier_of(args))?;
    Ok(Value::NULL)
}

fn is_done(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let done = arg(args, 0).as_task().is_some_and(|t| !matches!(m.heap.task(t).outcome, Outcome::Running));
    Ok(Value::bool(done))
}
