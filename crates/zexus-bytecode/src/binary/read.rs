//! Modules from bytes.

use std::collections::HashSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::constant::Constants;
use crate::encode::{DecodeError, Reader};
use crate::flags::FnFlags;
use crate::isa::{Instruction, Opcode, Operand};
use crate::limits;
use crate::module::{Function, Module, Param, ParamKind, Run, SourceMap};

use super::{FormError, HEAD_BYTES, MAGIC, PartError, SUM_BYTES, Section, VERSION};

/// The fewest bytes of a function: name, flags, gas limit, and the counts of four lists.
const MIN_FUNCTION_BYTES: usize = 7;

pub(super) fn read_module(bytes: &[u8]) -> Result<Module, FormError> {
    at_most(bytes.len(), limits::FILE_BYTES, "bytes")?;
    if !bytes.starts_with(&MAGIC) {
        return Err(FormError::Magic);
    }
    let damaged = |at: usize, what: &str| FormError::Damaged { at, what: what.to_owned() };
    let Some(&[low, high]) = bytes.get(8..10).and_then(|v| v.first_chunk()) else {
        return Err(damaged(bytes.len(), "cut off"));
    };
    match u16::from_le_bytes([low, high]) {
        VERSION => (),
        version => return Err(FormError::Version(version)),
    }
    let Some((covered, sum)) = bytes.split_last_chunk::<SUM_BYTES>().filter(|(c, _)| c.len() >= HEAD_BYTES)
    else {
        return Err(damaged(bytes.len(), "cut off"));
    };
    if *sum != <[u8; SUM_BYTES]>::from(Sha256::digest(covered)) {
        return Err(damaged(bytes.len(), "wrong sum"));
    }
    if bytes.get(10..HEAD_BYTES) != Some(&[0, 0]) {
        return Err(damaged(HEAD_BYTES, "reserved bytes are not zero"));
    }
    let mut module = Module { functions: Vec::new(), ..Module::new() };
    let mut reader = Reader::new(covered.get(HEAD_BYTES..).unwrap_or_default());
    let mut last = 0;
    while !reader.rest().is_empty() {
        let section = read_section_head(&mut reader, &mut last);
        let (section, mut body) = section.map_err(|e| e.at(covered.len() - reader.rest().len()))?;
        let read = match section {
            Section::Constants => read_constants(&mut body, &mut module),
            Section::Functions => read_functions(&mut body, &mut module),
            Section::SourceMap => read_source_map(&mut body, &mut module),
            Section::Metadata => read_metadata(&mut body, &mut module),
        };
        let read = read.and_then(|()| Ok(body.end()?));
        read.map_err(|e| e.at(covered.len() - reader.rest().len() - body.rest().len()))?;
    }
    if last < Section::Functions as u8 {
        return Err(damaged(covered.len(), "a section is missing"));
    }
    Ok(module)
}

fn at_most(n: usize, limit: usize, what: &'static str) -> Result<(), FormError> {
    if n > limit { Err(FormError::Limit { limit, what }) } else { Ok(()) }
}

fn damaged_part<T>(what: impl Into<String>) -> Result<T, PartError> {
    Err(PartError::Damaged(what.into()))
}

/// The kind of the next section, and a reader of its bytes alone, so that it cannot reach into the one after it.
fn read_section_head<'a>(reader: &mut Reader<'a>, last: &mut u8) -> Result<(Section, Reader<'a>), PartError> {
    let number = reader.byte()?;
    let section = match number {
        1 => Section::Constants,
        2 => Section::Functions,
        3 => Section::SourceMap,
        4 => Section::Metadata,
        _ => return damaged_part(format!("unknown section {number}")),
    };
    // Each of the first two must be there, and those before it.
    if number <= *last || (number > *last + 1 && *last < Section::Functions as u8) {
        return damaged_part("sections missing or out of order");
    }
    *last = number;
    let len = usize::try_from(u32::from_le_bytes(reader.array()?)).map_err(|_| DecodeError::CutOff)?;
    Ok((section, Reader::new(reader.take(len)?)))
}

fn read_constants(body: &mut Reader<'_>, module: &mut Module) -> Result<(), PartError> {
    let n = body.count(1)?;
    at_most(n, limits::CONSTANTS, "constants")?;
    let mut items = Vec::with_capacity(n);
    let mut seen = HashSet::with_capacity(n);
    for _ in 0..n {
        let start = body.rest();
        let constant = body.constant()?;
        let len = start.len() - body.rest().len();
        at_most(len, limits::CONSTANT_BYTES, "bytes in a constant")?;
        if !seen.insert(start.get(..len).unwrap_or_default()) {
            return damaged_part("constant is equal to an earlier one");
        }
        items.push(constant);
    }
    module.constants = Constants::from_distinct(items);
    Ok(())
}

fn read_functions(body: &mut Reader<'_>, module: &mut Module) -> Result<(), PartError> {
    let n = body.count(MIN_FUNCTION_BYTES)?;
    at_most(n, limits::FUNCTIONS, "functions")?;
    let mut instructions = 0;
    for index in 0..n {
        let function = read_function(body, index as u32)?;
        instructions += function.code.len();
        at_most(instructions, limits::MODULE_INSTRUCTIONS, "instructions")?;
        module.functions.push(function);
    }
    Ok(())
}

fn read_function(body: &mut Reader<'_>, index: u32) -> Result<Function, PartError> {
    let mut function = Function::new(body.text()?);
    let flags = body.varint()?;
    function.flags = match u16::try_from(flags) {
        Ok(bits) if bits & !FnFlags::ALL.0 == 0 => FnFlags(bits),
        _ => return damaged_part("unknown flags"),
    };
    function.gas_limit = read_optional(body)?;
    let params = body.count(2)?;
    at_most(params, limits::PARAMS, "parameters")?;
    for _ in 0..params {
        let name = body.text()?.into();
        let kind = match body.byte()? {
            0 => ParamKind::Required,
            1 => ParamKind::Optional,
            2 => ParamKind::Rest,
            other => return damaged_part(format!("unknown kind of parameter {other}")),
        };
        function.params.push(Param { name, kind });
    }
    for _ in 0..function.optional_params() {
        function.entries.push(body.varint32()?);
    }
    function.locals = read_names(body)?;
    function.captures = read_names(body)?;
    at_most(function.locals.len() + function.captures.len(), limits::NAMES, "locals and captures")?;
    let n = body.count(1)?;
    at_most(n, limits::FUNCTION_INSTRUCTIONS, "instructions in a function")?;
    function.code.reserve_exact(n);
    for pc in 0..n {
        let number = body.byte()?;
        let Some(op) = Opcode::from_number(number) else {
            let name = function.name.to_string();
            Err(FormError::UnknownOpcode { function: index, name, pc: pc as u32, number })?
        };
        function.code.push(Instruction::new(op, read_operand(body, op)?));
    }
    Ok(function)
}

fn read_operand(body: &mut Reader<'_>, op: Opcode) -> Result<Operand, PartError> {
    let info = op.info();
    Ok(match info.operands {
        [] => Operand::None,
        [_] if info.optional => read_optional(body)?.map_or(Operand::None, Operand::One),
        [_] => Operand::One(body.varint()?),
        _ => Operand::Two(body.varint32()?, body.varint32()?),
    })
}

fn read_optional(body: &mut Reader<'_>) -> Result<Option<u64>, DecodeError> {
    // At most 2^64, so that the number itself has 64 bits.
    Ok(body.long_varint()?.checked_sub(1).map(|n| n as u64))
}

fn read_names(body: &mut Reader<'_>) -> Result<Vec<Arc<str>>, PartError> {
    let n = body.count(1)?;
    at_most(n, limits::NAMES, "locals and captures")?;
    let mut names = Vec::with_capacity(n);
    for _ in 0..n {
        names.push(body.text()?.into());
    }
    Ok(names)
}

fn read_source_map(body: &mut Reader<'_>, module: &mut Module) -> Result<(), PartError> {
    let mut map = SourceMap::default();
    let files = body.count(1)?;
    for _ in 0..files {
        map.files.push(body.text()?.into());
    }
    for (index, function) in module.functions.iter().enumerate() {
        let n = body.count(4)?;
        let mut pc = 0_u32;
        for _ in 0..n {
            pc = pc.checked_add(body.varint32()?).ok_or(DecodeError::Range)?;
            let run = Run::new(pc, body.varint32()?, body.varint32()?, body.varint32()?);
            let inside = pc as usize <= function.code.len() && (run.file as usize) < files;
            if !inside || !map.push(index as u32, run) {
                return damaged_part("run of the source map out of order or range");
            }
        }
    }
    if map.is_empty() {
        return damaged_part("empty section");
    }
    module.source_map = map;
    Ok(())
}

fn read_metadata(body: &mut Reader<'_>, module: &mut Module) -> Result<(), PartError> {
    let n = body.count(2)?;
    if n == 0 {
        return damaged_part("empty section");
    }
    for _ in 0..n {
        let (key, text) = (body.text()?, body.text()?);
        if module.metadata.last_key_value().is_some_and(|(last, _)| last.as_str() >= key) {
            return damaged_part("metadata out of order");
        }
        module.metadata.insert(key.to_owned(), text.to_owned());
    }
    Ok(())
}
