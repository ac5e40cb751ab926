//! `data` and `entity` (language.md 11.1, 11.2).

use zexus_bytecode::flags::FnFlags;
use zexus_bytecode::operator::BinOp;
use zexus_syntax::{Code, Span, ast};

use super::function::ActionPlace;
use super::{Lowerer, expr_at};
use crate::binding::*;
use crate::captures::{Head, Signature};
use crate::ir::*;

impl Lowerer<'_> {
    pub fn data(&mut self, decl: &ast::DataDecl) -> Option<DataDecl> {
        let id = self.type_at(decl.span)?;
        let mut params = Vec::with_capacity(decl.type_params.len());
        let mut seen = rustc_hash::FxHashSet::default();
        for name in &decl.type_params {
            let sym = self.names.sym(&name.text);
            if !seen.insert(sym) {
                self.twice("type parameter", name);
            }
            params.push(sym);
        }
        let outer = std::mem::replace(&mut self.type_params, params);
        let mut data = DataDecl {
            name: self.word(&decl.name),
            entity: decl.kind == ast::DataKind::Entity,
            immutable: decl.immutable,
            verified: decl.verified,
            type_params: decl.type_params.iter().map(|name| self.word(name)).collect(),
            extends: self.parent_expr(id, decl.extends.as_ref()),
            implements: self.protocol_exprs(id, decl.name.span),
            fields: Vec::new(),
            computed: Vec::new(),
            methods: Vec::new(),
            operators: Vec::new(),
        };
        for (index, member) in (0u32..).zip(&decl.members) {
            self.data_member(id, index, member, &mut data);
        }
        self.type_params = outer;
        self.check_implements(id, decl.name.span);
        Some(data)
    }

    /// Reads the parent.
    pub fn parent_expr(&mut self, id: TypeId, name: Option<&ast::Name>) -> Option<Expr> {
        let span = name?.span;
        let binding = self.type_info(id).parent_binding?;
        self.note_need(binding);
        Some(expr_at(self.read(binding, true, span), span))
    }

    /// Read the protocols and interfaces.
    pub fn protocol_exprs(&mut self, id: TypeId, span: Span) -> Vec<Expr> {
        let list = self.type_info(id).implements.clone();
        let mut exprs = Vec::with_capacity(list.len());
        for (binding, _) in list {
            self.note_need(binding);
            exprs.push(expr_at(self.read(binding, true, span), span));
        }
        exprs
    }

    fn data_member(&mut self, id: TypeId, index: u32, member: &ast::DataMember, data: &mut DataDecl) {
        match member {
            ast::DataMember::Field(field) => {
                let ty = self.opt_type(field.ty.as_ref());
                let index = self.own_index(id, &field.name).unwrap_or(index);
                let default = field.default.as_ref().map(|e| self.field_code(id, index, &field.name, e));
                let require =
                    field.constraint.as_ref().map(|e| self.field_code(id, u32::MAX, &field.name, e));
                let name = self.word(&field.name);
                data.fields.push(FieldDecl { name, ty, default, require, inject: false });
            }
            ast::DataMember::Inject(inject, span) => {
                if !data.entity {
                    self.report(Code::E0217, *span, "`inject` is a member of entities only");
                }
                let ty = self.opt_type(inject.ty.as_ref());
                let name = self.word(&inject.name);
                data.fields.push(FieldDecl { name, ty, default: None, require: None, inject: true });
            }
            ast::DataMember::Computed { name, value, .. } => {
                let text: Name = self.word(name);
                let head =
                    Head { name: text.clone(), role: Role::Method, flags: FnFlags::METHOD, span: name.span };
                self.begin_function(head, Some((id, u32::MAX)));
                let body = self.expr_body(value);
                data.computed.push((text, self.end_function(Signature::default(), body)));
            }
            ast::DataMember::Method(action) => {
                self.check_override(id, &action.name);
                let method = self.action(action, ActionPlace::Method(id));
                data.methods.push((self.word(&action.name), method));
            }
            ast::DataMember::Operator(operator) => self.operator(id, operator, data),
        }
    }

    fn own_index(&self, id: TypeId, name: &ast::Name) -> Option<u32> {
        let sym = self.names.find(&name.text)?;
        self.type_info(id).members.get(&sym).map(|member| member.index)
    }

    fn operator(&mut self, id: TypeId, operator: &ast::Operator, data: &mut DataDecl) {
        let Some(op) = BinOp::from_text(operator.op.as_str()) else { return };
        if data.operators.iter().any(|(other, _)| *other == op) {
            let message = format!("operator '{}' is declared twice", operator.op.as_str());
            self.report(Code::E0306, operator.op_span, message);
        }
        let name = format!("operator {}", operator.op.as_str()).into();
        let head = Head { name, role: Role::Method, flags: FnFlags::METHOD, span: operator.op_span };
        self.begin_function(head, Some((id, u32::MAX)));
        let params = self.params(std::slice::from_ref(&operator.param));
        let body = self.block(&operator.body, true);
        let function = self.end_function(Signature { params, ..Signature::default() }, body);
        data.operators.push((op, function));
    }

    /// A default, constraint or initial value; own members from position `limit` on are not in sight.
    pub fn field_code(&mut self, id: TypeId, limit: u32, name: &ast::Name, e: &ast::Expr) -> FuncId {
        self.begin_field_code(id, limit, name, e.span);
        let body = self.expr_body(e);
        self.end_function(Signature::default(), body)
    }

    /// Begins what [`Lowerer::field_code`] does.
    pub fn begin_field_code(&mut self, id: TypeId, limit: u32, name: &ast::Name, span: Span) {
        let name = self.word(name);
        let head = Head { name, role: Role::FieldCode, flags: FnFlags::METHOD, span };
        self.begin_function(head, Some((id, limit)));
    }
}
