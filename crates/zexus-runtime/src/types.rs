//! Declared types at run time (language.md, chapter 7).

use std::sync::Arc;

use zexus_bytecode::prim::Prim;

use crate::key::KeyRef;
use crate::machine::Machine;
use crate::object::TypeForm;
use crate::value::{Kind, Value};

/// A declared type with the text it was written as.
#[derive(Clone, Debug)]
pub struct TypeSpec {
    /// As written, for messages.
    pub text: Arc<str>,
    /// What it accepts.
    pub desc: TypeDesc,
}

/// What a declared type accepts.
#[derive(Clone, Debug)]
pub enum TypeDesc {
    /// A built-in name.
    Prim(Prim),
    /// A data, entity, protocol, interface, contract or enum: the value of its name.
    Named(Value),
    /// null, and what the inner type accepts.
    Optional(Box<TypeDesc>),
    /// Maps with these string keys whose values fit.
    Record(Arc<[(Arc<str>, TypeDesc)]>),
    /// A type parameter of a generic `data`, by position: what its argument says, or everything.
    Param(u16),
}

impl TypeSpec {
    pub(crate) fn trace(&self, visit: &mut dyn FnMut(Value)) {
        self.desc.trace(visit);
    }
}

impl TypeDesc {
    fn trace(&self, visit: &mut dyn FnMut(Value)) {
        match self {
            TypeDesc::Prim(_) | TypeDesc::Param(_) => (),
            TypeDesc::Named(v) => visit(*v),
            TypeDesc::Optional(t) => t.trace(visit),
            TypeDesc::Record(fields) => fields.iter().for_each(|(_, t)| t.trace(visit)),
        }
    }
}

/// Whether `v` fits a built-in type name.
#[inline]
pub fn fits_prim(m: &Machine, v: Value, prim: Prim) -> bool {
    match (prim, v.kind()) {
        (Prim::Any, _)
        | (Prim::Int | Prim::Number, Kind::Int(_) | Kind::BigInt(_))
        | (Prim::Number, Kind::Float(_))
        | (Prim::String, Kind::Str(_))
        | (Prim::Bool, Kind::Bool(_))
        | (Prim::List, Kind::List(_))
        | (Prim::Map, Kind::Map(_))
        | (Prim::Null, Kind::Null)
        | (Prim::Function, Kind::Function(_) | Kind::Builtin(_))
        | (Prim::Bytes, Kind::Bytes(_))
        | (Prim::Range, Kind::Range(_))
        | (Prim::Builtin, Kind::Builtin(_))
        | (Prim::Enum, Kind::Enum(_))
        | (Prim::Type, Kind::Type(_))
        | (Prim::Contract, Kind::Contract(_) | Kind::ContractInstance(_))
        | (Prim::Module, Kind::Module(_))
        | (Prim::Task, Kind::Task(_))
        | (Prim::Channel, Kind::Channel(_))
        | (Prim::WaitGroup, Kind::WaitGroup(_))
        | (Prim::Barrier, Kind::Barrier(_))
        | (Prim::DateTime, Kind::DateTime(_))
        | (Prim::Error, Kind::Error(_)) => true,
        (Prim::Data | Prim::Entity, Kind::Instance(i)) => {
            let form = m.heap.ty(m.heap.instance(i).ty).form;
            (form == TypeForm::Entity) == (prim == Prim::Entity)
        }
        (Prim::List, Kind::Live(l)) => m.heap.live(l).list,
        (Prim::Map, Kind::Live(l)) => !m.heap.live(l).list,
        _ => false,
    }
}

/// Whether `v` fits `ty`; `args` are the type arguments of the instance it belongs to, if any.
pub fn fits(m: &Machine, v: Value, ty: &TypeDesc, args: &[TypeSpec]) -> bool {
    match ty {
        TypeDesc::Prim(p) => fits_prim(m, v, *p),
        TypeDesc::Optional(inner) => v.is_null() || fits(m, v, inner, args),
        TypeDesc::Named(t) => fits_named(m, v, *t),
        TypeDesc::Param(i) => args.get(*i as usize).is_none_or(|t| fits(m, v, &t.desc, &[])),
        TypeDesc::Record(fields) => {
            let Some(map) = v.as_map() else { return false };
            fields.iter().all(|(name, t)| {
                m.heap.map(map).map.get(&KeyRef::Str(name)).is_some_and(|v| fits(m, *v, t, args))
            })
        }
    }
}

/// Whether `v` has all that protocol `t` asks for: fields, and actions that are not private and take the arguments.
pub fn meets_demands(m: &Machine, v: Value, t: Value) -> bool {
    let Kind::Type(protocol) = t.kind() else { return true };
    let contract = m.contract_of(v).map(|c| m.heap.contract(c));
    let ty = v.as_instance().map(|i| m.heap.ty(m.heap.instance(i).ty));
    m.heap.ty(protocol).demands.iter().all(|demand| {
        let name = &demand.name;
        let Some((fewest, most)) = demand.arguments else {
            return ty.is_some_and(|o| o.fields.contains_key(name) || o.computed.contains_key(name))
                || contract.is_some_and(|o| o.state.contains_key(name));
        };
        let action = ty.and_then(|o| o.methods.get(name)).or(contract.and_then(|o| o.actions.get(name)));
        action.and_then(|f| f.as_function()).is_some_and(|f| {
            let info = &m.heap.function(f).info;
            let takes = info.fewest() <= fewest && info.most().is_none_or(|own| own >= most);
            takes && !info.flags.is_private()
        })
    })
}

/// Whether `v` belongs to the declared type, contract or enum `t`.
pub fn fits_named(m: &Machine, v: Value, t: Value) -> bool {
    match t.kind() {
        Kind::Type(want) => {
            let is_protocol = matches!(m.heap.ty(want).form, TypeForm::Protocol | TypeForm::Interface);
            match v.kind() {
                Kind::Instance(i) => {
                    let mut ty = Some(m.heap.instance(i).ty);
                    while let Some(r) = ty {
                        let o = m.heap.ty(r);
                        if r == want || (is_protocol && o.implements.iter().any(|p| p.same(t))) {
                            return true;
                        }
                        ty = o.parent;
                    }
                    false
                }
                Kind::ContractInstance(_) | Kind::Contract(_) if is_protocol => {
                    let mut c = m.contract_of(v);
                    while let Some(r) = c {
                        let o = m.heap.contract(r);
                        if o.implements.iter().any(|p| p.same(t)) {
                            return true;
                        }
                        c = o.parent;
                    }
                    false
                }
                _ => false,
            }
        }
        Kind::Contract(want) => {
            let mut c = m.contract_of(v);
            while let Some(r) = c {
                if r == want {
                    return true;
                }
                c = m.heap.contract(r).parent;
            }
            false
        }
        Kind::Enum(e) => {
            m.heap.enumeration(e).members.values().any(|x| crate::equal::scalars(m, *x, v) == Some(true))
        }
        // A type whose declaration has not been reached accepts nothing.
        _ => false,
    }
}
