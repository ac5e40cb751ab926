//! `docs/opcodes.md`, written from the table.

use std::fmt::Write;

use super::Opcode;

const HEAD: &str = "# Opcodes\n
Generated from the opcode table of `zexus-bytecode`; a test compares this file with the table. What the columns mean is in
bytecode.md 2.1.\n
| # | name | operand | stack | gas | flags | meaning; errors |
|---|---|---|---|---|---|---|
";

/// The text of `docs/opcodes.md`.
pub fn opcodes_markdown() -> String {
    let mut out = String::from(HEAD);
    for op in Opcode::ALL {
        let info = op.info();
        let operand = match info.operand_text() {
            text if text.is_empty() => text,
            text => format!("`{text}`"),
        };
        let cells = [
            op.number().to_string(),
            format!("`{}`", info.name),
            operand,
            info.stack.to_owned(),
            info.gas_text(),
            info.flags.letters(),
            info.doc.trim().trim_end_matches('.').replace('|', "\\|"),
        ];
        // Writing to a string cannot fail.
        let _ = writeln!(out, "| {} |", cells.join(" | ").replace("|  |", "| |"));
    }
    out
}
