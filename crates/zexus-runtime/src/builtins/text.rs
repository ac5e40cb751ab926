//! Text and checks (language.md 18.5).

use super::rows;

rows! {
    ROWS in "";
}
