//! What is to become of the value of a statement.

use zexus_hir::ir::{Block, ExprKind, Match, Stmt, StmtKind};

use crate::names::{Builtins, Special};

/// What is to become of the value of a statement or block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Nothing is left on the stack.
    Nothing,
    /// One value is left on the stack.
    Value,
    /// What follows is the end of the code, where the stack may have any height: the value is left, and nothing for null.
    Tail,
}

impl Want {
    /// What is wanted of the code inside a region, which is not at the end of the code: nothing if its value is null anyway.
    pub fn inside(self, yields: impl FnOnce() -> bool) -> Want {
        match self {
            Want::Tail if yields() => Want::Value,
            Want::Tail => Want::Nothing,
            other => other,
        }
    }

    /// How many values are left.
    pub fn count(self) -> u32 {
        u32::from(self == Want::Value)
    }
}

impl Builtins {
    /// Whether the value of a block may be something else than null.
    pub fn yields_block(&self, block: &Block) -> bool {
        block.stmts.last().is_some_and(|stmt| self.yields(stmt))
    }

    /// Whether the value of a statement may be something else than null.
    pub fn yields(&self, stmt: &Stmt) -> bool {
        match &stmt.kind {
            StmtKind::Expr(e) => match &e.kind {
                ExprKind::Match(m) => self.yields_match(m),
                ExprKind::CallBuiltin { builtin, .. } => {
                    !matches!(self.special(*builtin), Some(Special::Print | Special::Limit))
                }
                _ => true,
            },
            StmtKind::If { branches, otherwise } => {
                branches.iter().any(|(_, block)| self.yields_block(block))
                    || otherwise.iter().any(|block| self.yields_block(block))
            }
            StmtKind::Try(parts) => {
                self.yields_block(&parts.body)
                    || parts.catches.iter().any(|clause| self.yields_block(&clause.body))
            }
            StmtKind::Block(b) | StmtKind::Tx(b) | StmtKind::Atomic(b) | StmtKind::Body(b) => {
                self.yields_block(b)
            }
            StmtKind::Using(u) => self.yields_block(&u.body),
            StmtKind::Watched { stmt, .. } => self.yields(stmt),
            StmtKind::Pattern(m) => self.yields_match(m),
            _ => false,
        }
    }

    fn yields_match(&self, m: &Match) -> bool {
        m.arms.iter().any(|arm| self.yields_block(&arm.body))
    }
}
