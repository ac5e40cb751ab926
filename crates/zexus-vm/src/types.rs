//! Types in descriptors: parsed by the linker, checked and made into objects at run time (bytecode.md 2.6, language.md 7).
//!
//! A text is a name, first a built-in one, then a variable with perhaps members of it in turn (`M.P`), with `?` behind it for null.
//! `T[]` and `List<T>` are lists whatever `T` says. A map is a record, or with the only key `?` an optional type. Names that mean
//! nothing accept everything.

use std::sync::Arc;

use zexus_bytecode::Const;
use zexus_bytecode::prim::Prim;
use zexus_runtime::key::KeyRef;
use zexus_runtime::types::{TypeDesc, TypeSpec, fits_named, fits_prim};
use zexus_runtime::{Trap, Value, calls, state};

use crate::exec::Exec;
use crate::program::Spot;

/// A type whose names are still variables.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkedType {
    /// A built-in name.
    Prim(Prim),
    /// The value of a variable, and members of it in turn.
    Named(Arc<str>, Box<[Arc<str>]>),
    /// null, and what the inner type accepts.
    Optional(Box<LinkedType>),
    /// A type parameter, by position.
    Param(u16),
    /// Maps with these string keys whose values fit.
    Record(Box<[(Arc<str>, LinkedType)]>),
}

impl LinkedType {
    /// Parses a type descriptor.
    pub fn parse(descriptor: &Const) -> LinkedType {
        LinkedType::parse_with(descriptor, &[])
    }

    /// As [`LinkedType::parse`], where some names are type parameters.
    fn parse_with(descriptor: &Const, params: &[Arc<str>]) -> LinkedType {
        match descriptor {
            Const::Str(text) => {
                let name = text.trim_end_matches('?');
                let ty = LinkedType::parse_name(name, params);
                if name.len() < text.len() { LinkedType::Optional(Box::new(ty)) } else { ty }
            }
            // Constants are nested at most 64 deep, which bounds this recursion.
            Const::Map(entries) => match optional(entries) {
                Some(inner) => LinkedType::Optional(Box::new(LinkedType::parse_with(inner, params))),
                None => {
                    let field = |(key, ty): &(Const, Const)| {
                        Some((key.as_str()?.into(), LinkedType::parse_with(ty, params)))
                    };
                    LinkedType::Record(entries.iter().filter_map(field).collect())
                }
            },
            _ => LinkedType::Prim(Prim::Any),
        }
    }

    fn parse_name(name: &str, params: &[Arc<str>]) -> LinkedType {
        if let Some(index) = params.iter().position(|param| **param == *name) {
            return LinkedType::Param(u16::try_from(index).unwrap_or(u16::MAX));
        }
        if name.ends_with("[]") {
            return LinkedType::Prim(Prim::List);
        }
        let name = name.split_once('<').map_or(name, |(name, _)| name);
        match Prim::from_name(name) {
            Some(prim) => LinkedType::Prim(prim),
            None => {
                let (variable, members) = split_path(name);
                LinkedType::Named(variable.into(), members.map(Arc::from).collect())
            }
        }
    }
}

/// The inner type of `{"?": type}`.
fn optional(entries: &[(Const, Const)]) -> Option<&Const> {
    match entries {
        [(key, inner)] if key.as_str() == Some("?") => Some(inner),
        _ => None,
    }
}

/// A variable and the members of it that follow: `M.P`, `lib/math.zx:M.P`. A leading `@` says that it is not the built-in name.
pub(crate) fn split_path(name: &str) -> (&str, impl Iterator<Item = &str>) {
    let name = name.strip_prefix('@').unwrap_or(name);
    // The path of a module may hold dots, too.
    let start = name.rfind(':').map_or(0, |at| at + 1);
    let end = name.get(start..).and_then(|rest| rest.find('.')).map_or(name.len(), |at| start + at);
    let (variable, members) = name.split_at(end);
    (variable, members.split('.').skip(1))
}

/// The text of a type descriptor as messages show it: `#n` behind the names of variables, and modules before them, are left out.
pub(crate) fn shown_type(descriptor: &Const) -> Arc<str> {
    match descriptor {
        Const::Str(text) if !text.contains(['#', ':', '@']) => text.clone(),
        _ => {
            let mut out = String::new();
            show(descriptor, &mut out);
            out.into()
        }
    }
}

fn show(descriptor: &Const, out: &mut String) {
    match descriptor {
        Const::Str(text) => {
            let text = text.rsplit_once(':').map_or(&**text, |(_, name)| name).trim_start_matches('@');
            let (name, rest) = text.split_at(text.find('#').unwrap_or(text.len()));
            out.push_str(name);
            out.push_str(rest.trim_start_matches('#').trim_start_matches(|c: char| c.is_ascii_digit()));
        }
        Const::Map(entries) => {
            if let Some(inner) = optional(entries) {
                show(inner, out);
                out.push('?');
                return;
            }
            out.push('{');
            for (i, (key, ty)) in entries.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                out.push_str(key.as_str().unwrap_or_default());
                out.push_str(": ");
                show(ty, out);
            }
            out.push('}');
        }
        _ => out.push_str("any"),
    }
}

impl Exec<'_> {
    /// Whether a value fits a type, whose names are variables of the running function.
    ///
    /// # Errors
    /// E0301, E0302 for its names, and what reading of the state raises.
    pub fn fits(&mut self, v: Value, ty: &LinkedType) -> Result<bool, Trap> {
        match ty {
            LinkedType::Prim(prim) => Ok(fits_prim(&self.m, v, *prim)),
            LinkedType::Named(name, members) => {
                let declared = self.declared_type(name, members)?;
                Ok(declared.is_none_or(|t| fits_named(&self.m, v, t)))
            }
            // Outside an instance nothing says what a type parameter stands for.
            LinkedType::Param(_) => Ok(true),
            LinkedType::Optional(inner) => Ok(v.is_null() || self.fits(v, inner)?),
            LinkedType::Record(fields) => {
                let v = state::plain(&mut self.m, v)?;
                let Some(map) = v.as_map() else { return Ok(false) };
                for (name, ty) in fields {
                    let Some(item) = self.m.heap.map(map).map.get(&KeyRef::Str(name)).copied() else {
                        return Ok(false);
                    };
                    if !self.fits(item, ty)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    /// The type as fields and parameters keep it; `params` are the names of type parameters, `text` what messages show if it is not
    /// the descriptor.
    ///
    /// # Errors
    /// [`Trap::MemoryLimit`].
    pub fn type_spec(
        &mut self,
        descriptor: &Const,
        text: Option<&Const>,
        params: &[Arc<str>],
    ) -> Result<TypeSpec, Trap> {
        let desc = self.type_desc(&LinkedType::parse_with(descriptor, params))?;
        let text = match text {
            Some(Const::Str(text)) => text.clone(),
            _ => shown_type(descriptor),
        };
        Ok(TypeSpec { text, desc })
    }

    fn type_desc(&mut self, ty: &LinkedType) -> Result<TypeDesc, Trap> {
        Ok(match ty {
            LinkedType::Prim(prim) => TypeDesc::Prim(*prim),
            LinkedType::Named(name, members) => match self.declared_type(name, members) {
                Ok(Some(t)) => TypeDesc::Named(t),
                Ok(None) => TypeDesc::Prim(Prim::Any),
                // A type whose declaration has not been reached accepts nothing.
                Err(Trap::Raised) => {
                    self.m.pending = None;
                    TypeDesc::Named(Value::UNDEF)
                }
                Err(trap) => return Err(trap),
            },
            LinkedType::Optional(inner) => TypeDesc::Optional(Box::new(self.type_desc(inner)?)),
            LinkedType::Param(index) => TypeDesc::Param(*index),
            LinkedType::Record(fields) => {
                let fields: Result<Vec<_>, Trap> =
                    fields.iter().map(|(name, ty)| Ok((name.clone(), self.type_desc(ty)?))).collect();
                TypeDesc::Record(Arc::from(fields?))
            }
        })
    }

    /// The value that a name in a type stands for; `None` for one that means nothing.
    fn declared_type(&mut self, name: &str, members: &[Arc<str>]) -> Result<Option<Value>, Trap> {
        let known = match self.spot(name) {
            Spot::Nothing | Spot::Builtin(_) => false,
            Spot::Global(index) => self.program.globals.get(index as usize).is_some_and(|g| g.stored),
            _ => true,
        };
        match known || name.contains(':') {
            true => self.read_path(name, members.iter().map(|member| &**member)).map(Some),
            false => Ok(None),
        }
    }

    /// The value of a variable of the running function, and of members of it in turn.
    ///
    /// # Errors
    /// E0301, E0302, and what reading a member raises.
    pub(crate) fn read_path<'a>(
        &mut self,
        name: &str,
        members: impl Iterator<Item = &'a str>,
    ) -> Result<Value, Trap> {
        let mut value = self.read_name(name)?;
        for member in members {
            value = calls::member(self, value, member, false)?;
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, members: &[&str]) -> LinkedType {
        LinkedType::Named(name.into(), members.iter().map(|m| Arc::from(*m)).collect())
    }

    fn check(descriptor: impl Into<Const>, ty: LinkedType, shown: &str) {
        let descriptor = descriptor.into();
        assert_eq!(LinkedType::parse(&descriptor), ty, "{descriptor:?}");
        assert_eq!(&*shown_type(&descriptor), shown);
    }

    #[test]
    fn texts() {
        let optional = |ty| LinkedType::Optional(Box::new(ty));
        check("int", LinkedType::Prim(Prim::Int), "int");
        check("int?", optional(LinkedType::Prim(Prim::Int)), "int?");
        check("int???", optional(LinkedType::Prim(Prim::Int)), "int???");
        check("int[]", LinkedType::Prim(Prim::List), "int[]");
        check("list<Point#1>", LinkedType::Prim(Prim::List), "list<Point>");
        check("Point#1?", optional(named("Point#1", &[])), "Point?");
        check("M#12.P", named("M#12", &["P"]), "M.P");
        check("String", LinkedType::Prim(Prim::String), "String");
        check(":Task?", optional(named(":Task", &[])), "Task?");
        check("@Task#2", named("Task#2", &[]), "Task");
        check("lib/a.zx:M.P", named("lib/a.zx:M", &["P"]), "M.P");
    }

    #[test]
    fn records() {
        let descriptor = vec![(Const::from("id"), Const::from("int")), ("at".into(), "P#2".into())];
        let fields = [("id".into(), LinkedType::Prim(Prim::Int)), ("at".into(), named("P#2", &[]))];
        let record = LinkedType::Record(Box::new(fields));
        check(descriptor.clone(), record.clone(), "{id: int, at: P}");
        let descriptor = vec![(Const::from("?"), Const::from(descriptor))];
        check(descriptor, LinkedType::Optional(Box::new(record)), "{id: int, at: P}?");
    }
}
