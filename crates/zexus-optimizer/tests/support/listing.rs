//! Code in one line, such as `LOAD_CONST 10, STORE_NAME x, JUMP_IF_FALSE 4`: constants, names and keys as values.

use zexus_bytecode::{Const, Instruction, Opcode, Operand, OperandKind};

/// Reads code; constants are added to the pool.
pub fn read(text: &str, pool: &mut Vec<Const>) -> Vec<Instruction> {
    split(text).iter().map(|part| instruction(part, pool)).collect()
}

/// Parts between commas that are in no brackets and quotes.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth, mut quoted) = (Vec::new(), String::new(), 0, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(std::mem::take(&mut part).trim().to_owned());
                continue;
            }
            _ => (),
        }
        part.push(c);
    }
    parts.push(part.trim().to_owned());
    parts.retain(|part| !part.is_empty());
    parts
}

fn instruction(text: &str, pool: &mut Vec<Const>) -> Instruction {
    let (name, mut rest) = text.split_once(' ').unwrap_or((text, ""));
    let op = Opcode::from_name(name).unwrap_or_else(|| panic!("no opcode {name}"));
    let mut parts = Vec::new();
    for (i, kind) in op.info().operands.iter().enumerate() {
        if rest.trim().is_empty() && op.info().optional {
            break;
        }
        let last = i + 1 == op.info().operands.len();
        let (word, more) = if last { (rest, "") } else { rest.split_once(' ').unwrap() };
        rest = more;
        let add = |constant: Const, pool: &mut Vec<Const>| {
            let at = pool.iter().position(|c| *c == constant).unwrap_or_else(|| {
                pool.push(constant);
                pool.len() - 1
            });
            at as u64
        };
        parts.push(match kind {
            OperandKind::Name | OperandKind::Key => add(Const::from(word), pool),
            kind if kind.is_constant() => add(literal(word), pool),
            _ => word.trim().parse().unwrap(),
        });
    }
    let operand = match parts[..] {
        [] => Operand::None,
        [one] => Operand::One(one),
        [a, b] => Operand::Two(a as u32, b as u32),
        _ => unreachable!(),
    };
    Instruction::new(op, operand)
}

fn literal(text: &str) -> Const {
    let text = text.trim();
    match text {
        "null" => Const::Null,
        "true" => Const::from(true),
        "false" => Const::from(false),
        "inf" => Const::from(f64::INFINITY),
        "nan" => Const::from(f64::NAN),
        _ if text.starts_with('"') => Const::from(text.trim_matches('"')),
        _ if text.starts_with('@') => Const::Func(text[1..].parse().unwrap()),
        _ if text.starts_with('[') => {
            Const::from(split(&text[1..text.len() - 1]).iter().map(|item| literal(item)).collect::<Vec<_>>())
        }
        _ if text.starts_with('{') => {
            let entry = |item: &String| {
                let (key, value) = item.split_once(':').unwrap();
                (literal(key), literal(value))
            };
            Const::from(split(&text[1..text.len() - 1]).iter().map(entry).collect::<Vec<_>>())
        }
        _ if text.contains('.') || text.contains('e') => Const::from(text.parse::<f64>().unwrap()),
        // Powers such as 2^100 are read, too.
        _ => match text.split_once('^') {
            Some((base, power)) => {
                let base: num_bigint::BigInt = base.parse().unwrap();
                Const::from(base.pow(power.parse().unwrap()))
            }
            None => Const::from(text.parse::<num_bigint::BigInt>().unwrap()),
        },
    }
}

/// Writes code as `read` takes it.
pub fn write(code: &[Instruction], pool: &[Const]) -> String {
    let one = |i: &Instruction| {
        let mut out = i.op().name().to_owned();
        for (kind, n) in i.parts() {
            out.push(' ');
            out += &match pool.get(n as usize).filter(|_| kind.is_constant()) {
                Some(Const::Str(name)) if matches!(kind, OperandKind::Name | OperandKind::Key) => {
                    name.to_string()
                }
                Some(constant) => value(constant),
                None => n.to_string(),
            };
        }
        out
    };
    code.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn value(constant: &Const) -> String {
    match constant {
        Const::Null => "null".to_owned(),
        Const::Bool(b) => b.to_string(),
        Const::Int(i) => i.to_string(),
        Const::Big(b) => b.to_string(),
        Const::Float(f) => zexus_bytecode::num::format_float(*f),
        Const::Str(text) => format!("\"{text}\""),
        Const::Func(f) => format!("@{f}"),
        Const::List(items) => format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", ")),
        Const::Map(entries) => {
            let entry = |(k, v): &(Const, Const)| format!("{}: {}", value(k), value(v));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Const::Bytes(_) => unreachable!(),
    }
}
