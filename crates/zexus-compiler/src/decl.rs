//! Declarations (bytecode.md 7.2, 2.6).

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use zexus_bytecode::{Const, Opcode};
use zexus_hir::ir::{
    Bind, ContractDecl, DataDecl, Decl, DeclKind, EnumDecl, Expr, ExprKind, FuncId, GlobalId, Name, Slot,
    TypeKind, TypeRef, Var,
};

use crate::function::FnCompiler;

/// Where a declaration of a block is bound.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Slot(Slot),
    Global(GlobalId),
}

impl Place {
    fn of_bind(bind: Bind) -> Place {
        match bind {
            Bind::Local(slot) | Bind::NewCell(slot) | Bind::EarlyCell(slot) => Place::Slot(slot),
            Bind::Global(id) => Place::Global(id),
        }
    }

    fn of_var(e: &Expr) -> Option<Place> {
        match e.kind {
            ExprKind::Var(Var::Local(slot) | Var::Cell(slot)) => Some(Place::Slot(slot)),
            ExprKind::Var(Var::Global(id)) => Some(Place::Global(id)),
            _ => None,
        }
    }
}

/// A descriptor in the making: a key that is given twice keeps its first place and takes the last value.
#[derive(Default)]
struct Entries {
    list: Vec<(Const, Const)>,
    places: FxHashMap<Name, usize>,
}

impl Entries {
    fn set(&mut self, key: &Name, value: Const) {
        let next = self.list.len();
        match self.places.get(key).and_then(|at| self.list.get_mut(*at)) {
            Some((_, old)) => *old = value,
            None => {
                self.places.insert(key.clone(), next);
                self.list.push((Const::Str(key.clone()), value));
            }
        }
    }

    fn put(&mut self, key: &str, value: impl Into<Const>) {
        self.set(&key.into(), value.into());
    }

    /// Sets a key unless the value is empty, which means the same.
    fn put_list(&mut self, key: &str, items: Vec<Const>) {
        if !items.is_empty() {
            self.put(key, items);
        }
    }

    fn put_map(&mut self, key: &str, entries: Entries) {
        if !entries.list.is_empty() {
            self.put(key, entries.list);
        }
    }

    fn finish(self) -> Const {
        Const::from(self.list)
    }
}

impl<'p> FnCompiler<'_, 'p> {
    /// The declarations of a block: parents before children, and what is mentioned before its place first as an empty object.
    pub fn hoist(&mut self, decls: &'p [Decl]) {
        for decl in decls {
            self.renew_bound(decl.bind);
        }
        let types = decls.iter().any(|d| matches!(d.kind, DeclKind::Data(_) | DeclKind::Contract(_)));
        if !types {
            return decls.iter().for_each(|decl| self.define(decl));
        }
        let places: FxHashMap<Place, usize> =
            decls.iter().enumerate().map(|(i, d)| (Place::of_bind(d.bind), i)).collect();
        let order = parents_first(decls, &places);
        let mut done: FxHashSet<usize> = FxHashSet::default();
        let mut forward: FxHashSet<usize> = FxHashSet::default();
        for &i in &order {
            done.insert(i);
            if let Some(decl) = decls.get(i) {
                forward.extend(mentions(decl).filter_map(|p| places.get(&p)).filter(|at| !done.contains(at)));
            }
        }
        let early = |i: &usize| {
            let simple = |d: &Decl| matches!(d.kind, DeclKind::Enum(_) | DeclKind::Protocol { .. });
            forward.contains(i) && decls.get(*i).is_some_and(simple)
        };
        for (i, decl) in decls.iter().enumerate().filter(|(i, _)| forward.contains(i)) {
            if early(&i) { self.define(decl) } else { self.announce(decl) }
        }
        order.iter().filter(|i| !early(i)).filter_map(|i| decls.get(*i)).for_each(|d| self.define(d));
    }

    /// A declaration that replaces one of the same name.
    pub fn declare(&mut self, decl: &'p Decl) {
        self.renew_bound(decl.bind);
        self.define(decl);
    }

    /// Binds an empty object.
    fn announce(&mut self, decl: &'p Decl) {
        let mut entries = Entries::default();
        let op = match &decl.kind {
            DeclKind::Data(d) => {
                entries.put("name", &d.name);
                entries.put("kind", if d.entity { "entity" } else { "data" });
                Opcode::DefineEntity
            }
            DeclKind::Contract(c) => {
                entries.put("name", &c.name);
                Opcode::DefineContract
            }
            _ => return,
        };
        entries.put("forward", true);
        self.define_with(op, decl, entries.finish());
    }

    fn define_with(&mut self, op: Opcode, decl: &'p Decl, descriptor: Const) {
        let name = self.bind_constant(decl.bind);
        let k = self.unit.pool.add(descriptor);
        self.at(decl.span);
        self.emit(op, (name, k));
    }

    fn define(&mut self, decl: &'p Decl) {
        match &decl.kind {
            DeclKind::Function(id) | DeclKind::External(id) => {
                let name = self.bind_constant(decl.bind);
                let f = self.function_constant(*id);
                self.emit(Opcode::StoreFunc, (name, f));
            }
            DeclKind::Data(d) => {
                let descriptor = self.data(d);
                self.define_with(Opcode::DefineEntity, decl, descriptor);
            }
            DeclKind::Contract(c) => {
                let descriptor = self.contract(c);
                self.define_with(Opcode::DefineContract, decl, descriptor);
            }
            DeclKind::Enum(e) => {
                let descriptor = enumeration(e);
                // The enum's own name is that of its variable, but for a suffix.
                self.define_with(Opcode::DefineEnum, decl, descriptor);
            }
            DeclKind::Protocol { name, interface } => {
                let mut entries = Entries::default();
                entries.put("name", name);
                if *interface {
                    entries.put("interface", true);
                }
                self.define_with(Opcode::DefineProtocol, decl, entries.finish());
            }
        }
    }

    fn member_function(&self, id: FuncId) -> Const {
        Const::Func(self.unit.survey.number(id))
    }

    fn functions(&self, members: &[(Name, FuncId)]) -> Entries {
        let mut entries = Entries::default();
        members.iter().for_each(|(name, id)| entries.set(name, self.member_function(*id)));
        entries
    }

    fn names(&mut self, types: &'p [Expr]) -> Vec<Const> {
        types.iter().map(|e| Const::Str(self.type_name(e))).collect()
    }

    fn put_type(&mut self, entries: &mut Entries, ty: Option<&'p TypeRef>, params: &[Name]) {
        let Some(ty) = ty else { return };
        let described = self.type_constant(ty, params);
        let text = self.type_text(ty, &described);
        entries.put("type", described);
        if let Some((_, text)) = text {
            entries.put("text", text);
        }
    }

    fn data(&mut self, d: &'p DataDecl) -> Const {
        let mut entries = Entries::default();
        entries.put("name", &d.name);
        entries.put("kind", if d.entity { "entity" } else { "data" });
        for (flag, set) in [("immutable", d.immutable), ("verified", d.verified)] {
            if set {
                entries.put(flag, true);
            }
        }
        entries.put_list("params", d.type_params.iter().map(|name| Const::Str(name.clone())).collect());
        if let Some(parent) = &d.extends {
            let parent = self.type_name(parent);
            entries.put("extends", &parent);
        }
        let implements = self.names(&d.implements);
        entries.put_list("implements", implements);
        let mut fields = Entries::default();
        for field in &d.fields {
            let mut member = Entries::default();
            self.put_type(&mut member, field.ty.as_deref(), &d.type_params);
            for (key, id) in [("default", field.default), ("require", field.require)] {
                if let Some(id) = id {
                    member.put(key, self.member_function(id));
                }
            }
            if field.inject {
                member.put("inject", true);
            }
            fields.set(&field.name, member.finish());
        }
        entries.put_map("fields", fields);
        entries.put_map("computed", self.functions(&d.computed));
        entries.put_map("methods", self.functions(&d.methods));
        let mut operators = Entries::default();
        for (op, id) in &d.operators {
            operators.put(op.text(), self.member_function(*id));
        }
        entries.put_map("operators", operators);
        entries.finish()
    }

    fn contract(&mut self, c: &'p ContractDecl) -> Const {
        let mut entries = Entries::default();
        entries.put("name", &c.name);
        if let Some(parent) = &c.extends {
            let parent = self.type_name(parent);
            entries.put("extends", &parent);
        }
        let implements = self.names(&c.implements);
        entries.put_list("implements", implements);
        let mut state = Entries::default();
        for field in &c.state {
            let mut member = Entries::default();
            self.put_type(&mut member, field.ty.as_deref(), &[]);
            if let Some(id) = field.init {
                member.put("init", self.member_function(id));
            }
            for (flag, set) in [("private", field.private), ("ledger", field.ledger)] {
                if set {
                    member.put(flag, true);
                }
            }
            state.set(&field.name, member.finish());
        }
        entries.put_map("state", state);
        entries.put_map("actions", self.functions(&c.actions));
        entries.finish()
    }
}

fn enumeration(e: &EnumDecl) -> Const {
    let mut members = Entries::default();
    for (name, c) in &e.members {
        members.set(name, crate::pool::constant(c));
    }
    members.finish()
}

/// The order in which declarations are made.
fn parents_first(decls: &[Decl], places: &FxHashMap<Place, usize>) -> Vec<usize> {
    let parent_of = |i: usize| {
        let extends = match decls.get(i).map(|d| &d.kind) {
            Some(DeclKind::Data(d)) => d.extends.as_ref(),
            Some(DeclKind::Contract(c)) => c.extends.as_ref(),
            _ => None,
        };
        extends.and_then(Place::of_var).and_then(|place| places.get(&place)).copied()
    };
    let mut order = Vec::with_capacity(decls.len());
    let mut placed = vec![false; decls.len()];
    for i in 0..decls.len() {
        let mut chain = Vec::new();
        let mut next = Some(i);
        while let Some(at) = next
            && let Some(known @ false) = placed.get_mut(at)
        {
            *known = true;
            chain.push(at);
            next = parent_of(at);
        }
        order.extend(chain.into_iter().rev());
    }
    order
}

/// What must be bound where a declaration is made.
fn mentions(decl: &Decl) -> impl Iterator<Item = Place> {
    let (types, names): (Vec<&TypeRef>, &[Expr]) = match &decl.kind {
        DeclKind::Data(d) => (d.fields.iter().filter_map(|f| f.ty.as_deref()).collect(), &d.implements),
        DeclKind::Contract(c) => (c.state.iter().filter_map(|f| f.ty.as_deref()).collect(), &c.implements),
        _ => (Vec::new(), &[]),
    };
    let mut found: Vec<Place> = names.iter().filter_map(Place::of_var).collect();
    let mut work: Vec<&TypeKind> = types.into_iter().map(|ty| &ty.kind).collect();
    while let Some(kind) = work.pop() {
        match kind {
            TypeKind::Named(e) => found.extend(Place::of_var(Arc::as_ref(e))),
            TypeKind::Optional(inner) => work.push(inner),
            TypeKind::Record(fields) => work.extend(fields.iter().map(|(_, kind)| kind)),
            TypeKind::Prim(_) | TypeKind::Param(_) => (),
        }
    }
    found.into_iter()
}
