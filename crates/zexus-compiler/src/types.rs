//! Type descriptors (language.md chapter 7; the notation is that of [`zexus_bytecode::support`]).

use zexus_bytecode::prim::Prim;
use zexus_bytecode::{Const, Opcode, encode};
use zexus_hir::ir::{Expr, ExprKind, Link, LinkKind, Name, TypeKind, TypeRef, Var};

use crate::function::FnCompiler;

impl<'p> FnCompiler<'_, 'p> {
    /// `CHECK_TYPE` of the top of the stack.
    pub fn check_type(&mut self, ty: &'p TypeRef, message: String) {
        let described = self.type_constant(ty, &[]);
        let described = self.unit.pool.add(described);
        let message = self.unit.pool.text(&message.into());
        self.emit(Opcode::CheckType, (described, message));
    }

    /// `IS_TYPE` of the top of the stack.
    pub fn is_type(&mut self, ty: &'p TypeRef) {
        let described = self.type_constant(ty, &[]);
        let described = self.unit.pool.add(described);
        self.emit(Opcode::IsType, described);
    }

    /// A type as a constant: as written if that says it all. `params` are the type parameters of the declaration it stands in.
    pub fn type_constant(&mut self, ty: &'p TypeRef, params: &[Name]) -> Const {
        match &ty.kind {
            TypeKind::Prim(prim) if Prim::from_name(&ty.text) == Some(*prim) => Const::Str(ty.text.clone()),
            kind => self.described(kind, params, 0),
        }
    }

    fn described(&mut self, kind: &'p TypeKind, params: &[Name], depth: usize) -> Const {
        if depth >= encode::MAX_DEPTH - 1 {
            self.unit.fail(format!("a record type nested more than {} deep", encode::MAX_DEPTH));
            return Const::from("any");
        }
        match kind {
            TypeKind::Prim(prim) => Const::from(format!("{prim:?}").to_lowercase()),
            TypeKind::Named(e) => {
                let name = self.type_name(e);
                match Prim::from_name(&name) {
                    Some(_) => Const::from(format!("@{name}")),
                    None => Const::Str(name),
                }
            }
            TypeKind::Optional(inner) => match self.described(inner, params, depth + 1) {
                Const::Str(text) => Const::from(format!("{text}?")),
                record => Const::from(vec![(Const::from("?"), record)]),
            },
            TypeKind::Record(fields) => {
                let fields: Vec<(Const, Const)> = fields
                    .iter()
                    .map(|(name, kind)| (Const::Str(name.clone()), self.described(kind, params, depth + 1)))
                    .collect();
                // A record with the one key `?` looks like an optional type; whether the key is there twice makes no difference.
                Const::from(fields)
            }
            TypeKind::Param(i) => match params.get(usize::from(*i)) {
                Some(name) => Const::Str(name.clone()),
                None => Const::from("any"),
            },
        }
    }

    /// The name of a declared type: the variable that holds it, perhaps with members.
    pub fn type_name(&mut self, e: &'p Expr) -> Name {
        let name: Name = match &e.kind {
            ExprKind::Var(var) if !matches!(var, Var::State(_)) => self.var_name(*var),
            ExprKind::Module(id) => format!("{}:", self.unit.path(*id)).into(),
            ExprKind::Chain { base, links } => {
                let mut name = self.type_name(base).to_string();
                for link in links {
                    if let Link { kind: LinkKind::Member(member), .. } = link {
                        if !name.ends_with(':') {
                            name.push('.');
                        }
                        name.push_str(member);
                    }
                }
                name.into()
            }
            _ => "any".into(),
        };
        self.unit.pool.check_name(&name);
        name
    }

    /// The key for messages, if the descriptor of a field's type does not say what was written.
    pub fn type_text(&self, ty: &TypeRef, described: &Const) -> Option<(Const, Const)> {
        let same = described.as_str() == Some(&ty.text);
        (!same).then(|| (Const::from("text"), Const::Str(ty.text.clone())))
    }
}
