//! The built-in type names (language.md, chapter 7).

macro_rules! prims {
    ($( $name:ident: $($text:literal)|+; )*) => {
        /// What a built-in type name accepts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Prim { $( $name ),* }

        impl Prim {
            /// The type of this name; the built-in names may also start with a capital.
            pub fn from_name(name: &str) -> Option<Prim> {
                match name { $( $($text)|+ => Some(Prim::$name), )* _ => Prim::capital(name) }
            }

            /// All names, for suggestions.
            pub const NAMES: &'static [&'static str] = &[ $( $($text),+ ),* ];
        }
    };
}

prims! {
    Any: "any";
    Int: "int" | "integer";
    Number: "float" | "number";
    String: "string" | "str" | "address";
    Bool: "bool" | "boolean";
    List: "list" | "array";
    Map: "map" | "dict";
    Null: "null";
    Function: "action" | "function";
    Bytes: "bytes";
    Range: "range";
    Builtin: "builtin";
    Data: "data";
    Entity: "entity";
    Enum: "enum";
    Type: "type";
    Contract: "contract";
    Module: "module";
    Task: "task";
    Channel: "channel";
    WaitGroup: "waitgroup";
    Barrier: "barrier";
    DateTime: "datetime";
    Error: "error";
}

impl Prim {
    fn capital(name: &str) -> Option<Prim> {
        let mut chars = name.chars();
        let first = chars.next()?;
        if !first.is_ascii_uppercase() {
            return None;
        }
        let lower: String = std::iter::once(first.to_ascii_lowercase()).chain(chars).collect();
        if lower.chars().any(|c| c.is_ascii_uppercase()) { None } else { Prim::from_name(&lower) }
    }
}
