//! The standard modules (language.md chapter 20): names for constants and for builtins of [`crate::builtins::TABLE`].

use crate::builtins;
use crate::value::Value;

pub mod data;
pub mod datetime;
pub mod math;

/// A standard module.
#[derive(Debug)]
pub struct StdModule {
    /// Its name, as `use` writes it.
    pub name: &'static str,
    /// Its constants.
    pub constants: &'static [(&'static str, f64)],
    /// Builtins of the outermost scope that it exports again: its name for each, and the builtin's.
    pub builtins: &'static [(&'static str, &'static str)],
    /// Modules of the table of builtins all of whose rows it exports.
    pub rows: &'static [&'static str],
}

/// The standard modules.
pub static MODULES: &[StdModule] = &[
    StdModule {
        name: "math",
        constants: math::CONSTANTS,
        builtins: &[
            ("abs", "abs"),
            ("min", "min"),
            ("max", "max"),
            ("sum", "sum"),
            ("sqrt", "sqrt"),
            ("floor", "floor"),
            ("ceil", "ceil"),
            ("round", "round"),
            ("random", "random"),
        ],
        rows: &["math"],
    },
    StdModule { name: "json", constants: &[], builtins: &[], rows: &["json"] },
    StdModule { name: "string", constants: &[], builtins: &[], rows: &["@string", "string"] },
    StdModule { name: "list", constants: &[], builtins: &[], rows: &["@list", "list"] },
    StdModule {
        name: "datetime",
        constants: &[],
        builtins: &[("now", "now"), ("timestamp", "timestamp")],
        rows: &["datetime"],
    },
    StdModule {
        name: "crypto",
        constants: &[],
        builtins: &[
            ("keccak256", "keccak256"),
            ("generate_keypair", "generate_keypair"),
            ("sign", "signature"),
            ("verify", "verify_sig"),
            ("derive_address", "derive_address"),
            ("merkle_root", "merkle_root"),
            ("constant_time_compare", "constant_time_compare"),
        ],
        rows: &["crypto"],
    },
    StdModule {
        name: "fs",
        constants: &[],
        builtins: &[
            ("read_file", "read_file"),
            ("exists", "file_exists"),
            ("list_dir", "file_list_dir"),
            ("is_file", "fs_is_file"),
            ("is_dir", "fs_is_dir"),
            ("read_json", "file_read_json"),
            ("write_file", "file_write_text"),
            ("append", "file_append"),
            ("write_json", "file_write_json"),
            ("mkdir", "fs_mkdir"),
            ("remove", "fs_remove"),
            ("rmdir", "fs_rmdir"),
            ("rename", "fs_rename"),
            ("copy", "fs_copy"),
        ],
        rows: &[],
    },
    StdModule { name: "blockchain", constants: &[], builtins: &[], rows: &["blockchain"] },
];

/// Modules that a host may supply and this implementation does not (E0606).
pub const HOST_MODULES: &[&str] =
    &["http", "sockets", "websocket", "sqlite", "postgres", "mysql", "mongo", "os"];

/// The standard module of this name.
pub fn lookup(name: &str) -> Option<&'static StdModule> {
    MODULES.iter().find(|m| m.name == name)
}

impl StdModule {
    /// What the module exports, both spellings of each name, in the order of its tables.
    pub fn exports(&self) -> Vec<(String, Value)> {
        let mut out: Vec<(String, Value)> = Vec::new();
        out.extend(self.constants.iter().map(|(name, x)| ((*name).to_owned(), Value::float(*x))));
        for (name, builtin) in self.builtins {
            let Some(index) = builtins::lookup(builtin) else { continue };
            let camel = builtins::camel_case(name);
            if camel != *name {
                out.push((camel, Value::builtin(index)));
            }
            out.push(((*name).to_owned(), Value::builtin(index)));
        }
        for rows in self.rows {
            out.extend(builtins::names(rows).into_iter().map(|(name, i)| (name, Value::builtin(i))));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{MODULES, lookup};

    #[test]
    fn names_are_exported_once() {
        for module in MODULES {
            let mut names: Vec<String> = module.exports().into_iter().map(|(n, _)| n).collect();
            let all = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), all, "{}", module.name);
        }
        let math = lookup("math").unwrap().exports();
        for name in ["pi", "TAU", "floor", "trunc", "random_int", "randomInt", "shift_left"] {
            assert!(math.iter().any(|(n, _)| n == name), "{name}");
        }
        let list = lookup("list").unwrap().exports();
        assert!(list.iter().any(|(n, _)| n == "push") && list.iter().any(|(n, _)| n == "of"));
        assert!(lookup("nothing").is_none());
    }
}
