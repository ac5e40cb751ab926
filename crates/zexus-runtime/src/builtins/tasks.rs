//! Tasks and channels (language.md chapter 13).

use super::rows;

rows! {
    ROWS in "";
}
