//! Inline caches: what an instruction that names a member found the last time (dropped at each collection, which may free types).

use zexus_bytecode::prim::Prim;
use zexus_runtime::object::{FieldObj, TypeObj};
use zexus_runtime::types::TypeDesc;
use zexus_runtime::{Tag, Value};

use crate::types::LinkedType;

/// What a site knows.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// The index of the type of the instance, or [`Site::NOTHING`].
    pub ty: u32,
    /// The place of the field.
    pub slot: u32,
    /// For assignments, a bit for each tag of values that may be assigned without asking.
    pub accepts: u32,
    /// For calls, the method.
    pub value: Value,
}

const _: () = assert!((Tag::Iter as u32) < 32);

impl Site {
    /// No type has this index.
    pub const NOTHING: u32 = u32::MAX;

    /// A site that knows nothing.
    pub const EMPTY: Site = Site { ty: Site::NOTHING, slot: 0, accepts: 0, value: Value::UNDEF };

    /// A method of a type.
    pub fn method(ty: u32, f: Value) -> Site {
        Site { ty, value: f, ..Site::EMPTY }
    }

    /// A field of a type.
    pub fn field(ty: u32, slot: usize) -> Site {
        Site { ty, slot: slot as u32, ..Site::EMPTY }
    }

    /// A field that is assigned; knows nothing if an assignment has to be looked at.
    pub fn assigned(index: u32, slot: usize, ty: &TypeObj, field: &FieldObj) -> Site {
        let accepts = match &field.ty {
            _ if ty.immutable || !field.require.is_undef() => return Site::EMPTY,
            None => u32::MAX,
            Some(spec) => match accepted(&spec.desc) {
                Some(accepts) => accepts,
                None => return Site::EMPTY,
            },
        };
        Site { ty: index, slot: slot as u32, accepts, value: Value::UNDEF }
    }

    /// Whether the value may be assigned.
    #[inline(always)]
    pub fn accepts(&self, v: Value) -> bool {
        self.accepts >> (v.tag() as u32) & 1 != 0
    }
}

/// The tags of the values that fit a type, if the tag alone decides.
fn accepted(ty: &TypeDesc) -> Option<u32> {
    match ty {
        TypeDesc::Optional(inner) => accepted(inner).map(|bits| bits | 1 << Tag::Null as u32),
        TypeDesc::Prim(prim) => tags_of_prim(*prim),
        _ => None,
    }
}

/// A bit for each tag that surely fits a type of code, if tags say enough: values with other tags must be looked at.
pub(crate) fn tags_of(ty: &LinkedType) -> Option<u32> {
    match ty {
        LinkedType::Optional(inner) => tags_of(inner).map(|bits| bits | 1 << Tag::Null as u32),
        LinkedType::Prim(prim) => tags_of_prim(*prim),
        _ => None,
    }
}

fn tags_of_prim(prim: Prim) -> Option<u32> {
    let tags: &[Tag] = match prim {
        Prim::Any => return Some(u32::MAX),
        Prim::Int => &[Tag::Int, Tag::BigInt],
        Prim::Number => &[Tag::Int, Tag::BigInt, Tag::Float],
        Prim::String => &[Tag::Str],
        Prim::Bool => &[Tag::Bool],
        Prim::List => &[Tag::List],
        Prim::Map => &[Tag::Map],
        _ => return None,
    };
    Some(tags.iter().fold(0, |bits, tag| bits | 1 << *tag as u32))
}
