//! Declarations of types, contracts and modules (language.md chapters 11, 12, 15), once their parts are evaluated.
//!
//! An object is made and bound first and filled in afterwards, so that declarations of the same block can name each other. Filling
//! goes in two steps: [`inherit_type`] gives the object that the declaration starts from, the tier adds what is declared, and
//! [`define_type`] stores it. In between nothing collects.

use std::sync::Arc;

use crate::heap::Ref;
use crate::machine::Machine;
use crate::modules::MODULES;
use crate::object::{ContractObj, EnumObj, Export, ModuleObj, Names, TypeForm, TypeObj};
use crate::trap::Trap;
use crate::value::{Kind, Value};

/// Bytes of an entry in a table of members.
const ENTRY: u64 = 48;

/// An empty declared type.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn new_type(m: &mut Machine, name: Arc<str>, module: Arc<str>, form: TypeForm) -> Result<Value, Trap> {
    Ok(Value::ty(m.heap.alloc_type(TypeObj { name, module, form, ..TypeObj::default() })?))
}

/// What a declaration of `t` starts from: its name, module and form, and the members of its parent, if `parent` is a type.
pub fn inherit_type(m: &Machine, t: Ref<TypeObj>, parent: Value) -> TypeObj {
    let own = m.heap.ty(t);
    let mut object =
        TypeObj { name: own.name.clone(), module: own.module.clone(), form: own.form, ..TypeObj::default() };
    if let Kind::Type(p) = parent.kind() {
        let inherited = m.heap.ty(p);
        object.parent = Some(p);
        object.implements = inherited.implements.clone();
        object.fields = inherited.fields.clone();
        object.computed = inherited.computed.clone();
        object.methods = inherited.methods.clone();
        object.operators = inherited.operators.clone();
    }
    object
}

/// Fills in a declared type and makes it known to decoding.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn define_type(m: &mut Machine, t: Ref<TypeObj>, object: TypeObj) -> Result<(), Trap> {
    m.heap.charge(ENTRY * (object.fields.len() + object.methods.len()) as u64)?;
    *m.heap.ty_mut(t) = object;
    m.declare_type(t);
    Ok(())
}

/// An empty contract.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn new_contract(m: &mut Machine, name: Arc<str>, module: Arc<str>) -> Result<Value, Trap> {
    let object = ContractObj { name, module, ..ContractObj::default() };
    Ok(Value::contract(m.heap.alloc_contract(object)?))
}

/// What a declaration of `c` starts from: its name and module, and the members of its parent, if `parent` is a contract.
pub fn inherit_contract(m: &Machine, c: Ref<ContractObj>, parent: Value) -> ContractObj {
    let own = m.heap.contract(c);
    let mut object =
        ContractObj { name: own.name.clone(), module: own.module.clone(), ..ContractObj::default() };
    if let Kind::Contract(p) = parent.kind() {
        let inherited = m.heap.contract(p);
        object.parent = Some(p);
        object.implements = inherited.implements.clone();
        object.state = inherited.state.clone();
        object.actions = inherited.actions.clone();
    }
    object
}

/// Fills in a contract and makes it known to calls by address.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn define_contract(m: &mut Machine, c: Ref<ContractObj>, object: ContractObj) -> Result<(), Trap> {
    m.heap.charge(ENTRY * (object.state.len() + object.actions.len()) as u64)?;
    *m.heap.contract_mut(c) = object;
    m.declare_contract(c);
    Ok(())
}

/// An enum with its members in order.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn enumeration(m: &mut Machine, name: Arc<str>, members: Names<Value>) -> Result<Value, Trap> {
    Ok(Value::enumeration(m.heap.alloc_enum(EnumObj { name, members })?))
}

/// A new module value.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn new_module(m: &mut Machine, name: Arc<str>, exports: Names<Export>) -> Result<Ref<ModuleObj>, Trap> {
    m.heap.alloc_module(ModuleObj { name, exports })
}

/// The module of a path such as `a.b.c` below `root`, what the variable `a` holds; those that are missing are made. Gives the value
/// that the variable is to hold, and the module.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn module_at(m: &mut Machine, root: Value, path: &[Arc<str>]) -> Result<(Value, Ref<ModuleObj>), Trap> {
    let (first, inner) = match path.split_first() {
        Some((first, inner)) => (first.clone(), inner),
        None => ("".into(), path),
    };
    let root = match root.as_module() {
        Some(root) => root,
        None => new_module(m, first.clone(), Names::default())?,
    };
    let (mut at, mut name) = (root, first.to_string());
    for part in inner {
        name.push('.');
        name.push_str(part);
        let found = match m.heap.module(at).exports.get(part) {
            Some(Export::Value(v)) => v.as_module(),
            _ => None,
        };
        at = match found {
            Some(found) => found,
            None => {
                let made = new_module(m, name.as_str().into(), Names::default())?;
                export(m, at, part.clone(), Export::Value(Value::module(made)))?;
                made
            }
        };
    }
    Ok((Value::module(root), at))
}

/// Lets a module show something.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn export(m: &mut Machine, module: Ref<ModuleObj>, name: Arc<str>, shown: Export) -> Result<(), Trap> {
    m.heap.charge(ENTRY)?;
    m.heap.module_mut(module).exports.insert(name, shown);
    Ok(())
}

/// The number of a module of the program among [`Machine::modules`].
pub fn module_key(index: u32) -> u32 {
    index * 2
}

/// A standard module as a value; null for an index that none has. The same module gives the same value.
///
/// # Errors
/// [`Trap::MemoryLimit`].
pub fn std_module(m: &mut Machine, index: u32) -> Result<Value, Trap> {
    // Modules of the program have the even numbers.
    let key = module_key(index) + 1;
    if let Some(v) = m.modules.get(&key) {
        return Ok(*v);
    }
    let Some(module) = MODULES.get(index as usize) else { return Ok(Value::NULL) };
    let exports = module.exports().into_iter().map(|(name, v)| (name.into(), Export::Value(v)));
    let v = Value::module(new_module(m, module.name.into(), exports.collect())?);
    m.modules.insert(key, v);
    Ok(v)
}

#[cfg(test)]
mod tests;
