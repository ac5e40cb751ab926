//! Modules as bytes.

use crate::encode::{put_const, put_seg, put_varint};
use crate::isa::{Instruction, Operand};
use crate::module::{Function, Module};

use super::Section;

/// A flag that no reader knows; it marks a function whose entries do not agree with its parameters.
const MALFORMED_ENTRIES: u64 = 1 << 16;

/// A number that is no opcode; it marks an instruction that has no binary form.
const MALFORMED_INSTRUCTION: u8 = 0;

/// Appends the sections that the content hash covers.
pub(super) fn put_content(out: &mut Vec<u8>, module: &Module) {
    put_section(out, Section::Constants, |out| {
        put_varint(out, module.constants.len() as u64);
        module.constants.iter().for_each(|constant| put_const(out, constant));
    });
    put_section(out, Section::Functions, |out| {
        put_varint(out, module.functions.len() as u64);
        module.functions.iter().for_each(|function| put_function(out, function));
    });
}

/// Appends the sections that may be left out.
pub(super) fn put_extras(out: &mut Vec<u8>, module: &Module) {
    let map = &module.source_map;
    if !map.is_empty() {
        put_section(out, Section::SourceMap, |out| {
            put_varint(out, map.files.len() as u64);
            map.files.iter().for_each(|file| put_seg(out, file.as_bytes()));
            for function in 0..module.functions.len() {
                let runs = map.runs(function as u32);
                put_varint(out, runs.len() as u64);
                let mut last = 0;
                for run in runs {
                    put_varint(out, run.pc.wrapping_sub(last).into());
                    put_varint(out, run.file.into());
                    put_varint(out, run.line.into());
                    put_varint(out, run.column.into());
                    last = run.pc;
                }
            }
        });
    }
    if !module.metadata.is_empty() {
        put_section(out, Section::Metadata, |out| {
            put_varint(out, module.metadata.len() as u64);
            for (key, text) in &module.metadata {
                put_seg(out, key.as_bytes());
                put_seg(out, text.as_bytes());
            }
        });
    }
}

fn put_section(out: &mut Vec<u8>, section: Section, put: impl FnOnce(&mut Vec<u8>)) {
    out.push(section as u8);
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    put(out);
    // A section beyond 4 GiB is far beyond the limits of form; no reader accepts it.
    let len = (out.len() - at - 4) as u32;
    if let Some(place) = out.get_mut(at..at + 4) {
        place.copy_from_slice(&len.to_le_bytes());
    }
}

fn put_function(out: &mut Vec<u8>, function: &Function) {
    put_seg(out, function.name.as_bytes());
    let entries_agree = function.entries.len() == function.optional_params();
    let malformed = if entries_agree { 0 } else { MALFORMED_ENTRIES };
    put_varint(out, u64::from(function.flags.0) | malformed);
    put_optional(out, function.gas_limit);
    put_varint(out, function.params.len() as u64);
    for param in &function.params {
        put_seg(out, param.name.as_bytes());
        out.push(param.kind as u8);
    }
    if !entries_agree {
        put_varint(out, function.entries.len() as u64);
    }
    function.entries.iter().for_each(|&entry| put_varint(out, entry.into()));
    for names in [&function.locals, &function.captures] {
        put_varint(out, names.len() as u64);
        names.iter().for_each(|name| put_seg(out, name.as_bytes()));
    }
    put_varint(out, function.code.len() as u64);
    function.code.iter().for_each(|&instruction| put_instruction(out, instruction));
}

fn put_instruction(out: &mut Vec<u8>, instruction: Instruction) {
    let number = instruction.op().number();
    if !instruction.is_well_formed() || number == MALFORMED_INSTRUCTION {
        out.push(MALFORMED_INSTRUCTION);
        out.push(number);
        match instruction.operand() {
            Operand::None => out.push(0),
            Operand::One(n) => {
                out.push(1);
                put_varint(out, n);
            }
            Operand::Two(a, b) => {
                out.push(2);
                put_varint(out, a.into());
                put_varint(out, b.into());
            }
            Operand::Bad => out.push(3),
        }
        return;
    }
    out.push(number);
    match (instruction.operand(), instruction.info().optional) {
        (Operand::One(n), true) => put_optional(out, Some(n)),
        (_, true) => put_optional(out, None),
        _ => instruction.parts().for_each(|(_, n)| put_varint(out, n)),
    }
}

/// Appends 0 for none, or a number and 1, which may need 65 bits.
fn put_optional(out: &mut Vec<u8>, n: Option<u64>) {
    match n.map(|n| n.checked_add(1)) {
        None => out.push(0),
        Some(Some(n)) => put_varint(out, n),
        Some(None) => out.extend_from_slice(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02]),
    }
}
