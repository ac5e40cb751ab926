//! The program, time and the environment (language.md 18.7).

use super::rows;

rows! {
    ROWS in "";
}
