//! The keywords, declared once (language.md 2.4).
//!
//! Reserved words come first, so that one comparison tells them from contextual ones, which are ordinary names except
//! where the grammar asks for them.

macro_rules! keywords {
    (reserved { $($r:ident $rt:literal $rd:literal,)* } contextual { $($c:ident $ct:literal $cd:literal,)* }) => {
        /// A word that the grammar knows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Keyword {
            $(#[doc = $rd] $r,)*
            $(#[doc = $cd] $c,)*
        }

        impl Keyword {
            /// All keywords, the reserved ones first.
            pub const ALL: &[Keyword] = &[$(Keyword::$r,)* $(Keyword::$c,)*];

            const RESERVED: usize = [$($rt),*].len();

            /// The spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Keyword::$r => $rt,)* $(Keyword::$c => $ct,)* }
            }

            /// One line on what the word is for.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(Keyword::$r => $rd,)* $(Keyword::$c => $cd,)* }
            }
        }
    };
}

keywords! {
    reserved {
        And "and" "Both conditions; evaluates the right one only if needed.",
        Await "await" "Waits for a task and gives its result.",
        Break "break" "Leaves the innermost loop.",
        Catch "catch" "Takes an error of `try`.",
        Const "const" "Declares a variable that cannot be assigned again.",
        Continue "continue" "Starts the next step of the innermost loop.",
        Elif "elif" "Another condition of `if`.",
        Else "else" "What happens if no condition was true.",
        False "false" "The boolean false.",
        Finally "finally" "Runs however `try` is left.",
        For "for" "Loops over values, or in the C form.",
        If "if" "Decides by a condition.",
        In "in" "Membership; separates variable and values of `for`.",
        Lambda "lambda" "Begins a function literal.",
        Let "let" "Declares variables.",
        Match "match" "Chooses by pattern and gives a value.",
        Not "not" "The opposite boolean.",
        Null "null" "The value null.",
        Or "or" "Either condition; evaluates the right one only if needed.",
        Print "print" "Writes values and a line end.",
        Return "return" "Ends the function with a value.",
        This "this" "The instance or contract whose method or action runs.",
        Throw "throw" "Raises an error.",
        True "true" "The boolean true.",
        Try "try" "Runs a block whose errors can be caught.",
        While "while" "Loops as long as a condition is true.",
    }
    contextual {
        Action "action" "Declares a function.",
        As "as" "Gives a name to what is imported or received.",
        Async "async" "Makes a task of a call, or of every call of an action.",
        Atomic "atomic" "Runs a block without any other task getting a turn.",
        Audit "audit" "Appends an audit entry to the ledger.",
        Capability "capability" "Declares a capability of the program.",
        Case "case" "Begins an arm of `match` or `pattern`.",
        Channel "channel" "Declares a channel.",
        Computed "computed" "A field that is evaluated at every read.",
        Contract "contract" "Declares a contract.",
        Data "data" "Declares a type with fields.",
        Debug "debug" "Writes a value to the diagnostic stream.",
        Default "default" "The arm that takes everything.",
        Defer "defer" "Runs a block when the function is left.",
        Div "div" "The quotient of integers, rounded down.",
        Each "each" "An optional word after `for`.",
        Emit "emit" "Appends an event to the log of the run.",
        Entity "entity" "Declares a type with fields and dependencies.",
        Enum "enum" "Names constants.",
        Event "event" "Declares the names and types of an event's values.",
        Exactly "exactly" "Runs a block once in a run.",
        Export "export" "Makes names visible to importing modules.",
        Extends "extends" "Names the parent of a type or contract.",
        External "external" "Declares a function that the host supplies.",
        From "from" "Names the module of an import.",
        Function "function" "Declares a function, like `action`.",
        Grant "grant" "Gives capabilities of the program.",
        Immutable "immutable" "Declares a constant and seals its value.",
        Implements "implements" "Names protocols and interfaces that are fulfilled.",
        Import "import" "Imports a module, like `use`.",
        Inject "inject" "Declares a constant that takes a registered dependency.",
        Interface "interface" "Lists actions and fields.",
        Ledger "ledger" "Declares state that keeps its history.",
        Limit "limit" "The gas limit of an action.",
        Method "method" "Declares a method of a type.",
        Modifier "modifier" "Declares code around the actions of a contract.",
        Module "module" "Makes a module of a block.",
        Operator "operator" "Overloads an operator of a type.",
        Package "package" "Makes nested modules of a block.",
        Pattern "pattern" "Chooses by pattern, like `match`, without an error if none fits.",
        Payable "payable" "An action that may be called with a value.",
        Persistent "persistent" "With `storage`: state that outlives the run.",
        Private "private" "Visible inside the contract or module only.",
        Protect "protect" "Checks rules before each call of a function.",
        Protocol "protocol" "Lists actions.",
        Public "public" "Exported by the module.",
        Pure "pure" "An action that neither reads nor writes state.",
        Require "require" "Raises an error if a condition is false; the constraint of a field.",
        Restrict "restrict" "Attaches a rule to a field.",
        Revert "revert" "Undoes the innermost transaction.",
        Revoke "revoke" "Takes capabilities of the program away.",
        Sandbox "sandbox" "Runs a block without capabilities of the host.",
        Sanitize "sanitize" "Escapes a text.",
        Seal "seal" "Makes a value read-only.",
        Sealed "sealed" "Cannot be redeclared, overridden or extended.",
        Secure "secure" "Each call of the action is audited.",
        SelfWord "self" "The instance or contract, like `this`.",
        Spawn "spawn" "Makes a task of a call.",
        State "state" "Declares a variable of the chain's state.",
        Storage "storage" "With `persistent`: state that outlives the run.",
        Stream "stream" "Subscribes to events.",
        Super "super" "The inherited methods or actions.",
        Then "then" "Separates condition and value of the expression `if`.",
        To "to" "Names the files that may import.",
        Trail "trail" "Writes later events of a kind to the diagnostic stream.",
        Tx "tx" "Runs a block as a transaction.",
        TypeAlias "type_alias" "Names a type.",
        Use "use" "Imports a module.",
        Using "using" "Binds a resource for a block and closes it.",
        Validate "validate" "Checks a value against a schema.",
        Verified "verified" "A data type that can check itself and be hashed.",
        Verify "verify" "Raises an error if a condition is false.",
        View "view" "An action that does not write state.",
        Watch "watch" "Runs a block when a value has changed.",
        With "with" "Names the capability that an importer needs.",
    }
}

impl Keyword {
    /// Whether the word can never be the name of a variable.
    #[must_use]
    pub const fn is_reserved(self) -> bool {
        (self as usize) < Self::RESERVED
    }

    /// The keyword with this spelling.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let first = word.bytes().next()?;
        let bucket = BY_FIRST_LETTER.get(usize::from(first.checked_sub(b'a')?))?;
        for &index in bucket {
            let keyword = *Self::ALL.get(usize::from(index))?;
            if keyword.as_str() == word {
                return Some(keyword);
            }
        }
        None
    }
}

const EMPTY: u8 = u8::MAX;

/// The indexes in [`Keyword::ALL`] of the keywords with each first letter; free places are [`EMPTY`].
static BY_FIRST_LETTER: [[u8; 16]; 26] = by_first_letter();

const fn by_first_letter() -> [[u8; 16]; 26] {
    let mut table = [[EMPTY; 16]; 26];
    let mut filled = [0usize; 26];
    let mut index = 0;
    while index < Keyword::ALL.len() {
        let letter = (Keyword::ALL[index].as_str().as_bytes()[0] - b'a') as usize;
        table[letter][filled[letter]] = index as u8;
        filled[letter] += 1;
        index += 1;
    }
    table
}

/// A word of language.md chapter 22: a statement or modifier of other dialects, with what to write here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignWord {
    /// The spelling.
    pub word: &'static str,
    /// Whether it can begin a statement or stand before `action`. The others are builtins of these families only.
    pub statement: bool,
    /// What to write instead.
    pub alternative: &'static str,
}

impl ForeignWord {
    /// The row of this word, if chapter 22 lists it.
    ///
    /// For E0220 of a call of an undeclared name this is all that is needed; the parser uses it for statements and
    /// modifiers.
    #[must_use]
    pub fn find(word: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|row| row.word == word)
    }

    /// The wording of E0220: `'screen' is not part of Zexus here`.
    #[must_use]
    pub fn message(word: &str) -> String {
        format!("'{word}' is not part of Zexus here")
    }
}

macro_rules! foreign {
    ($($alternative:literal { $($statement:ident)* } calls { $($call:ident)* })*) => {
        impl ForeignWord {
            /// All words of chapter 22 that are spelled out there.
            pub const ALL: &[ForeignWord] = &[$(
                $(ForeignWord { word: stringify!($statement), statement: true, alternative: $alternative },)*
                $(ForeignWord { word: stringify!($call), statement: false, alternative: $alternative },)*
            )*];
        }
    };
}

foreign! {
    "return data (maps, lists) and draw it in the host"
        { screen component theme color canvas graphics animation clock }
        calls { mix draw_line draw_text draw_rect draw_circle render_screen define_screen define_component define_theme
                create_canvas create_animation create_clock add_to_screen set_theme get_theme }
    "`external action f(…) from \"module\"`"
        { native embedded } calls { eval_file }
    "nothing to write: code is optimised and memory managed without help; use lists for buffers"
        { simd inline buffer gc } calls { memory_stats track_memory }
    "a function that wraps another, `protect(f, {rate_limit: n})`, or a map"
        { middleware auth throttle cache } calls {}
    "module `fs`, `env_get` or `file_append`"
        { find load log } calls {}
    "tasks (`async`, `spawn`) or `on_exit`; supervision is the host's work"
        { run execute schedule daemonize watch_and_reload signal_handler on_start set_execution_mode } calls {}
}

/// What E0220 says about `@decorator`.
pub const DECORATOR_ALTERNATIVE: &str =
    "write `let f = decorator(f)` after the declaration, or use `secure` or `protect`";

/// What E0220 says about `verify:data` and other `word:mode` forms.
pub const MODE_ALTERNATIVE: &str = "write `verify c, \"message\"` with a builtin such as `is_email`";
