//! Files (language.md 18.7), and the module `fs` (chapter 20).

use super::rows;

rows! {
    ROWS in "";
}

rows! {
    MODULE_ROWS in "fs";
}
