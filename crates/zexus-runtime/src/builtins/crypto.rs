//! Hashes and signatures (language.md 18.6), and the module `crypto` (chapter 20).

use super::rows;

rows! {
    ROWS in "";
}

rows! {
    MODULE_ROWS in "crypto";
}
