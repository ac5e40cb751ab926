//! Lists and maps (language.md 18.3).

use super::rows;

rows! {
    ROWS in "";
}
