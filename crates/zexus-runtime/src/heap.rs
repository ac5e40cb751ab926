//! The heap: one pool per kind of object, byte accounting, mark and sweep.
//!
//! 1. A reference is an index into the pool of its kind. Nothing is dropped recursively.
//! 2. Collection happens only where the tier says that all live values are in its roots: never inside an operation or builtin.
//! 3. Sizes are counted by the formulas of chain.md 12, not by the allocator, so they are the same on every platform.
//! 4. In a metered run what was counted stays counted, and the limit is exact. In another run an operation may overshoot the limit
//!    by at most the limit itself; the next safe point collects and raises the error if what is alive is still too much.

use std::marker::PhantomData;

use crate::object::*;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// An index into the pool of `T`.
pub struct Ref<T>(u32, PhantomData<fn() -> T>);

impl<T> Ref<T> {
    /// The index.
    #[inline]
    pub const fn index(self) -> u32 {
        self.0
    }

    pub(crate) const fn from_index(i: u32) -> Self {
        Ref(i, PhantomData)
    }
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Ref<T> {}
impl<T> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Ref<T> {}
impl<T> std::hash::Hash for Ref<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> std::fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// What the collector must know of an object.
pub trait Object: Default {
    /// Bytes by the formulas of chain.md 12, as of now.
    fn size(&self) -> u64;
    /// Calls `visit` for each value that this object holds.
    fn trace(&self, visit: &mut dyn FnMut(Value));
    /// Called for an object that a collection found alive: lets go of what it holds needlessly.
    fn tidy(&mut self) {}
}

/// The objects of one kind.
#[derive(Debug)]
pub struct Pool<T> {
    slots: Vec<T>,
    used: Vec<bool>,
    marked: Vec<bool>,
    free: Vec<u32>,
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Pool { slots: Vec::new(), used: Vec::new(), marked: Vec::new(), free: Vec::new() }
    }
}

impl<T: Object> Pool<T> {
    #[inline]
    fn alloc(&mut self, object: T) -> Ref<T> {
        if let Some(i) = self.free.pop() {
            self.slots[i as usize] = object;
            self.used[i as usize] = true;
            return Ref::from_index(i);
        }
        let i = self.slots.len() as u32;
        self.slots.push(object);
        self.used.push(true);
        self.marked.push(false);
        Ref::from_index(i)
    }

    #[inline]
    fn get(&self, r: Ref<T>) -> &T {
        debug_assert!(self.used[r.0 as usize], "stale reference {r:?}");
        &self.slots[r.0 as usize]
    }

    #[inline]
    fn get_mut(&mut self, r: Ref<T>) -> &mut T {
        debug_assert!(self.used[r.0 as usize], "stale reference {r:?}");
        &mut self.slots[r.0 as usize]
    }

    /// Marks; true if it was not marked before.
    fn mark(&mut self, i: u32) -> bool {
        !std::mem::replace(&mut self.marked[i as usize], true)
    }

    /// Frees what is not marked; the bytes that stay.
    fn sweep(&mut self) -> u64 {
        let mut bytes = 0;
        for i in 0..self.slots.len() {
            if std::mem::replace(&mut self.marked[i], false) {
                self.slots[i].tidy();
                bytes += self.slots[i].size();
            } else if std::mem::replace(&mut self.used[i], false) {
                self.slots[i] = T::default();
                self.free.push(i as u32);
            }
        }
        bytes
    }
}

macro_rules! pools {
    ($( $field:ident: $obj:ty, $kind:ident, $get:ident, $get_mut:ident, $alloc:ident; )*) => {
        /// All objects of a machine.
        #[derive(Debug, Default)]
        pub struct Heap {
            $( $field: Pool<$obj>, )*
            bytes: u64,
            limit: u64,
            threshold: u64,
            metered: bool,
        }

        impl Heap {
            $(
                /// The object.
                #[inline]
                pub fn $get(&self, r: Ref<$obj>) -> &$obj { self.$field.get(r) }

                /// The object, to be changed; growth is counted with [`Heap::charge`] before.
                #[inline]
                pub fn $get_mut(&mut self, r: Ref<$obj>) -> &mut $obj { self.$field.get_mut(r) }

                /// Counts and stores a new object.
                ///
                /// # Errors
                /// [`Trap::MemoryLimit`].
                #[inline]
                pub fn $alloc(&mut self, object: $obj) -> Result<Ref<$obj>, Trap> {
                    self.charge(object.size())?;
                    Ok(self.$field.alloc(object))
                }
            )*

            fn mark(&mut self, roots: &mut Roots<'_>) {
                let mut work: Vec<Value> = Vec::new();
                roots(&mut |v| if v.is_heap() { work.push(v) });
                while let Some(v) = work.pop() {
                    match v.kind() {
                        $( Kind::$kind(r) if self.$field.mark(r.index()) => {
                            self.$field.get(r).trace(&mut |v| if v.is_heap() { work.push(v) });
                        } )*
                        _ => {}
                    }
                }
            }

            fn sweep(&mut self) -> u64 {
                let mut bytes = 0;
                $( bytes += self.$field.sweep(); )*
                bytes
            }
        }
    };
}

pools! {
    bigints: BigIntObj, BigInt, bigint, bigint_mut, alloc_bigint;
    strs: StrObj, Str, str, str_mut, alloc_str;
    bytes_objs: BytesObj, Bytes, bytes_obj, bytes_obj_mut, alloc_bytes;
    lists: ListObj, List, list, list_mut, alloc_list;
    maps: MapObj, Map, map, map_mut, alloc_map;
    ranges: RangeObj, Range, range, range_mut, alloc_range;
    functions: FunctionObj, Function, function, function_mut, alloc_function;
    instances: InstanceObj, Instance, instance, instance_mut, alloc_instance;
    enums: EnumObj, Enum, enumeration, enumeration_mut, alloc_enum;
    types: TypeObj, Type, ty, ty_mut, alloc_type;
    contracts: ContractObj, Contract, contract, contract_mut, alloc_contract;
    modules: ModuleObj, Module, module, module_mut, alloc_module;
    tasks: TaskObj, Task, task, task_mut, alloc_task;
    channels: Channel, Channel, channel, channel_mut, alloc_channel;
    wait_groups: WaitGroup, WaitGroup, wait_group, wait_group_mut, alloc_wait_group;
    barriers: Barrier, Barrier, barrier, barrier_mut, alloc_barrier;
    errors: ErrorObj, Error, error, error_mut, alloc_error;
    lives: LiveObj, Live, live, live_mut, alloc_live;
    cells: Cell, Cell, cell, cell_mut, alloc_cell;
    iters: IterObj, Iter, iter, iter_mut, alloc_iter;
}

/// Calls the function it is given for every root.
pub type Roots<'a> = dyn FnMut(&mut dyn FnMut(Value)) + 'a;

/// The first collection happens when this much is counted.
const FIRST_COLLECTION: u64 = 64 << 20;

impl Heap {
    /// An empty heap. `metered`: what was counted stays counted, and nothing is collected.
    pub fn new(limit: u64, metered: bool) -> Heap {
        Heap { limit, metered, threshold: FIRST_COLLECTION.min(limit), ..Heap::default() }
    }

    /// Bytes counted now.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Counts `n` bytes before they are used.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`] if they cannot fit (rule 4 of this file).
    #[inline]
    pub fn charge(&mut self, n: u64) -> Result<(), Trap> {
        self.bytes = self.bytes.saturating_add(n);
        if self.bytes > self.limit { self.over(n) } else { Ok(()) }
    }

    #[cold]
    fn over(&mut self, n: u64) -> Result<(), Trap> {
        if self.metered || n > self.limit || self.bytes > self.limit.saturating_mul(2) {
            return Err(Trap::MemoryLimit);
        }
        Ok(())
    }

    /// Bytes that can still be counted before [`Trap::MemoryLimit`]: what an operation may build without asking for each byte.
    pub fn available(&self) -> u64 {
        let ceiling = if self.metered { self.limit } else { self.limit.saturating_mul(2) };
        ceiling.saturating_sub(self.bytes).min(self.limit)
    }

    /// Checks that `n` bytes can be counted, without counting them: before an object of known size is built.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    #[inline]
    pub fn room(&self, n: u64) -> Result<(), Trap> {
        if n > self.available() { Err(Trap::MemoryLimit) } else { Ok(()) }
    }

    /// A map to be changed, and a string: for looking up a key without copying it.
    #[inline]
    pub fn map_and_str(&mut self, map: Ref<MapObj>, text: Ref<StrObj>) -> (&mut MapObj, &StrObj) {
        (self.maps.get_mut(map), self.strs.get(text))
    }

    /// Gives back bytes that an object no longer holds (a list that shrank); never in a metered run.
    pub fn release(&mut self, n: u64) {
        if !self.metered {
            self.bytes = self.bytes.saturating_sub(n);
        }
    }

    /// Counts again, after a collection, what is kept outside the pools: the journal and what [`crate::Machine::keep`] counted. Nothing in a metered run, where it stayed
    /// counted.
    ///
    /// # Errors
    /// As [`Heap::charge`].
    pub fn recharge(&mut self, n: u64) -> Result<(), Trap> {
        if self.metered { Ok(()) } else { self.charge(n) }
    }

    /// From here on what is counted stays counted, and nothing is collected.
    pub fn stop_collecting(&mut self) {
        self.metered = true;
        self.threshold = u64::MAX;
    }

    /// Whether the tier should call [`Heap::collect`] at its next safe point.
    #[inline]
    pub fn wants_collection(&self) -> bool {
        self.bytes > self.threshold
    }

    /// Collects at the next safe point whatever is counted; used by the stress mode of the tests.
    pub fn force_collection(&mut self) {
        if !self.metered {
            self.threshold = 0;
        }
    }

    /// Marks from `roots` and sweeps.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`] if what is alive is above the limit.
    pub fn collect(&mut self, roots: &mut Roots<'_>) -> Result<(), Trap> {
        if self.metered {
            return if self.bytes > self.limit { Err(Trap::MemoryLimit) } else { Ok(()) };
        }
        let stress = self.threshold == 0;
        self.mark(roots);
        self.bytes = self.sweep();
        if self.bytes > self.limit {
            return Err(Trap::MemoryLimit);
        }
        if !stress {
            self.threshold = self.bytes.saturating_mul(2).max(FIRST_COLLECTION).min(self.limit);
        }
        Ok(())
    }
}
