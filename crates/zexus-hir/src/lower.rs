//! From the syntax tree to the core language.
//!
//! 1. Names are resolved while the tree is walked in the order of the text, so that "declared before" needs no positions.
//!    What a block declares is entered when the block is: hoisted declarations at once, variables as pending.
//! 2. A variable gets its slot or global when it is entered. Whether it needs a cell is known when its scope ends, so
//!    everything is built as if there were no cells, and [`Lowerer::finish_functions`] changes it afterwards.
//! 3. Errors never stop the walk; a program with errors is thrown away by whoever asked for it.

mod block;
mod call;
mod chain;
mod contract;
mod control;
mod data;
mod emit;
mod export;
mod expr;
mod function;
mod import;
pub(crate) mod late;
mod modifier;
mod module;
pub(crate) mod names;
mod parents;
mod pattern;
mod policy;
mod stmt;
mod tails;
mod task;
mod typedecl;
mod types;
mod vars;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use zexus_syntax::{Code, Diagnostic, FileId, Span};

use crate::Externs;
use crate::binding::*;
use crate::captures::{FnCtx, Stage};
use crate::ir::{ExportValue, Expr, ExprKind, FuncId, Intrinsic, ModuleId, Name, Program, Stmt, StmtKind};
use crate::names::{Names, Sym};
use crate::report::Reports;
use crate::scope::{Entry, Scope};
use crate::undo::Undo;

/// What surrounds programs, borrowed or shared.
#[derive(Clone, Debug)]
pub(crate) enum Shared<'e> {
    Borrowed(&'e Externs),
    Owned(Arc<Externs>),
}

impl std::ops::Deref for Shared<'_> {
    type Target = Externs;
    fn deref(&self) -> &Externs {
        match self {
            Self::Borrowed(externs) => externs,
            Self::Owned(externs) => externs,
        }
    }
}

/// What an import of a file means.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A file of the program, by its number among the lowered ones.
    File(ModId, ModuleId),
    /// A standard module.
    Std(u32),
    /// Not found; the error.
    Failed(Code, String),
    /// Part of a cycle, which was reported.
    Cycle,
}

/// The file that is lowered.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub id: ModuleId,
    pub file: FileId,
    pub path: Name,
    pub name: Name,
    /// Package around what is lowered.
    pub package: Option<Name>,
    /// Whether statements tell what they change.
    pub watches: bool,
    /// Names that `seal` makes constants somewhere.
    pub sealed: Arc<FxHashSet<Sym>>,
    /// Words in broken parts, which may be names that these would have declared.
    pub broken_words: Arc<FxHashSet<Name>>,
    /// Some import is broken and could have brought any name.
    pub broken_import: bool,
    /// What the paths of imports mean.
    pub sources: Arc<FxHashMap<Name, Source>>,
    /// How many names imports of whole modules have brought.
    pub imported: usize,
}

/// What the watches know a variable by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum WatchKey {
    Binding(BindingId),
    Member(TypeId, Sym),
}

/// Names that are looked up by the compiler itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub own: Sym,
    pub parent: Sym,
    pub tx: Sym,
    pub msg: Sym,
    pub gas: Sym,
    pub init: Sym,
}

/// Lowers modules one after the other into one program.
pub(crate) struct Lowerer<'e> {
    pub externs: Shared<'e>,
    pub names: Names,
    pub known: Known,
    pub builtins: FxHashMap<Sym, u32>,
    pub bindings: Vec<Binding>,
    pub types: Vec<TypeInfo>,
    pub enums: Vec<EnumInfo>,
    pub mods: Vec<ModInfo>,
    pub events: Vec<EventInfo>,
    pub modifiers: Vec<ModifierInfo>,
    pub aliases: Vec<AliasInfo>,
    /// Declared types by the place of their declaration.
    pub decl_types: FxHashMap<(FileId, Span), TypeId>,
    /// Errors of imported files that were not reported yet.
    pub module_errors: FxHashMap<ModId, Vec<Diagnostic>>,
    /// By name: the declarations in sight, the innermost last.
    pub table: Vec<Vec<Entry>>,
    pub scopes: Vec<Scope>,
    /// Empty scopes for the next blocks.
    pub spare_scopes: Vec<Scope>,
    /// Where names of blocks that have ended were declared.
    pub ended: FxHashMap<Sym, (FileId, Span)>,
    pub fns: Vec<FnCtx>,
    pub done: Vec<Stage>,
    pub program: Program,
    /// Top-level names of modules, for modifiers that are inherited from other files.
    pub tops: FxHashMap<ModuleId, FxHashMap<Sym, Entry>>,
    /// Context of the modules that were lowered, for the same purpose.
    pub contexts: FxHashMap<ModuleId, Current>,
    /// While a modifier of another file is lowered: names below this scope are not in sight, those of the module are.
    pub foreign: Option<(u32, ModuleId)>,
    /// Scopes of modifiers around the rest of an action, which does not see them.
    pub hidden: Option<(u32, u32)>,
    pub current: Current,
    pub reports: Reports,
    /// The scope whose start makes the function that is lowered next.
    pub hoisting: Option<u32>,
    pub type_params: Vec<Sym>,
    /// Types that the declaration needs when it is made, while one is lowered at this level of functions.
    pub needs: Option<(usize, Vec<BindingId>)>,
    /// Types are looked up from this scope.
    pub type_limit: Option<u32>,
    pub alias_depth: u32,
    /// Nodes of all uses of aliases.
    pub alias_nodes: usize,
    /// Variables that the statement changes.
    pub changed: Vec<WatchKey>,
    /// Variables that a watch reads, while one is lowered.
    pub reads: Option<Vec<WatchKey>>,
    pub watch_ids: FxHashMap<WatchKey, u32>,
    pub exactly_ids: FxHashMap<(FileId, Span), u32>,
    /// Hidden variables that the next block gives their first value.
    pub unsealed: Vec<BindingId>,
    /// The rest of the action, while modifiers are lowered.
    pub rest: Option<modifier::Rest>,
    pub std_bindings: FxHashMap<(u32, Sym), BindingId>,
    /// What the entry of the REPL has changed so far.
    pub undo: Option<Undo>,
    /// Whether names that nothing declares are globals: in the REPL.
    pub repl: bool,
    /// Files that were lowered, by path.
    pub loaded: FxHashMap<Name, (ModId, ModuleId)>,
    /// Nesting of blocks, which modifiers make deeper than the text.
    pub nest: u32,
    /// The module or `module { }` whose exports are collected.
    pub exporting: Vec<export::Exporting>,
    /// Members of packages that were not there when they were read; later parts of the package may add them.
    pub awaited: Vec<(ModId, zexus_syntax::ast::Name)>,
}

impl<'e> Lowerer<'e> {
    pub fn new(externs: Shared<'e>) -> Self {
        let mut names = Names::default();
        let mut builtins = FxHashMap::default();
        for (index, sig) in (0u32..).zip(&externs.builtins) {
            for name in &sig.names {
                builtins.insert(names.sym(name), index);
            }
        }
        let known = Known {
            own: names.sym("self"),
            parent: names.sym("super"),
            tx: names.sym("TX"),
            msg: names.sym("msg"),
            gas: names.sym("gas"),
            init: names.sym("init"),
        };
        Lowerer {
            externs,
            names,
            known,
            builtins,
            bindings: Vec::new(),
            types: Vec::new(),
            enums: Vec::new(),
            mods: Vec::new(),
            events: Vec::new(),
            modifiers: Vec::new(),
            aliases: Vec::new(),
            decl_types: FxHashMap::default(),
            module_errors: FxHashMap::default(),
            table: Vec::new(),
            scopes: Vec::new(),
            spare_scopes: Vec::new(),
            ended: FxHashMap::default(),
            fns: Vec::new(),
            done: Vec::new(),
            program: Program::default(),
            tops: FxHashMap::default(),
            contexts: FxHashMap::default(),
            foreign: None,
            hidden: None,
            current: Current {
                id: ModuleId(0),
                file: FileId(0),
                path: "".into(),
                name: "".into(),
                package: None,
                watches: false,
                sealed: Arc::default(),
                broken_words: Arc::default(),
                broken_import: false,
                sources: Arc::default(),
                imported: 0,
            },
            reports: Reports::default(),
            hoisting: None,
            type_params: Vec::new(),
            needs: None,
            type_limit: None,
            alias_depth: 0,
            alias_nodes: 0,
            changed: Vec::new(),
            reads: None,
            watch_ids: FxHashMap::default(),
            exactly_ids: FxHashMap::default(),
            unsealed: Vec::new(),
            rest: None,
            std_bindings: FxHashMap::default(),
            undo: None,
            repl: false,
            loaded: FxHashMap::default(),
            nest: 0,
            exporting: Vec::new(),
            awaited: Vec::new(),
        }
    }

    pub fn text(&self, sym: Sym) -> Name {
        self.names.text(sym)
    }

    /// Reports an error or warning.
    #[cold]
    pub fn report(&mut self, code: Code, span: Span, message: impl Into<String>) {
        let diagnostic = self.diagnostic(code, span, message);
        self.reports.add(diagnostic);
    }

    /// The same with help.
    #[cold]
    pub fn report_help(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = self.diagnostic(code, span, message).with_help(help);
        self.reports.add(diagnostic);
    }

    /// A diagnostic of the current file.
    pub fn diagnostic(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, message).at(self.current.file, span)
    }

    pub fn binding(&self, id: BindingId) -> &Binding {
        &self.bindings[id.0 as usize]
    }

    pub fn binding_mut(&mut self, id: BindingId) -> &mut Binding {
        &mut self.bindings[id.0 as usize]
    }

    pub fn type_info(&self, id: TypeId) -> &TypeInfo {
        &self.types[id.0 as usize]
    }

    /// The index of the running function.
    pub fn level(&self) -> u32 {
        u32::try_from(self.fns.len()).unwrap_or(u32::MAX).saturating_sub(1)
    }

    /// Whether the code stands inside a function of the program.
    pub fn in_function(&self) -> bool {
        self.fns.len() > 1
    }

    /// The function that is lowered.
    pub fn fun(&mut self) -> &mut FnCtx {
        let last = self.fns.len().saturating_sub(1);
        &mut self.fns[last]
    }

    /// The value of an export for the run.
    pub fn export_value(&self, id: BindingId) -> Option<ExportValue> {
        Some(match &self.binding(id).place {
            Place::Global(global) => ExportValue::Var(crate::ir::Var::Global(*global)),
            Place::State(state) => ExportValue::Var(crate::ir::Var::State(*state)),
            Place::Builtin(index) => ExportValue::Builtin(*index),
            Place::Const(value) => ExportValue::Const(value.clone()),
            Place::Module(module) => ExportValue::Module(*module),
            Place::StdModule(index) => ExportValue::StdModule(*index),
            Place::Slot { .. } | Place::None => return None,
        })
    }

    /// Appends finished functions to the program; see rule 2.
    pub fn finish_functions(&mut self) {
        let done = std::mem::take(&mut self.done);
        for mut stage in done {
            stage.finish(&self.bindings);
            if let Stage::Finished(function) = stage {
                self.program.functions.push(function);
            }
        }
    }

    /// The number of the next function.
    pub fn next_function(&mut self) -> FuncId {
        let index = self.program.functions.len() + self.done.len();
        self.done.push(Stage::Open);
        FuncId(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// An expression at a place.
pub(crate) fn expr_at(kind: ExprKind, span: Span) -> Expr {
    Expr { kind, span }
}

/// What the runtime does with evaluated operands.
pub(crate) fn intrinsic(what: Intrinsic, operands: Vec<Expr>) -> ExprKind {
    ExprKind::Intrinsic(Box::new(what), operands)
}

/// A statement at a place.
pub(crate) fn stmt_at(kind: StmtKind, span: Span) -> Stmt {
    Stmt { kind, span }
}
