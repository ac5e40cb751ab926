//! Modules from text.

use std::collections::HashMap;

use crate::flags::FnFlags;
use crate::isa::{Instruction, Opcode, Operand, OperandKind};
use crate::module::{Function, Module, Param, ParamKind, Run};

use super::AsmError;
use super::literal::Cursor;

pub(super) fn read_module(text: &str) -> Result<Module, AsmError> {
    let mut reader =
        Reader { module: Module { functions: Vec::new(), ..Module::new() }, open: None, started: false };
    let mut line = 0;
    for content in text.split('\n') {
        line += 1;
        let cursor = Cursor::new(content.strip_suffix('\r').unwrap_or(content));
        reader.item(cursor, line).map_err(|message| AsmError { line, message })?;
    }
    if !reader.started {
        return Err(AsmError { line: 1, message: "expected '.zxasm 1'".to_owned() });
    }
    match reader.open {
        Some(_) => Err(AsmError { line, message: "function without '.end'".to_owned() }),
        None => Ok(reader.module),
    }
}

struct Reader<'a> {
    module: Module,
    open: Option<Body<'a>>,
    started: bool,
}

/// A function that is being read.
struct Body<'a> {
    function: Function,
    index: u32,
    labels: HashMap<&'a str, u32>,
    /// Labels that are used, with the place that waits for them and its line.
    uses: Vec<(&'a str, Place, u32)>,
}

enum Place {
    Instruction(u32),
    Entry(usize),
}

impl<'a> Reader<'a> {
    fn item(&mut self, mut cursor: Cursor<'a>, line: u32) -> Result<(), String> {
        if cursor.at_end() {
            return Ok(());
        }
        let word = cursor.word();
        if !self.started {
            if word != ".zxasm" || cursor.word() != "1" {
                return Err("expected '.zxasm 1'".to_owned());
            }
            self.started = true;
            return cursor.end();
        }
        match (&mut self.open, word) {
            (Some(_), ".end") => self.close(line)?,
            (Some(body), word) => body.item(&mut self.module, word, &mut cursor, line)?,
            (None, ".func") => {
                let function = read_head(&mut cursor)?;
                let index = self.module.functions.len() as u32;
                self.open = Some(Body { function, index, labels: HashMap::new(), uses: Vec::new() });
            }
            (None, ".meta") => {
                let key = if cursor.at_string() { cursor.string()? } else { cursor.word().to_owned() };
                if self.module.metadata.contains_key(&key) {
                    return Err(format!("metadata '{key}' given twice"));
                }
                let text = cursor.string()?;
                self.module.metadata.insert(key, text);
            }
            (None, ".file") => self.module.source_map.files.push(cursor.string()?.into()),
            (None, ".const") => {
                let (index, new) = self.module.constants.insert(cursor.literal()?);
                if !new {
                    return Err(format!("equal to constant {index}"));
                }
            }
            (None, other) => return Err(format!("unexpected '{other}' outside a function")),
        }
        cursor.end()
    }

    fn close(&mut self, line: u32) -> Result<(), String> {
        let Some(mut body) = self.open.take() else {
            return Err(format!("no function to end in line {line}"));
        };
        for (name, place, used) in body.uses {
            let Some(&pc) = body.labels.get(name) else {
                return Err(format!("label '{name}' of line {used} is not marked"));
            };
            match place {
                Place::Entry(at) => {
                    if let Some(entry) = body.function.entries.get_mut(at) {
                        *entry = pc;
                    }
                }
                Place::Instruction(at) => {
                    if let Some(instruction) = body.function.code.get_mut(at as usize) {
                        *instruction = instruction.with_label(pc);
                    }
                }
            }
        }
        self.module.functions.push(body.function);
        Ok(())
    }
}

fn read_head(cursor: &mut Cursor<'_>) -> Result<Function, String> {
    let mut function = Function::new(cursor.string()?);
    while !cursor.at_end() {
        let word = cursor.word();
        let named = FnFlags::NAMED.iter().find(|(name, _)| *name == word).map(|(_, flag)| *flag);
        let Some(flag) = named.or_else(|| word.parse().ok().map(FnFlags)) else {
            return Err(format!("unknown flag '{word}'"));
        };
        function.flags |= flag;
    }
    Ok(function)
}

impl<'a> Body<'a> {
    fn item(
        &mut self,
        module: &mut Module,
        word: &'a str,
        cursor: &mut Cursor<'a>,
        line: u32,
    ) -> Result<(), String> {
        let pc = self.function.code.len() as u32;
        match word {
            ".limit" => self.function.gas_limit = Some(cursor.number()?),
            ".param" => {
                let name = cursor.string()?.into();
                let kind = match cursor.word() {
                    "" => ParamKind::Required,
                    "optional" => ParamKind::Optional,
                    "rest" => ParamKind::Rest,
                    other => return Err(format!("unknown kind of parameter '{other}'")),
                };
                self.function.params.push(Param { name, kind });
            }
            ".entry" => {
                let at = self.function.entries.len();
                let (label, number) = read_label(cursor.word())?;
                self.function.entries.push(number);
                self.uses.extend(label.map(|name| (name, Place::Entry(at), line)));
            }
            ".local" => self.function.locals.push(cursor.string()?.into()),
            ".capture" => self.function.captures.push(cursor.string()?.into()),
            ".line" => {
                let run = Run::new(pc, cursor.number()?, cursor.number()?, cursor.number()?);
                if run.file as usize >= module.source_map.files.len() {
                    return Err(format!("file {} does not exist", run.file));
                }
                if !module.source_map.push(self.index, run) {
                    return Err("two places for one instruction".to_owned());
                }
            }
            _ => match word.strip_suffix(':') {
                Some(label) => {
                    if read_label(label)?.0.is_none() {
                        return Err(format!("label '{label}' starts with a digit"));
                    }
                    if self.labels.insert(label, pc).is_some() {
                        return Err(format!("label '{label}' is marked twice"));
                    }
                }
                None => self.instruction(word, cursor, line)?,
            },
        }
        Ok(())
    }

    fn instruction(&mut self, name: &str, cursor: &mut Cursor<'a>, line: u32) -> Result<(), String> {
        let op = match name {
            "INVALID" => Opcode::Invalid,
            _ => Opcode::from_name(name).ok_or_else(|| format!("unknown opcode '{name}'"))?,
        };
        let mut numbers = Vec::new();
        while !cursor.at_end() && numbers.len() < 2 {
            let word = cursor.word();
            if word == "?" {
                numbers.push(None);
            } else if word.starts_with(|c: char| c.is_ascii_digit()) {
                numbers.push(Some(word.parse::<u64>().map_err(|_| format!("malformed number '{word}'"))?));
            } else if numbers.is_empty() && op.info().operands.first() == Some(&OperandKind::Label) {
                let pc = self.function.code.len() as u32;
                self.uses.extend(read_label(word)?.0.map(|name| (name, Place::Instruction(pc), line)));
                numbers.push(Some(0));
            } else {
                return Err(format!("malformed operand '{word}'"));
            }
        }
        let narrow = |n: u64| u32::try_from(n).map_err(|_| format!("number {n} is out of range"));
        let operand = match numbers[..] {
            [] => Operand::None,
            [Some(n)] => Operand::One(n),
            [Some(a), Some(b)] => Operand::Two(narrow(a)?, narrow(b)?),
            _ => Operand::Bad,
        };
        self.function.code.push(Instruction::new(op, operand));
        Ok(())
    }
}

/// The name of a label, or a number that stands for a label which the verifier rejects.
fn read_label(word: &str) -> Result<(Option<&str>, u32), String> {
    if word.is_empty() || word.starts_with('-') {
        return Err(format!("malformed label '{word}'"));
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return word.parse().map(|n| (None, n)).map_err(|_| format!("malformed label '{word}'"));
    }
    Ok((Some(word), 0))
}
