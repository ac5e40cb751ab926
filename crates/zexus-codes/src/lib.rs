//! Every diagnostic code of language.md 23.1, declared once.
//!
//! A row gives the code, where it arises, the word that `e.kind` of an error object gives (empty if there is none) and
//! the title. A new row needs its explanation in `explain/CODE.md`; without it the crate does not compile.

/// Where a code arises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// C: before anything runs.
    Compile,
    /// C and R: before anything runs if it can be seen then, otherwise while the program runs.
    Both,
    /// R: while the program runs; `catch` can take it.
    Run,
    /// F: ends the run and cannot be caught.
    Fatal,
    /// W: changes nothing.
    Warning,
}

macro_rules! codes {
    ($($code:ident $class:ident $kind:literal $title:literal,)*) => {
        /// A stable diagnostic code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title] $code,)*
        }

        impl Code {
            /// All codes in the order of the table.
            pub const ALL: &[Code] = &[$(Code::$code),*];

            /// The code as it is written: `E0405`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$code => stringify!($code),)* }
            }

            /// Where it arises.
            #[must_use]
            pub const fn class(self) -> Class {
                match self { $(Code::$code => Class::$class,)* }
            }

            /// The title, in Markdown.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Code::$code => $title,)* }
            }

            /// What the code means, with a wrong program and the right way, in Markdown.
            #[must_use]
            pub const fn explanation(self) -> &'static str {
                match self { $(Code::$code => include_str!(concat!("explain/", stringify!($code), ".md")),)* }
            }

            const fn kind_word(self) -> &'static str {
                match self { $(Code::$code => $kind,)* }
            }
        }
    };
}

impl Code {
    /// The word that `e.kind` gives for errors of the run time.
    #[must_use]
    pub const fn kind(self) -> Option<&'static str> {
        let word = self.kind_word();
        if word.is_empty() { None } else { Some(word) }
    }

    /// The code with this number, such as 405; warnings are the numbers from 901 on.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.number() == number)
    }

    /// The digits of the code as a number: 405 for `E0405`.
    #[must_use]
    pub fn number(self) -> u16 {
        self.as_str().bytes().skip(1).fold(0, |n, digit| n * 10 + u16::from(digit - b'0'))
    }

    /// The code written as `text`, in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(text.trim()))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

codes! {
    E0101 Compile "" "the source is not valid UTF-8",
    E0102 Compile "" "unexpected character",
    E0103 Compile "" "string or hole is not closed",
    E0104 Compile "" "comment is not closed",
    E0105 Compile "" "malformed number",
    E0106 Compile "" "integer literal too large",
    E0107 Compile "" "malformed `\\x` or `\\u` escape",
    E0201 Compile "" "unexpected token; the message says what could stand here",
    E0202 Compile "" "bracket or brace is not closed",
    E0205 Compile "" "this cannot be assigned to",
    E0206 Compile "" "assignment is a statement",
    E0207 Compile "" "`++` and `--` do not exist; write `x += 1`",
    E0208 Compile "" "blocks are written with braces",
    E0209 Compile "" "`break` or `continue` outside a loop",
    E0210 Compile "" "`return`, `break` or `continue` cannot leave this block",
    E0211 Compile "" "`const` needs a value",
    E0213 Compile "" "`try` needs `catch` or `finally`",
    E0214 Compile "" "parameter, field, key pattern or member given twice",
    E0215 Compile "" "parameters or arguments in the wrong order",
    E0216 Compile "" "malformed pattern",
    E0217 Compile "" "modifier or member not allowed here",
    E0218 Compile "" "nested too deeply",
    E0219 Compile "" "reserved word used as a name",
    E0220 Compile "" "not part of Zexus here",
    E0301 Both "name" "undefined name: `Identifier 'x' not found`",
    E0302 Run "name" "used before its declaration is reached",
    E0303 Compile "" "assignment to an undeclared name",
    E0304 Both "readonly" "assignment to a constant: `Cannot reassign const variable 'x'`",
    E0305 Compile "" "redeclaration of a constant in its scope",
    E0306 Compile "" "member declared twice, or both `init` and `constructor`",
    E0307 Compile "" "unknown or unsuitable name after `extends` or `implements`, or a type that extends itself",
    E0308 Compile "" "action or field required by a protocol or interface is missing",
    E0309 Compile "" "redeclaring, overriding or extending something sealed",
    E0310 Compile "" "wrong number of arguments for a builtin or declared event",
    E0311 Both "member" "no such member of an enum, of `TX` or `gas`",
    E0313 Run "dependency" "no such dependency is registered",
    E0314 Compile "" "`this`, `self` or `super` outside a method or action",
    E0401 Run "type" "value does not fit its declared type",
    E0402 Run "type" "operand or argument of the wrong kind",
    E0403 Run "call" "not a function: `Not a function: Integer`",
    E0404 Run "call" "wrong arguments",
    E0405 Run "division_by_zero" "`Division by zero`",
    E0406 Run "division_by_zero" "`Modulo by zero`",
    E0407 Run "number" "integer too large",
    E0408 Run "number" "outside the domain of floats or of the function",
    E0409 Run "compare" "values without an order",
    E0410 Run "index" "index out of range",
    E0411 Run "key" "not a map key",
    E0412 Run "null" "member or index of null",
    E0413 Run "member" "no such method or member: `Method 'x' not supported for LIST`",
    E0414 Run "convert" "conversion failed: `Cannot convert 'abc' to integer`",
    E0415 Run "validation" "value not accepted",
    E0416 Run "member" "no such field",
    E0417 Run "readonly" "sealed, immutable, read-only or computed",
    E0418 Run "match" "`Match expression: no pattern matched`",
    E0419 Run "size" "result too large",
    E0420 Run "deadlock" "every task is waiting",
    E0421 Run "channel" "channel is closed",
    E0422 Run "suspend" "cannot wait inside `atomic`",
    E0423 Run "host" "host function missing or failed",
    E0424 Run "option" "unknown algorithm, mode, rule, level or policy",
    E0425 Run "format" "malformed input",
    E0426 Run "denied" "capability missing",
    E0427 Run "denied" "call denied by `protect`",
    E0428 Run "" "uncaught value",
    E0429 Fatal "" "stack overflow",
    E0430 Fatal "" "memory limit",
    E0431 Fatal "" "output limit",
    E0432 Run "io" "file operation failed",
    E0501 Run "require" "`Requirement failed: message`",
    E0502 Run "verify" "`Verification failed: message`",
    E0503 Run "revert" "`Transaction reverted: reason`",
    E0504 Fatal "" "out of gas",
    E0505 Run "gas" "invalid gas amount",
    E0506 Run "denied" "private member of a contract",
    E0507 Run "denied" "`view` or `pure` violated",
    E0508 Run "denied" "value sent to an action that is not payable",
    E0509 Run "denied" "contract state written from outside",
    E0510 Run "value" "value cannot cross a contract border, be stored, hashed or written",
    E0511 Run "suspend" "not possible inside a transaction",
    E0512 Run "depth" "external calls nested too deeply",
    E0513 Run "denied" "re-entrant call refused",
    E0514 Compile "" "ledger variable changed in place",
    E0515 Run "member" "`Action 'x' not found in contract C`",
    E0516 Run "transaction" "state written outside a transaction",
    E0518 Run "denied" "owner, role, permission or capability required",
    E0519 Run "denied" "`with_caller` inside a contract",
    E0601 Compile "" "`Module not found: p`",
    E0602 Compile "" "name is not exported",
    E0603 Both "denied" "path outside the root and the search paths",
    E0604 Compile "" "import not permitted by the exporting module",
    E0605 Compile "" "`Circular import detected: a.zx -> b.zx -> a.zx`",
    E0606 Compile "" "host module that is not supplied",
    E0607 Compile "" "the imported module has errors",
    E0608 Compile "" "two imports bring the same name",
    E0701 Compile "" "not a bytecode module, or of an unknown version",
    E0702 Compile "" "bytecode module is cut off or damaged",
    E0703 Compile "" "unknown opcode",
    E0704 Compile "" "malformed operand, or index outside its table",
    E0705 Compile "" "stack too low, too high or uneven where paths meet",
    E0706 Compile "" "jump target or handler outside its function or inside an instruction",
    E0707 Compile "" "limits of the verifier exceeded",
    W0901 Warning "" "unknown type name",
    W0902 Warning "" "value is not used",
    W0903 Warning "" "declared twice in one block",
    W0904 Warning "" "pattern declares a new name although a constant has it",
    W0905 Warning "" "`!` and `not` apply to the left operand only",
    W0906 Warning "" "statement can never be reached",
    W0907 Warning "" "directive without effect",
    W0908 Warning "" "unknown escape",
    W0909 Warning "" "old form of `=`",
}
