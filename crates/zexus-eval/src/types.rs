//! Declared types, checked where values are stored (language.md chapter 7).

use std::sync::Arc;

use zexus_hir::ir::{TypeKind, TypeRef};
use zexus_runtime::key::KeyRef;
use zexus_runtime::types::{self, TypeDesc, TypeSpec};
use zexus_runtime::{Trap, Value};

use crate::eval::Eval;

impl<'p> Eval<'p> {
    /// Whether a value fits a type.
    #[inline]
    pub fn fits(&mut self, v: Value, ty: &'p TypeKind) -> Result<bool, Trap> {
        match ty {
            TypeKind::Prim(p) => Ok(types::fits_prim(&self.m, v, *p)),
            _ => self.fits_declared(v, ty),
        }
    }

    fn fits_declared(&mut self, v: Value, ty: &'p TypeKind) -> Result<bool, Trap> {
        match ty {
            TypeKind::Prim(p) => Ok(types::fits_prim(&self.m, v, *p)),
            TypeKind::Named(e) => {
                let height = self.height();
                self.push(v);
                let t = self.expr(e)?;
                self.cut(height);
                Ok(types::fits_named(&self.m, v, t))
            }
            TypeKind::Optional(inner) => Ok(v.is_null() || self.fits(v, inner)?),
            TypeKind::Record(fields) => {
                let v = self.plain_container(v)?;
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
            // Outside an instance nothing says what a type parameter stands for.
            TypeKind::Param(_) => Ok(true),
        }
    }

    /// A type as the runtime keeps it.
    pub fn type_spec(&mut self, ty: &'p TypeRef) -> Result<TypeSpec, Trap> {
        Ok(TypeSpec { text: ty.text.clone(), desc: self.type_desc(&ty.kind)? })
    }

    fn type_desc(&mut self, ty: &'p TypeKind) -> Result<TypeDesc, Trap> {
        Ok(match ty {
            TypeKind::Prim(p) => TypeDesc::Prim(*p),
            TypeKind::Named(e) => TypeDesc::Named(match self.expr(e) {
                Ok(v) => v,
                // A type whose declaration has not been reached accepts nothing.
                Err(Trap::Raised) => {
                    self.m.pending = None;
                    Value::UNDEF
                }
                Err(trap) => return Err(trap),
            }),
            TypeKind::Optional(inner) => TypeDesc::Optional(Box::new(self.type_desc(inner)?)),
            TypeKind::Record(fields) => {
                let fields: Result<Vec<_>, Trap> =
                    fields.iter().map(|(name, ty)| Ok((name.clone(), self.type_desc(ty)?))).collect();
                TypeDesc::Record(Arc::from(fields?))
            }
            TypeKind::Param(i) => TypeDesc::Param(*i),
        })
    }
}
