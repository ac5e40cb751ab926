//! Kinds and conversion (language.md 18.1).

use super::rows;

rows! {
    ROWS in "";
}
