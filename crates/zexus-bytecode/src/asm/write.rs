//! Modules as text.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use crate::flags::FnFlags;
use crate::isa::{Instruction, Operand, OperandKind};
use crate::listing::clip;
use crate::module::{Function, Module, ParamKind, Run};

use super::literal::{write_json, write_literal};

pub(super) fn write_module(out: &mut String, module: &Module) -> fmt::Result {
    writeln!(out, ".zxasm 1")?;
    for (key, text) in &module.metadata {
        let plain = !key.is_empty()
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
        out.push_str(".meta ");
        if plain {
            out.push_str(key)
        } else {
            write_json(out, key)?
        }
        out.push(' ');
        write_json(out, text)?;
        out.push('\n');
    }
    for file in &module.source_map.files {
        write_item(out, ".file", file)?;
    }
    for constant in module.constants.iter() {
        out.push_str(".const ");
        write_literal(out, constant)?;
        out.push('\n');
    }
    for (i, function) in module.functions.iter().enumerate() {
        write_function(out, module, function, module.source_map.runs(i as u32))?;
    }
    Ok(())
}

fn write_item(out: &mut String, directive: &str, text: &str) -> fmt::Result {
    out.push_str(directive);
    out.push(' ');
    write_json(out, text)?;
    out.push('\n');
    Ok(())
}

fn write_function(out: &mut String, module: &Module, function: &Function, runs: &[Run]) -> fmt::Result {
    out.push_str(".func ");
    write_json(out, &function.name)?;
    for (name, flag) in FnFlags::NAMED {
        if function.flags.0 & flag.0 != 0 {
            write!(out, " {name}")?;
        }
    }
    match function.flags.0 & !FnFlags::ALL.0 {
        0 => (),
        // Flags that do not exist are for the verifier to reject.
        unknown => write!(out, " {unknown}")?,
    }
    out.push('\n');
    if let Some(limit) = function.gas_limit {
        writeln!(out, "  .limit {limit}")?;
    }
    for param in &function.params {
        out.push_str("  .param ");
        write_json(out, &param.name)?;
        out.push_str(match param.kind {
            ParamKind::Required => "\n",
            ParamKind::Optional => " optional\n",
            ParamKind::Rest => " rest\n",
        });
    }
    let len = function.code.len();
    for &entry in &function.entries {
        out.push_str("  .entry ");
        write_label(out, entry.into(), len)?;
        out.push('\n');
    }
    for local in &function.locals {
        write_item(out, "  .local", local)?;
    }
    for capture in &function.captures {
        write_item(out, "  .capture", capture)?;
    }
    let mut labels: BTreeSet<u64> = function.entries.iter().map(|&entry| entry.into()).collect();
    labels.extend(function.code.iter().filter_map(|i| i.label()).map(u64::from));
    let mut labels = labels.into_iter().peekable();
    let mut runs = runs.iter().peekable();
    for pc in 0..=len {
        if labels.next_if_eq(&(pc as u64)).is_some() {
            writeln!(out, "L{pc}:")?;
        }
        while let Some(run) = runs.next_if(|run| run.pc as usize == pc) {
            writeln!(out, "  .line {} {} {}", run.file, run.line, run.column)?;
        }
        if let Some(&instruction) = function.code.get(pc) {
            write_instruction(out, module, instruction, len)?;
        }
    }
    writeln!(out, ".end")
}

/// A label beyond the end of the code, which the verifier rejects, is written as a number.
fn write_label(out: &mut String, label: u64, len: usize) -> fmt::Result {
    if label <= len as u64 { write!(out, "L{label}") } else { write!(out, "{label}") }
}

fn write_instruction(out: &mut String, module: &Module, instruction: Instruction, len: usize) -> fmt::Result {
    write!(out, "  {}", instruction.op())?;
    if !instruction.is_well_formed() {
        match instruction.operand() {
            Operand::None => (),
            Operand::One(n) => write!(out, " {n}")?,
            Operand::Two(a, b) => write!(out, " {a} {b}")?,
            Operand::Bad => write!(out, " ?")?,
        }
    }
    let mut comment = "    ; ";
    let mut comments = String::new();
    for (kind, n) in instruction.parts() {
        out.push(' ');
        match kind {
            OperandKind::Label => write_label(out, n, len)?,
            _ => write!(out, "{n}")?,
        }
        if let Some(constant) = module.constant(n).filter(|_| kind.is_constant()) {
            comments.push_str(comment);
            comments.push_str(&clip(|w| write_literal(w, constant)));
            comment = ", ";
        }
    }
    out.push_str(&comments);
    out.push('\n');
    Ok(())
}
