//! Token soups: bytes to texts that consist of real tokens, so that fuzzing gets past the lexer.

/// The pieces, chosen by a byte each.
const PIECES: &[&str] = &[
    "let ", "const ", "x", "y", "f", "T", "self", "this", "super", " = ", " == ", " != ", " < ", " <= ", " > ", " >= ", " + ",
    " - ", " * ", " / ", " % ", " ** ", " div ", " && ", " || ", " and ", " or ", " not ", "!", "?", "??", "?.", ":", ".", "..",
    "..=", "...", ",", ";", "(", ")", "[", "]", "{", "}", " => ", " -> ", " << ", "@", " += ", " -= ", " *= ", "\n", " ", "0", "1",
    "2.5", "1e400", "9223372036854775807", "0xff", "\"s\"", "'q'", "\"${x}\"", "\"${", "\"", "\"\"\"", "'", "\\", "# c\n", "// c\n",
    "/* c */", "/*", "true", "false", "null", "if ", "elif ", "else ", "while ", "for ", "each ", "in ", "break ", "continue ",
    "return ", "throw ", "try ", "catch ", "finally ", "match ", "pattern ", "case ", "default ", "action ", "function ", "lambda ",
    "async ", "await ", "spawn ", "data ", "entity ", "enum ", "protocol ", "interface ", "contract ", "state ", "ledger ",
    "persistent storage ", "modifier ", "event ", "emit ", "stream ", "watch ", "tx ", "atomic ", "defer ", "using ", "exactly ",
    "require ", "verify ", "validate ", "revert ", "seal ", "restrict ", "protect ", "grant ", "revoke ", "capability ", "audit ",
    "trail ", "inject ", "channel ", "sandbox ", "immutable ", "sealed ", "view ", "pure ", "payable ", "private ", "public ",
    "secure ", "limit ", "extends ", "implements ", "operator ", "method ", "computed ", "type_alias ", "external ", "module ",
    "package ", "use ", "import ", "from ", "export ", "as ", "to ", "with ", "print(", "len(", "map(", "sort(", "push(", "range(",
    "string(", "int(", "TX", "msg", "gas", "_", "int", "string", "list", "f(x)", "x = x + 1\n", "let x = 1\n", "action f(a) { return a }\n",
    "x.f", "x[0]", "[1, 2]", "{a: 1}", "while true { break }\n", "for i in 0..3 { x = x + i }\n", "try { throw 1 } catch (e) { }\n",
    "tx { revert(\"r\") }\n", "contract C { state n = 0 action a(v) { n = n + v return n } }\n", "C.a(1)\n",
    "data D { v: int = 1 require v > 0 }\n", "D(2)", "async f(1)", "await f(1)", "sleep(0)\n",
];

/// The text that these bytes stand for.
pub fn text(data: &[u8]) -> String {
    data.iter().map(|b| PIECES[*b as usize % PIECES.len()]).collect()
}
