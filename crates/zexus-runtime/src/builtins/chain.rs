//! Gas, transactions, ledger, owners and roles (language.md 18.8).

use super::rows;

rows! {
    ROWS in "";
}

rows! {
    MODULE_ROWS in "blockchain";
}
