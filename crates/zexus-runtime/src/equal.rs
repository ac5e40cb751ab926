//! `==` (language.md 4.1): never fails, not even on values that contain themselves.
//!
//! Pairs of containers that were compared are joined into classes (as two automata are compared), so a pair that follows from
//! those before is not looked at again: the time is linear in the parts of both values, however they share and whatever contains
//! itself. This is sound because a difference found anywhere ends the comparison.

use rustc_hash::{FxHashMap, FxHashSet};
use zexus_bytecode::operator::BinOp;
use zexus_bytecode::{num, schedule};

use crate::display::hidden;
use crate::key::Key;
use crate::machine::Machine;
use crate::meter::Meter;
use crate::ops::{REDACTED, integer_of, limbs, num_of, texts_of_equal_length};
use crate::state;
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// Whether two values are equal where this is known without looking inside: `None` for two lists, maps or instances.
#[inline]
pub fn scalars(m: &Machine, a: Value, b: Value) -> Option<bool> {
    Some(match (a.kind(), b.kind()) {
        (Kind::Int(x), Kind::Int(y)) => x == y,
        (Kind::Float(x), Kind::Float(y)) => x == y,
        (Kind::Str(x), Kind::Str(y)) => x == y || m.heap.str(x).text() == m.heap.str(y).text(),
        (Kind::List(_) | Kind::Live(_), Kind::List(_) | Kind::Live(_))
        | (Kind::Map(_) | Kind::Live(_), Kind::Map(_) | Kind::Live(_))
        | (Kind::Live(_), Kind::Null)
        | (Kind::Null, Kind::Live(_))
        | (Kind::Instance(_), Kind::Instance(_)) => return None,
        (Kind::Bytes(x), Kind::Bytes(y)) => m.heap.bytes_obj(x).0 == m.heap.bytes_obj(y).0,
        (Kind::Range(x), Kind::Range(y)) => {
            let (x, y) = (m.heap.range(x), m.heap.range(y));
            (x.start, x.end) == (y.start, y.end) || x.is_empty() && y.is_empty()
        }
        _ => match (num_of(m, a), num_of(m, b)) {
            (Some(x), Some(y)) => num::equal(x, y),
            (None, None) => a.same(b),
            _ => false,
        },
    })
}

/// Whether `a == b`, without operator methods.
///
/// # Errors
/// What reading of the state raises, [`Trap::OutOfGas`].
pub fn equal(m: &mut Machine, a: Value, b: Value) -> Result<bool, Trap> {
    let mut walk = Walk { pairs: vec![(a, b)], ..Walk::default() };
    if !m.meter.is_metered() {
        return walk.run(m);
    }
    m.charge_units(schedule::VALUE, 1)?;
    // The walk holds the heap, so it pays with the meter apart from the machine.
    std::mem::swap(&mut m.meter, &mut walk.meter);
    let result = walk.run(m);
    std::mem::swap(&mut m.meter, &mut walk.meter);
    result
}

type Node = (u8, u64);

#[derive(Default)]
struct Walk {
    pairs: Vec<(Value, Value)>,
    /// Union-find over the containers: the parent of those that are not the root of their class.
    parents: FxHashMap<Node, Node>,
    /// Containers that were compared with themselves, which a NaN inside makes worth looking at.
    selves: FxHashSet<Node>,
    /// The string that redacted fields show.
    redacted: Option<Value>,
    /// The meter of the run if it is metered.
    meter: Meter,
}

impl Walk {
    fn run(&mut self, m: &mut Machine) -> Result<bool, Trap> {
        while let Some((a, b)) = self.pairs.pop() {
            let a = self.loaded(m, a)?;
            let b = self.loaded(m, b)?;
            let same = match scalars(m, a, b) {
                Some(same) => same,
                None => !self.join(a, b) || self.parts(m, a, b)?,
            };
            if !same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn loaded(&mut self, m: &mut Machine, v: Value) -> Result<Value, Trap> {
        match v.kind() {
            Kind::Live(l) if self.meter.is_metered() => {
                std::mem::swap(&mut m.meter, &mut self.meter);
                let copy = state::snapshot(m, l);
                std::mem::swap(&mut m.meter, &mut self.meter);
                copy
            }
            Kind::Live(l) => state::snapshot(m, l),
            _ => Ok(v),
        }
    }

    fn root(&mut self, node: Node) -> Node {
        let mut root = node;
        while let Some(parent) = self.parents.get(&root) {
            root = *parent;
        }
        let mut at = node;
        while at != root {
            match self.parents.insert(at, root) {
                Some(next) => at = next,
                None => break,
            }
        }
        root
    }

    /// Joins the classes of two containers; whether they were apart.
    fn join(&mut self, a: Value, b: Value) -> bool {
        let (a, b) = ((a.tag() as u8, a.bits()), (b.tag() as u8, b.bits()));
        if a == b {
            return self.selves.insert(a);
        }
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.parents.insert(a, b);
        }
        a != b
    }

    /// Compares what two containers are and puts the pairs of their parts on the stack.
    fn parts(&mut self, m: &mut Machine, a: Value, b: Value) -> Result<bool, Trap> {
        match (a.kind(), b.kind()) {
            (Kind::List(x), Kind::List(y)) => {
                let (x, y) = (&m.heap.list(x).items, &m.heap.list(y).items);
                if x.len() != y.len() {
                    return Ok(false);
                }
                self.meter.charge_units(schedule::VALUE, x.len())?;
                self.later(m, x.iter().copied().zip(y.iter().copied()))
            }
            (Kind::Map(x), Kind::Map(y)) => {
                if m.heap.map(x).restricted.is_some() || m.heap.map(y).restricted.is_some() {
                    let redacted = self.redacted(m)?;
                    let (x, y) = (m.heap.map(x), m.heap.map(y));
                    if x.map.len() != y.map.len() {
                        return Ok(false);
                    }
                    self.meter.charge_units(schedule::VALUE, x.map.len())?;
                    let seen = |o: &crate::object::MapObj, k: &Key, v: Value| match k {
                        Key::Str(name) if hidden(o.restricted.as_deref(), name) => redacted,
                        _ => v,
                    };
                    let pairs: Option<Vec<_>> = x
                        .map
                        .iter()
                        .map(|(k, v)| Some((seen(x, k, *v), seen(y, k, *y.map.get(k)?))))
                        .collect();
                    return match pairs {
                        Some(pairs) => self.later(m, pairs.into_iter()),
                        None => Ok(false),
                    };
                }
                let (x, y) = (&m.heap.map(x).map, &m.heap.map(y).map);
                if x.len() != y.len() {
                    return Ok(false);
                }
                self.meter.charge_units(schedule::VALUE, x.len())?;
                for (k, v) in x.iter() {
                    let Some(w) = y.get(k) else { return Ok(false) };
                    if !self.now(m, *v, *w)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Kind::Instance(x), Kind::Instance(y)) => {
                if m.heap.instance(x).ty != m.heap.instance(y).ty {
                    return Ok(false);
                }
                self.meter.charge_units(schedule::VALUE, m.heap.instance(x).fields.len())?;
                if m.heap.instance(x).restricted.is_some() || m.heap.instance(y).restricted.is_some() {
                    let redacted = self.redacted(m)?;
                    let (x, y) = (m.heap.instance(x), m.heap.instance(y));
                    let names = m.heap.ty(x.ty).fields.keys();
                    let pairs: Vec<_> = names
                        .zip(x.fields.iter().zip(y.fields.iter()))
                        .map(|(name, (v, w))| {
                            let v = if hidden(x.restricted.as_deref(), name) { redacted } else { *v };
                            let w = if hidden(y.restricted.as_deref(), name) { redacted } else { *w };
                            (v, w)
                        })
                        .collect();
                    return self.later(m, pairs.into_iter());
                }
                let (x, y) = (&m.heap.instance(x).fields, &m.heap.instance(y).fields);
                self.later(m, x.iter().copied().zip(y.iter().copied()))
            }
            _ => Ok(false),
        }
    }

    fn later(&mut self, m: &Machine, pairs: impl Iterator<Item = (Value, Value)>) -> Result<bool, Trap> {
        for (a, b) in pairs {
            if !self.now(m, a, b)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Compares two parts if they are scalars, else puts them on the stack; false if they differ.
    fn now(&mut self, m: &Machine, a: Value, b: Value) -> Result<bool, Trap> {
        if self.meter.is_metered() {
            if let Some(len) = texts_of_equal_length(m, a, b) {
                self.meter.charge_units(schedule::TEXT_COMPARED, len)?;
            } else if let (Some(x), Some(y)) = (integer_of(m, a), integer_of(m, b)) {
                self.meter.charge(limbs(BinOp::Eq, x, y))?;
            }
        }
        match scalars(m, a, b) {
            Some(same) => Ok(same),
            None => {
                self.pairs.push((a, b));
                Ok(true)
            }
        }
    }

    fn redacted(&mut self, m: &mut Machine) -> Result<Value, Trap> {
        if let Some(v) = self.redacted {
            return Ok(v);
        }
        let v = m.string(REDACTED)?;
        self.redacted = Some(v);
        Ok(v)
    }
}
