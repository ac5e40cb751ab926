//! A file with everything it imports (language.md 12.3, 12.4).

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use zexus_bytecode::flags::FnFlags;
use zexus_syntax::ast;
use zexus_syntax::{Code, Diagnostic, Directive, FileId, Keyword, Parsed, Span, Token, TokenKind, parse};

use crate::binding::*;
use crate::captures::{Head, Signature};
use crate::externs::{Externs, LoadError, Loaded, Loader};
use crate::ir::*;
use crate::lower::names::host_module_message;
use crate::lower::{Current, Lowerer, Shared, Source};
use crate::report::Reports;
use crate::survey::Survey;

/// What became of a program.
#[derive(Clone, Debug, Default)]
pub struct Lowered {
    /// The program, if nothing keeps it from starting.
    pub program: Option<Program>,
    /// Errors and warnings, of each file in the order of its text; at most about 100 a file.
    pub diagnostics: Vec<Diagnostic>,
    /// The settings of the main file (language.md 21.1).
    pub directives: Vec<Directive>,
}

impl Lowered {
    /// Whether something keeps the program from starting.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Reads a program and all files that it imports, resolves every name, and reports everything that language.md chapter 23 marks
/// with C or W. An imported file with errors is one diagnostic, E0607, that shows them.
pub fn lower_program(main: Loaded, externs: &Externs, loader: &mut dyn Loader) -> Lowered {
    let mut lowerer = Lowerer::new(Shared::Borrowed(externs));
    let mut lowered = Lowered::default();
    let graph = Graph::load(main, &lowerer, loader);
    lower_files(&mut lowerer, graph, &mut lowered);
    if !lowered.has_errors() {
        lowered.program = Some(std::mem::take(&mut lowerer.program));
    }
    lowered
}

/// Lowers the files of a graph, the main one last.
pub(crate) fn lower_files(lowerer: &mut Lowerer<'_>, graph: Graph, lowered: &mut Lowered) {
    lowered.diagnostics.extend(graph.cycles);
    let mut known: FxHashMap<usize, (ModId, ModuleId)> = FxHashMap::default();
    let mut files: Vec<Option<File>> = graph.files.into_iter().map(Some).collect();
    for index in graph.order {
        let Some(file) = files.get_mut(index).and_then(Option::take) else { continue };
        let main = index == 0;
        let found = lower_file(lowerer, file, main, &known, lowered);
        known.insert(index, found);
    }
}

fn lower_file(
    lowerer: &mut Lowerer<'_>,
    file: File,
    main: bool,
    known: &FxHashMap<usize, (ModId, ModuleId)>,
    lowered: &mut Lowered,
) -> (ModId, ModuleId) {
    // A file that the REPL imports knows nothing of the scope of the entries.
    let repl = (lowerer.repl && !main).then(|| {
        lowerer.repl = false;
        (std::mem::take(&mut lowerer.table), std::mem::take(&mut lowerer.scopes), lowerer.undo.take())
    });
    let module = ModId(u32::try_from(lowerer.mods.len()).unwrap_or(u32::MAX));
    let id = ModuleId(u32::try_from(lowerer.program.modules.len()).unwrap_or(u32::MAX));
    lowerer.mods.push(ModInfo::new(file.path.clone()));
    let mut parsed = file.parsed;
    parsed.tokens = Vec::new();
    prepare(lowerer, &file.path, file.file, file.outlook, main, id);
    let source = |target: &Target| match target {
        Target::File(index) => {
            known.get(index).map_or(Source::Cycle, |(module, id)| Source::File(*module, *id))
        }
        Target::Lowered(module, id) => Source::File(*module, *id),
        Target::Std(index) => Source::Std(*index),
        Target::Failed(code, message) => Source::Failed(*code, message.clone()),
        Target::Cycle => Source::Cycle,
    };
    let sources = file.targets.iter().map(|(path, target)| (path.clone(), source(target))).collect();
    lowerer.current.sources = Arc::new(sources);
    lower_module(lowerer, parsed.module, module);
    lowerer.check_awaited();
    let mut diagnostics = parsed.errors;
    diagnostics.extend(std::mem::take(&mut lowerer.reports).finish());
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary().map(|(file, span)| (file, span.start)));
    lowerer.mods[module.0 as usize].closed = true;
    if main {
        lowered.diagnostics.extend(diagnostics);
        lowered.directives = parsed.directives;
        lowerer.program.main = Some(id);
    } else {
        let is_own = |d: &Diagnostic| d.is_error() && !matches!(d.code, Code::E0605 | Code::E0607);
        let (own, others): (Vec<_>, Vec<_>) = diagnostics.into_iter().partition(is_own);
        lowered.diagnostics.extend(others);
        if !own.is_empty() {
            lowerer.mods[module.0 as usize].broken = true;
            lowerer.module_errors.insert(module, own);
        }
        lowerer.loaded.insert(file.path, (module, id));
    }
    if let Some((table, scopes, undo)) = repl {
        lowerer.repl = true;
        lowerer.table = table;
        lowerer.scopes = scopes;
        lowerer.undo = undo;
    }
    (module, id)
}

/// What a look over a file told, without its tree.
struct Outlook {
    uses: Vec<(Name, Span)>,
    watches: bool,
    sealed: Vec<Box<str>>,
    /// Words in broken parts.
    words: FxHashSet<Name>,
    /// What was skipped could have declared anything.
    skipped: bool,
}

impl Outlook {
    fn of(text: &str, parsed: &Parsed) -> Outlook {
        use Keyword::{From, Immutable, Import, Seal, Use, Watch};
        let looks = |token: &Token| {
            matches!(token.kind, TokenKind::Keyword(From | Immutable | Import | Seal | Use | Watch))
        };
        // Most files hold nothing of what is looked for.
        let survey = if parsed.has_errors() || parsed.tokens.iter().any(looks) {
            Survey::of(&parsed.module.body)
        } else {
            Survey::default()
        };
        let mut words: FxHashSet<Name> = FxHashSet::default();
        for span in &survey.broken {
            let broken = span.text(text);
            words.extend(broken.split(|c: char| !c.is_alphanumeric() && c != '_').map(Name::from));
        }
        let skips = |d: &Diagnostic| matches!(d.code, Code::E0103 | Code::E0104 | Code::E0202 | Code::E0218);
        Outlook {
            uses: survey
                .uses
                .iter()
                .filter(|(import, _)| !import.path.value.is_empty())
                .map(|(import, _)| (import.path.value.clone(), import.path.span))
                .collect(),
            watches: survey.watches,
            sealed: survey.sealed.iter().map(|name| Box::from(*name)).collect(),
            words,
            skipped: parsed.errors.iter().any(skips) || parsed.errors.len() >= 100,
        }
    }
}

/// Sets the context of a file.
fn prepare(lowerer: &mut Lowerer<'_>, path: &Name, file: FileId, outlook: Outlook, main: bool, id: ModuleId) {
    let sealed = outlook.sealed.iter().map(|name| lowerer.names.sym(name)).collect();
    lowerer.reports = Reports::default();
    lowerer.ended.clear();
    lowerer.current = Current {
        id,
        file,
        path: path.clone(),
        name: if main { "__main__".into() } else { path.clone() },
        package: None,
        watches: outlook.watches || lowerer.repl,
        sealed: Arc::new(sealed),
        broken_words: Arc::new(outlook.words),
        broken_import: outlook.skipped,
        sources: Arc::default(),
        imported: 0,
    };
}

/// Lowers the body of the current file and appends the module to the program.
fn lower_module(lowerer: &mut Lowerer<'_>, module: ast::Module, exports: ModId) {
    let current = lowerer.current.clone();
    let modifiers = lowerer.modifiers.len();
    if lowerer.scopes.is_empty() {
        lowerer.open();
    }
    let main = &*current.name == "__main__";
    if let Some(scope) = lowerer.scopes.last_mut() {
        scope.globals = true;
        scope.hoisted.clear();
        scope.state = Some(if main { "".into() } else { format!("{}:", current.path).into() });
    }
    let span = module.span;
    let flags = FnFlags::default();
    lowerer.push_function(Head { name: "".into(), role: Role::Module, flags, span }, None);
    lowerer.begin_exports(exports);
    let mut body = lowerer.top_stmts(module.body, span);
    let list = lowerer.end_exports(false);
    if lowerer.modifiers.len() > modifiers {
        let syms = lowerer.scopes.last().map(|scope| scope.syms.clone()).unwrap_or_default();
        let top = syms
            .into_iter()
            .filter_map(|sym| lowerer.own_entry(sym).copied().map(|own| (sym, own)))
            .collect();
        lowerer.tops.insert(current.id, top);
        lowerer.contexts.insert(current.id, lowerer.current.clone());
    }
    if lowerer.repl && main {
        // The scope goes on with the next entry.
    } else {
        body.early = lowerer.close().early;
    }
    let body = lowerer.pop_function(Signature::default(), body);
    lowerer.program.modules.push(Arc::new(Module {
        path: current.path,
        name: current.name,
        file: current.file,
        body,
        exports: list,
    }));
    lowerer.finish_functions();
}

/// A file that was read.
struct File {
    path: Name,
    file: FileId,
    parsed: Parsed,
    outlook: Outlook,
    targets: FxHashMap<Name, Target>,
}

/// What the path of an import means.
enum Target {
    File(usize),
    /// A file that was lowered for an earlier entry of the REPL.
    Lowered(ModId, ModuleId),
    Std(u32),
    Failed(Code, String),
    Cycle,
}

/// All files of a program.
pub(crate) struct Graph {
    files: Vec<File>,
    /// Those that are imported stand before those that import them.
    order: Vec<usize>,
    /// E0605.
    cycles: Vec<Diagnostic>,
}

/// A file whose imports are being followed.
struct Visit {
    index: usize,
    uses: std::vec::IntoIter<(Name, Span)>,
}

impl Graph {
    /// Reads the main file and, depth first, everything it imports. The chain of imports is no recursion.
    pub fn load(main: Loaded, lowerer: &Lowerer<'_>, loader: &mut dyn Loader) -> Graph {
        let mut graph = Graph { files: Vec::new(), order: Vec::new(), cycles: Vec::new() };
        let mut by_path: FxHashMap<Name, usize> = FxHashMap::default();
        let mut done: FxHashSet<usize> = FxHashSet::default();
        let mut stack = vec![graph.add(main, &mut by_path)];
        while let Some(visit) = stack.last_mut() {
            let index = visit.index;
            let Some((path, span)) = visit.uses.next() else {
                done.insert(index);
                graph.order.push(index);
                stack.pop();
                continue;
            };
            let Some(from) = graph.files.get(index) else { continue };
            if from.targets.contains_key(&path) {
                continue;
            }
            let (from_path, from_file) = (from.path.clone(), from.file);
            let target = if let Some(std) = lowerer.externs.modules.iter().position(|m| m.name == &*path) {
                Target::Std(u32::try_from(std).unwrap_or(u32::MAX))
            } else {
                match loader.load(&from_path, &path) {
                    Err(error) => failure(lowerer, &path, error),
                    Ok(loaded) => {
                        let name: Name = loaded.path.as_str().into();
                        match (by_path.get(&name).copied(), lowerer.loaded.get(&name)) {
                            (Some(found), _) if done.contains(&found) => Target::File(found),
                            (Some(found), _) => {
                                graph.cycle(&stack, found, from_file, span);
                                Target::Cycle
                            }
                            (None, Some((module, id))) => Target::Lowered(*module, *id),
                            (None, None) => {
                                let visit = graph.add(loaded, &mut by_path);
                                let found = visit.index;
                                stack.push(visit);
                                Target::File(found)
                            }
                        }
                    }
                }
            };
            if let Some(from) = graph.files.get_mut(index) {
                from.targets.insert(path, target);
            }
        }
        graph
    }

    fn add(&mut self, loaded: Loaded, by_path: &mut FxHashMap<Name, usize>) -> Visit {
        let index = self.files.len();
        let path: Name = loaded.path.as_str().into();
        let parsed = parse(loaded.file, &loaded.text);
        let mut outlook = Outlook::of(&loaded.text, &parsed);
        let uses = std::mem::take(&mut outlook.uses);
        by_path.insert(path.clone(), index);
        self.files.push(File { path, file: loaded.file, parsed, outlook, targets: FxHashMap::default() });
        Visit { index, uses: uses.into_iter() }
    }

    fn cycle(&mut self, stack: &[Visit], found: usize, file: FileId, span: Span) {
        let start = stack.iter().position(|visit| visit.index == found).unwrap_or(0);
        let ring = stack.iter().skip(start).map(|visit| visit.index).chain([found]);
        let names: Vec<&str> =
            ring.filter_map(|index| self.files.get(index)).map(|file| &*file.path).collect();
        let message = format!("Circular import detected: {}", names.join(" -> "));
        self.cycles.push(Diagnostic::new(Code::E0605, message).at(file, span));
    }
}

fn failure(lowerer: &Lowerer<'_>, path: &str, error: LoadError) -> Target {
    match error {
        LoadError::NotFound if lowerer.externs.host_modules.contains(&path) => {
            Target::Failed(Code::E0606, host_module_message(path))
        }
        LoadError::NotFound => Target::Failed(Code::E0601, format!("Module not found: {path}")),
        LoadError::Outside => {
            Target::Failed(Code::E0603, format!("'{path}' is outside the root and the search paths"))
        }
        LoadError::Unreadable(reason) => {
            Target::Failed(Code::E0607, format!("{path} cannot be read: {reason}"))
        }
    }
}

/// The files of a program without their meaning: what a cache of compiled programs must know.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// The files; those that are imported stand before those that import them, the main file last.
    pub files: Vec<OutlinedFile>,
    /// The settings of the main file (language.md 21.1).
    pub directives: Vec<Directive>,
}

/// A file of an [`Outline`].
#[derive(Clone, Debug)]
pub struct OutlinedFile {
    /// Its path relative to the root.
    pub path: Name,
    /// The files that it imports, by their index in [`Outline::files`].
    pub imports: Vec<usize>,
}

/// Reads a program and all files that it imports, without lowering them; nothing if one of them cannot be read or has errors of
/// syntax.
pub fn outline(main: Loaded, externs: &Externs, loader: &mut dyn Loader) -> Option<Outline> {
    let lowerer = Lowerer::new(Shared::Borrowed(externs));
    let graph = Graph::load(main, &lowerer, loader);
    let mut outline = Outline::default();
    let mut places: FxHashMap<usize, usize> = FxHashMap::default();
    for index in &graph.order {
        let file = graph.files.get(*index)?;
        if file.parsed.has_errors() {
            return None;
        }
        let mut imports = Vec::new();
        for target in file.targets.values() {
            match target {
                Target::File(other) => imports.push(*places.get(other)?),
                Target::Std(_) => {}
                Target::Lowered(..) | Target::Failed(..) | Target::Cycle => return None,
            }
        }
        imports.sort_unstable();
        places.insert(*index, outline.files.len());
        outline.files.push(OutlinedFile { path: file.path.clone(), imports });
        if *index == 0 {
            outline.directives.clone_from(&file.parsed.directives);
        }
    }
    Some(outline)
}
