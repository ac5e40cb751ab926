//! `contract` (language.md 15.3).

use zexus_syntax::ast;

use super::function::{ActionPlace, is_constructor};
use super::{Lowerer, stmt_at};
use crate::binding::*;
use crate::captures::Signature;
use crate::ir::*;

impl Lowerer<'_> {
    pub fn contract(&mut self, decl: &ast::ContractDecl) -> Option<ContractDecl> {
        let id = self.type_at(decl.span)?;
        self.program.substantial = true;
        let mut contract = ContractDecl {
            name: self.word(&decl.name),
            extends: self.parent_expr(id, decl.extends.as_ref()),
            implements: self.protocol_exprs(id, decl.name.span),
            state: Vec::new(),
            actions: Vec::new(),
        };
        for member in &decl.members {
            match member {
                ast::ContractMember::State(state) => {
                    let state = self.contract_state(id, state);
                    contract.state.push(state);
                }
                ast::ContractMember::Action(action) => {
                    self.check_override(id, &action.name);
                    let function = self.action(action, ActionPlace::Contract(id));
                    let name = if is_constructor(action) { "init" } else { &*action.name.text };
                    contract.actions.push((name.into(), function));
                }
                ast::ContractMember::Event(_) | ast::ContractMember::Modifier(_) => {}
            }
        }
        self.check_unused_modifiers(id);
        self.check_implements(id, decl.name.span);
        Some(contract)
    }

    fn contract_state(&mut self, id: TypeId, state: &ast::StateVar) -> StateDecl {
        let ty = self.opt_type(state.ty.as_ref());
        let sym = self.names.sym(&state.name.text);
        let limit = self.type_info(id).members.get(&sym).map_or(0, |member| member.index);
        let init = state.value.as_ref().map(|value| {
            self.begin_field_code(id, limit, &state.name, value.span);
            let value = self.initializer(value);
            let span = value.span;
            let stmts = vec![stmt_at(StmtKind::Expr(value), span)];
            self.end_function(Signature::default(), Block { stmts, span, ..Block::default() })
        });
        StateDecl {
            name: self.word(&state.name),
            ty,
            init,
            private: state.visibility == Some(ast::Visibility::Private),
            ledger: state.kind == ast::StateKind::Ledger,
        }
    }
}
