//! Policies, capabilities and dependencies (language.md 18.8, chapter 16).

use super::rows;

rows! {
    ROWS in "";
}
