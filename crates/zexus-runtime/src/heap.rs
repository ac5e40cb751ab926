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
    /// Whether an object of this kind can hold values.
    const HOLDS: bool = false;
    /// Calls `visit` for each value that this object holds; it may leave out those that are not in the heap.
    fn trace(&self, _visit: &mut dyn FnMut(Value)) {}
    /// Called for an object that a collection found alive: lets go of what it holds needlessly.
    fn tidy(&mut self) {}
}

/// The objects of one kind.
#[derive(Debug)]
pub struct Pool<T> {
    slots: Vec<T>,
    /// Slots without an object; the next one to be used last.
    free: Vec<u32>,
    #[cfg(debug_assertions)]
    used: Vec<bool>,
    /// Objects below were there at [`Heap::mark_base`].
    base: u32,
    /// Whether one of them was taken to be changed since.
    base_changed: bool,
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Pool {
            slots: Vec::new(),
            free: Vec::new(),
            #[cfg(debug_assertions)]
            used: Vec::new(),
            base: 0,
            base_changed: false,
        }
    }
}

/// Objects of a kind for which a cleared pool keeps its room.
const KEPT_SLOTS: usize = 4096;

impl<T: Object> Pool<T> {
    #[inline]
    fn alloc(&mut self, object: T) -> Ref<T> {
        if let Some(i) = self.free.pop() {
            self.slots[i as usize] = object;
            #[cfg(debug_assertions)]
            (self.used[i as usize] = true);
            return Ref::from_index(i);
        }
        let i = self.slots.len() as u32;
        self.slots.push(object);
        #[cfg(debug_assertions)]
        self.used.push(true);
        Ref::from_index(i)
    }

    #[inline]
    fn get(&self, r: Ref<T>) -> &T {
        #[cfg(debug_assertions)]
        assert!(self.used[r.0 as usize], "stale reference {r:?}");
        &self.slots[r.0 as usize]
    }

    #[inline]
    fn get_mut(&mut self, r: Ref<T>) -> &mut T {
        #[cfg(debug_assertions)]
        assert!(self.used[r.0 as usize], "stale reference {r:?}");
        self.base_changed |= r.0 < self.base;
        &mut self.slots[r.0 as usize]
    }

    /// Drops all objects. Room for as many as a small run makes is kept.
    fn clear(&mut self) {
        if self.slots.capacity() > KEPT_SLOTS {
            *self = Pool::default();
            return;
        }
        self.slots.clear();
        self.free.clear();
        #[cfg(debug_assertions)]
        self.used.clear();
    }

    fn set_base(&mut self, base: u32) {
        (self.base, self.base_changed) = (base, false);
    }

    /// Drops what was made since `base`, a number of objects then; whether everything before is as it was.
    fn rewind(&mut self, base: u32) -> bool {
        let unchanged = !self.base_changed && self.free.is_empty();
        self.slots.truncate(base as usize);
        #[cfg(debug_assertions)]
        self.used.truncate(base as usize);
        unchanged
    }

    /// Frees what is not marked, and counts what stays.
    fn sweep(&mut self, marked: &Bits, alive: &mut Alive) {
        let mut freed = Bits::new(self.slots.len());
        for i in &self.free {
            freed.set(*i);
        }
        self.free.clear();
        // Backward, so that low slots are used again first and the pool stays dense.
        for (i, slot) in self.slots.iter_mut().enumerate().rev() {
            let i = i as u32;
            if marked.has(i) {
                slot.tidy();
                alive.bytes += slot.size();
                alive.objects += 1;
                continue;
            }
            if !freed.has(i) {
                *slot = T::default();
                #[cfg(debug_assertions)]
                (self.used[i as usize] = false);
            }
            self.free.push(i);
        }
    }
}

/// What a collection has left.
#[derive(Debug, Default)]
struct Alive {
    bytes: u64,
    objects: u64,
}

/// A bit for each slot of a pool.
#[derive(Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(n: usize) -> Bits {
        Bits(vec![0; n.div_ceil(64)])
    }

    #[inline]
    fn has(&self, i: u32) -> bool {
        self.0[i as usize / 64] >> (i % 64) & 1 != 0
    }

    /// Sets a bit; whether it was not set before.
    #[inline]
    fn set(&mut self, i: u32) -> bool {
        let (word, bit) = (&mut self.0[i as usize / 64], 1 << (i % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

macro_rules! pools {
    ($( $field:ident: $obj:ty, $kind:ident, $get:ident, $get_mut:ident, $alloc:ident; )*) => {
        /// How many objects there were at some moment, and what they weighed.
        #[derive(Clone, Debug)]
        pub struct Base { bytes: u64, $( $field: u32, )* }

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
            /// Drops all objects; nothing is counted any more, and collections happen again. Every reference becomes stale.
            pub fn clear(&mut self) {
                $( self.$field.clear(); )*
                (self.bytes, self.metered) = (0, false);
                self.threshold = LEAST_GROWTH.min(self.limit);
            }

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

            /// Notes the objects that there are, in a machine that does not collect. [`Heap::rewind`] goes back to here.
            pub fn mark_base(&mut self) -> Base {
                let base = Base { bytes: self.bytes, $( $field: self.$field.slots.len() as u32, )* };
                self.put_base(&base);
                base
            }

            fn put_base(&mut self, base: &Base) {
                $( self.$field.set_base(base.$field); )*
            }

            /// Drops every object that was made since `base`; whether those before are as they were, so that it can go on.
            pub fn rewind(&mut self, base: &Base) -> bool {
                self.bytes = base.bytes;
                // Inline caches name types by their place.
                let mut unchanged = self.types.slots.len() as u32 == base.types;
                $( unchanged &= self.$field.rewind(base.$field); )*
                self.put_base(base);
                unchanged
            }

            /// Marks what can be reached from `roots`, and counts these.
            fn mark(&self, roots: &mut Roots<'_>) -> (Marks, u64) {
                let mut marks = Marks { $( $field: Bits::new(self.$field.slots.len()), )* work: Vec::new() };
                let mut count = 0;
                roots(&mut |v| {
                    count += 1;
                    marks.visit(v);
                });
                while let Some(v) = marks.work.pop() {
                    match v.kind() {
                        $( Kind::$kind(r) => self.$field.get(r).trace(&mut |v| marks.visit(v)), )*
                        _ => {}
                    }
                }
                (marks, count)
            }

            fn sweep(&mut self, marks: &Marks) -> Alive {
                let mut alive = Alive::default();
                $( self.$field.sweep(&marks.$field, &mut alive); )*
                alive
            }
        }

        /// What a collection has reached.
        struct Marks {
            $( $field: Bits, )*
            /// Objects that are marked and not traced.
            work: Vec<Value>,
        }

        impl Marks {
            #[inline]
            fn visit(&mut self, v: Value) {
                if !v.is_heap() {
                    return;
                }
                let trace = match v.kind() {
                    $( Kind::$kind(r) => self.$field.set(r.index()) && <$obj as Object>::HOLDS, )*
                    _ => false,
                };
                if trace {
                    self.work.push(v);
                }
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

/// Where the objects of a pool lie, and the counters, from the beginning of a [`Heap`].
#[allow(missing_docs)]
pub(crate) mod layout {
    use std::mem::offset_of;

    use super::*;

    pub const HEAP_LISTS: usize = offset_of!(Heap, lists) + offset_of!(Pool<ListObj>, slots);
    pub const HEAP_FUNCTIONS: usize = offset_of!(Heap, functions) + offset_of!(Pool<FunctionObj>, slots);
    pub const HEAP_INSTANCES: usize = offset_of!(Heap, instances) + offset_of!(Pool<InstanceObj>, slots);
    pub const HEAP_CELLS: usize = offset_of!(Heap, cells) + offset_of!(Pool<Cell>, slots);
    pub const HEAP_BYTES: usize = offset_of!(Heap, bytes);
    pub const HEAP_LIMIT: usize = offset_of!(Heap, limit);
    pub const HEAP_THRESHOLD: usize = offset_of!(Heap, threshold);
}

/// Calls the function it is given for every root.
pub type Roots<'a> = dyn FnMut(&mut dyn FnMut(Value)) + 'a;

/// Bytes that are counted at least between two collections: few enough that what a program makes and drops stays in the caches.
const LEAST_GROWTH: u64 = 512 << 10;

/// Bytes that are counted at least between two collections for each root of the last one, which pay for looking at it.
const GROWTH_PER_ROOT: u64 = 16;

/// Bytes that are counted at least between two collections for each object alive, which pay for marking it: as many as a small object
/// has. Large lists are looked at faster, so they may make up more of the heap's peak.
const GROWTH_PER_OBJECT: u64 = 48;

impl Heap {
    /// An empty heap. `metered`: what was counted stays counted, and nothing is collected.
    pub fn new(limit: u64, metered: bool) -> Heap {
        Heap { limit, metered, threshold: LEAST_GROWTH.min(limit), ..Heap::default() }
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

    /// Notes that an object of `n` counted bytes shares them with another, so that they are no reason to collect.
    pub(crate) fn shared(&mut self, n: u64) {
        if !self.metered && self.threshold > 0 {
            self.threshold = self.threshold.saturating_add(n).min(self.limit);
        }
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

    /// Marks from `roots` and sweeps; `outside` is what is counted for things that are kept outside the pools.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`] if what is alive is above the limit.
    pub fn collect(&mut self, outside: u64, roots: &mut Roots<'_>) -> Result<(), Trap> {
        if self.metered {
            return if self.bytes > self.limit { Err(Trap::MemoryLimit) } else { Ok(()) };
        }
        let stress = self.threshold == 0;
        let (marks, roots) = self.mark(roots);
        let alive = self.sweep(&marks);
        self.bytes = alive.bytes.saturating_add(outside);
        if self.bytes > self.limit {
            return Err(Trap::MemoryLimit);
        }
        if !stress {
            let work =
                (roots.saturating_mul(GROWTH_PER_ROOT)).max(alive.objects.saturating_mul(GROWTH_PER_OBJECT));
            let growth = (alive.bytes / 3).max(LEAST_GROWTH).max(work);
            self.threshold = self.bytes.saturating_add(growth).min(self.limit);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(heap: &mut Heap, items: &[Value]) -> Ref<ListObj> {
        heap.alloc_list(ListObj { items: items.to_vec(), sealed: false }).unwrap()
    }

    #[test]
    fn a_collection_keeps_what_roots_reach_and_counts_it() {
        let mut heap = Heap::new(1 << 30, false);
        let inner = list(&mut heap, &[Value::NULL]);
        let dead = list(&mut heap, &[]);
        let outer = list(&mut heap, &[Value::list(inner), Value::list(inner)]);
        // A list that holds itself ends, too.
        heap.list_mut(outer).items.push(Value::list(outer));
        heap.collect(7, &mut |visit| visit(Value::list(outer))).unwrap();
        assert_eq!(heap.bytes(), (32 + 16) + (32 + 3 * 16) + 7);
        // The slot that became free is used again.
        assert_eq!(list(&mut heap, &[]), dead);
        assert_eq!(heap.list(inner).items.len(), 1);
    }

    #[test]
    fn slots_that_stay_free_are_used_from_the_lowest() {
        let mut heap = Heap::new(1 << 30, false);
        let lists: Vec<_> = (0..100).map(|_| list(&mut heap, &[])).collect();
        let kept = lists[70];
        for _ in 0..2 {
            heap.collect(0, &mut |visit| visit(Value::list(kept))).unwrap();
        }
        let again: Vec<_> = (0..100).map(|_| list(&mut heap, &[])).collect();
        let expected: Vec<_> = (0..101).filter(|i| *i != kept.index()).map(Ref::from_index).collect();
        assert_eq!(again, expected);
    }

    #[test]
    fn collections_come_further_apart_the_more_is_alive() {
        let mut heap = Heap::new(1 << 30, false);
        let mut wanted = |outside: u64, roots: usize| {
            heap.collect(outside, &mut |visit| (0..roots).for_each(|_| visit(Value::NULL))).unwrap();
            heap.charge(LEAST_GROWTH).unwrap();
            let early = heap.wants_collection();
            heap.charge(1).unwrap();
            (early, heap.wants_collection())
        };
        assert_eq!(wanted(0, 0), (false, true));
        assert_eq!(wanted(100 << 20, 0), (false, true));
        assert_eq!(wanted(0, 1 << 20), (false, false));
        let mut heap = Heap::new(1 << 30, false);
        let items = vec![Value::NULL; 1 << 20];
        let kept = list(&mut heap, &items);
        heap.collect(0, &mut |visit| visit(Value::list(kept))).unwrap();
        heap.charge((16 << 20) / 3).unwrap();
        assert!(!heap.wants_collection());
        heap.charge(33).unwrap();
        assert!(heap.wants_collection());
        let kept: Vec<_> = (0..1 << 16).map(|_| Value::list(list(&mut heap, &[]))).collect();
        heap.collect(0, &mut |visit| kept.iter().for_each(|v| visit(*v))).unwrap();
        heap.charge(GROWTH_PER_OBJECT << 16).unwrap();
        assert!(!heap.wants_collection());
        heap.charge(1).unwrap();
        assert!(heap.wants_collection());
    }

    #[test]
    fn what_is_shared_is_no_reason_to_collect_before_the_limit() {
        let mut heap = Heap::new(4 << 20, false);
        heap.charge(1 << 20).unwrap();
        assert!(heap.wants_collection());
        heap.shared(1 << 20);
        assert!(!heap.wants_collection());
        heap.shared(100 << 20);
        heap.charge(3 << 20).unwrap();
        assert!(!heap.wants_collection());
        heap.charge(1).unwrap();
        assert!(heap.wants_collection());
    }
}
