//! Numbers (language.md 18.2).

use super::rows;

rows! {
    ROWS in "";
}
