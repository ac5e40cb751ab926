//! Writes `docs/opcodes.md` anew from the table of opcodes.

fn main() -> std::io::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/opcodes.md");
    std::fs::write(path, zexus_bytecode::isa::opcodes_markdown())
}
