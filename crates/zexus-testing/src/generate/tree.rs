//! Generated programs as trees of templates: easy to print, and easy to shrink without knowing the language.

use std::borrow::Cow;

/// What an expression gives, as far as the generator cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    /// An integer of any size.
    Int,
    /// An integer from 0 to about 6.
    Nat,
    /// An integer that is not 0.
    NonZero,
    /// A float.
    Float,
    /// A string.
    Str,
    /// A boolean.
    Bool,
    /// Anything that can be shown and compared; no functions.
    Any,
    /// A list of integers.
    Ints,
    /// A list of strings.
    Strs,
    /// A list of anything.
    Items,
    /// A map from strings to integers.
    Map,
    /// A short range.
    Range,
    /// A function from an integer to an integer.
    Fn1,
    /// A function without parameters that gives an integer.
    Fn0,
    /// An instance of the type with this number.
    Inst(u8),
    /// An instance of the contract with this number.
    Con(u8),
    /// A task that gives an integer.
    Task,
}

impl Ty {
    /// Constants of the type, the simplest first: what an expression is replaced by when a program is shrunk.
    pub fn constants(self) -> &'static [&'static str] {
        match self {
            Ty::Int | Ty::Nat => &["0", "1", "2"],
            Ty::NonZero => &["1", "2"],
            Ty::Float => &["0.0", "1.5"],
            Ty::Str => &["\"\"", "\"a\""],
            Ty::Bool => &["true", "false"],
            Ty::Any => &["null", "0"],
            Ty::Ints | Ty::Items => &["[]", "[1]"],
            Ty::Strs => &["[]", "[\"a\"]"],
            Ty::Map => &["{}", "{a: 1}"],
            Ty::Range => &["(0..1)", "(0..2)"],
            Ty::Fn1 => &["(x => x)"],
            Ty::Fn0 => &["(() => 0)"],
            Ty::Inst(_) | Ty::Con(_) | Ty::Task => &[],
        }
    }
}

/// What may be done with a tree when a program is shrunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// An expression: may be replaced by a constant or by an expression in it.
    Expr(Ty),
    /// A statement, declaration or member: may be removed, or replaced by the statements in it.
    Stmt,
    /// Statements in braces, each of which may be removed.
    Block,
    /// The statements of the program.
    Top,
    /// Things between commas, each of which may be removed.
    Commas,
    /// Things after each other that may be removed, such as `catch` clauses.
    Parts,
    /// Only its children are shrunk.
    Glue,
}

impl Sort {
    /// Whether the children may be removed.
    pub fn is_list(self) -> bool {
        matches!(self, Sort::Block | Sort::Top | Sort::Commas | Sort::Parts)
    }
}

/// A piece of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// What it is.
    pub sort: Sort,
    /// Its text with an `@` for each child; lists have none.
    pub template: Cow<'static, str>,
    /// Its parts.
    pub children: Vec<Tree>,
}

/// An expression.
pub fn expr<const N: usize>(ty: Ty, template: impl Into<Cow<'static, str>>, children: [Tree; N]) -> Tree {
    Tree { sort: Sort::Expr(ty), template: template.into(), children: children.into() }
}

/// A statement, declaration or member.
pub fn stmt<const N: usize>(template: impl Into<Cow<'static, str>>, children: [Tree; N]) -> Tree {
    Tree { sort: Sort::Stmt, template: template.into(), children: children.into() }
}

/// Text with parts that stays as it is.
pub fn glue<const N: usize>(template: impl Into<Cow<'static, str>>, children: [Tree; N]) -> Tree {
    Tree { sort: Sort::Glue, template: template.into(), children: children.into() }
}

/// A list of this sort.
pub fn list(sort: Sort, children: Vec<Tree>) -> Tree {
    Tree { sort, template: Cow::Borrowed(""), children }
}

impl Tree {
    /// The text of the program.
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(2048);
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut String, indent: usize) {
        let line = |out: &mut String, indent: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n("    ", indent));
        };
        match self.sort {
            Sort::Top => {
                for child in &self.children {
                    child.write(out, indent);
                    out.push('\n');
                }
            }
            Sort::Block if self.children.is_empty() => out.push_str("{ }"),
            Sort::Block => {
                out.push('{');
                for child in &self.children {
                    line(out, indent + 1);
                    child.write(out, indent + 1);
                }
                line(out, indent);
                out.push('}');
            }
            Sort::Commas => {
                for (i, child) in self.children.iter().enumerate() {
                    out.push_str(if i > 0 { ", " } else { "" });
                    child.write(out, indent);
                }
            }
            Sort::Parts => {
                for child in &self.children {
                    out.push(' ');
                    child.write(out, indent);
                }
            }
            _ => {
                let mut children = self.children.iter();
                for (i, text) in self.template.split('@').enumerate() {
                    if i > 0
                        && let Some(child) = children.next()
                    {
                        child.write(out, indent);
                    }
                    out.push_str(text);
                }
            }
        }
    }

    /// The number of trees in it, itself included.
    pub fn size(&self) -> usize {
        1 + self.children.iter().map(Tree::size).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_print_as_programs() {
        let one = || expr(Ty::Int, "1", []);
        let print = stmt("print(@)", [list(Sort::Commas, vec![one(), one()])]);
        let empty = list(Sort::Block, vec![]);
        let top = list(
            Sort::Top,
            vec![
                stmt("if @ @ else @", [one(), list(Sort::Block, vec![print.clone()]), empty]),
                stmt(
                    "try @@",
                    [list(Sort::Block, vec![print]), list(Sort::Parts, vec![glue("catch { }", [])])],
                ),
            ],
        );
        assert_eq!(top.text(), "if 1 {\n    print(1, 1)\n} else { }\ntry {\n    print(1, 1)\n} catch { }\n");
        assert_eq!(top.size(), 17);
    }
}
