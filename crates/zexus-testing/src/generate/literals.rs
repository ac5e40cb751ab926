//! Constants that generated programs use: ordinary ones, and those at the borders of the implementation.

/// Small integers, which most constants are.
pub const SMALL: &[&str] = &["0", "1", "2", "3", "4", "5", "7", "10", "12", "100", "(-1)", "(-2)", "(-7)"];

/// Integers at the borders of machine words, and beyond.
pub const LARGE: &[&str] = &[
    "127",
    "128",
    "255",
    "256",
    "32767",
    "65536",
    "2147483647",
    "2147483648",
    "(-2147483649)",
    "140737488355328",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "(-9223372036854775808)",
    "(-9223372036854775809)",
    "4611686018427387904",
    "18446744073709551616",
    "0xffffffffffffffffffffffff",
    "1_000_000",
];

/// Floats.
pub const FLOATS: &[&str] = &[
    "0.0",
    "1.0",
    "1.5",
    "0.5",
    "2.25",
    "(-0.0)",
    "(-3.75)",
    "1e3",
    "1e16",
    "1e-5",
    "0.1",
    "1e300",
    "123456.789",
];

/// Strings.
pub const STRINGS: &[&str] = &[
    "\"a\"",
    "\"\"",
    "\"b\"",
    "\"ab\"",
    "\"é\"",
    "\"日本\"",
    "\"x,y,z\"",
    "'q'",
    "\"  sp \"",
    "\"12\"",
    "\"-3.5\"",
    "\"a\\tb\\\"\"",
    "\"🙂!\"",
    "\"\\u00df\\${}\"",
    "\"Straße\"",
];

/// Keys of maps, as they stand in a literal.
pub const KEYS: &[&str] = &["a", "b", "c", "\"d e\"", "\"é\"", "if"];
