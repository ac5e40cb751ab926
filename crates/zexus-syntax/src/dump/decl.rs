//! Declarations.

use super::Dump;
use crate::ast::{
    Action, ContractMember, DataDecl, DataKind, DataMember, EventDecl, FnModifier, ModifierDecl, StmtKind,
    Type,
};

impl Dump {
    pub(super) fn declaration(&mut self, kind: &StmtKind) {
        match kind {
            StmtKind::Action(action) => self.action(action),
            StmtKind::Data(data) => self.data(data),
            StmtKind::Enum(found) => self.node("enum", |d| {
                d.name(&found.name);
                for item in &found.items {
                    match &item.value {
                        None => d.name(&item.name),
                        Some(value) => d.node("=", |d| {
                            d.name(&item.name);
                            d.expr(value);
                        }),
                    }
                }
            }),
            StmtKind::Protocol(found) => {
                self.node(if found.is_interface { "interface" } else { "protocol" }, |d| {
                    d.name(&found.name);
                    for signature in &found.signatures {
                        d.node("signature", |d| {
                            d.modifiers(&signature.modifiers);
                            d.name(&signature.name);
                            d.params(&signature.params);
                            d.optional_type(signature.result.as_ref());
                        });
                    }
                    for (name, ty) in &found.fields {
                        d.node("field", |d| {
                            d.name(name);
                            d.ty(ty);
                        });
                    }
                });
            }
            StmtKind::Contract(found) => self.node("contract", |d| {
                d.flag(found.sealed, "sealed");
                d.name(&found.name);
                d.names("extends", found.extends.as_slice());
                d.names("implements", &found.implements);
                for member in &found.members {
                    match member {
                        ContractMember::State(var) => d.state_var(var),
                        ContractMember::Event(event) => d.event(event),
                        ContractMember::Modifier(modifier) => d.modifier(modifier),
                        ContractMember::Action(action) => d.action(action),
                    }
                }
            }),
            StmtKind::Modifier(modifier) => self.modifier(modifier),
            StmtKind::Event(event) => self.event(event),
            StmtKind::Module(found) => self.node("module", |d| {
                d.name(&found.name);
                d.block(&found.body);
            }),
            StmtKind::Package(found) => self.node("package", |d| {
                d.path(&found.path);
                d.block(&found.body);
            }),
            StmtKind::TypeAlias(alias) => self.node("alias", |d| {
                d.name(&alias.name);
                d.bare_type(&alias.ty);
            }),
            StmtKind::External(found) => self.node("external", |d| {
                d.modifiers(&found.modifiers);
                d.name(&found.name);
                if let Some(params) = &found.params {
                    d.params(params);
                }
                d.optional_type(found.result.as_ref());
                if let Some(from) = &found.from {
                    d.text(&from.value);
                }
            }),
            _ => self.word("<statement>"),
        }
    }

    fn optional_type(&mut self, ty: Option<&Type>) {
        if let Some(ty) = ty {
            self.ty(ty);
        }
    }

    fn modifiers(&mut self, modifiers: &[FnModifier]) {
        modifiers.iter().for_each(|modifier| self.word(modifier.kind.as_str()));
    }

    fn action(&mut self, action: &Action) {
        self.node("action", |d| {
            d.modifiers(&action.modifiers);
            d.name(&action.name);
            d.params(&action.params);
            d.optional_type(action.result.as_ref());
            if let Some(limit) = &action.limit {
                d.node("limit", |d| d.expr(limit));
            }
            for modifier in &action.uses {
                d.node("uses", |d| {
                    d.name(&modifier.name);
                    d.args(&modifier.args);
                });
            }
            d.block(&action.body);
        });
    }

    fn event(&mut self, event: &EventDecl) {
        self.node("event", |d| {
            d.name(&event.name);
            d.params(&event.params);
        });
    }

    fn modifier(&mut self, modifier: &ModifierDecl) {
        self.node("modifier", |d| {
            d.name(&modifier.name);
            d.params(&modifier.params);
            d.block(&modifier.body);
        });
    }

    fn data(&mut self, data: &DataDecl) {
        let word = match data.kind {
            DataKind::Data => "data",
            DataKind::Entity => "entity",
        };
        self.node(word, |d| {
            d.flag(data.sealed, "sealed");
            d.flag(data.immutable, "immutable");
            d.flag(data.verified, "verified");
            d.name(&data.name);
            d.names("of", &data.type_params);
            d.names("extends", data.extends.as_slice());
            d.names("implements", &data.implements);
            data.members.iter().for_each(|member| d.data_member(member));
        });
    }

    fn data_member(&mut self, member: &DataMember) {
        match member {
            DataMember::Field(field) => self.node("field", |d| {
                d.name(&field.name);
                d.optional_type(field.ty.as_ref());
                d.exprs(field.default.as_slice());
                if let Some(constraint) = &field.constraint {
                    d.node("require", |d| d.expr(constraint));
                }
            }),
            DataMember::Computed { name, value, .. } => self.node("computed", |d| {
                d.name(name);
                d.expr(value);
            }),
            DataMember::Method(method) => self.action(method),
            DataMember::Operator(operator) => self.node("operator", |d| {
                d.word(operator.op.as_str());
                d.params(std::slice::from_ref(&operator.param));
                d.block(&operator.body);
            }),
            DataMember::Inject(inject, _) => self.inject(inject),
        }
    }
}
