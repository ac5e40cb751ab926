//! Gas schedule V1: what sizes cost in metered runs (bytecode.md 5.3, chain.md chapter 6).
//!
//! Base prices stand in the table of opcodes. Prices never change within a schedule; another price is another schedule.

use crate::num::Integer;

/// The number of the schedule, which stands in every receipt.
pub const SCHEDULE: u32 = 1;

/// A price of `gas` for each `unit` of a size, or part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How much of the size is a unit.
    pub unit: u64,
    /// The gas of a unit.
    pub gas: u64,
}

impl Rate {
    /// The gas for a size: units are rounded up, sums saturate.
    #[inline]
    pub const fn cost(self, size: u64) -> u64 {
        size.div_ceil(self.unit).saturating_mul(self.gas)
    }
}

macro_rules! rates {
    ($( $(#[$doc:meta])+ $name:ident = $gas:literal per $unit:literal; )*) => {
        $( $(#[$doc])+ pub const $name: Rate = Rate { unit: $unit, gas: $gas }; )*
    };
}

rates! {
    /// Bytes of text or bytes built, or read by a builtin: `ADD`, `MUL`, `SLICE`, `BUILD_STRING`, display forms, `PRINT`.
    TEXT = 1 per 8;
    /// Bytes of the shorter of two texts compared: order; equality of equal lengths.
    TEXT_COMPARED = 1 per 32;
    /// List items copied: `ADD`, `SLICE`, copying a list constant, `CALL_SPREAD`.
    LIST_ITEM = 1 per 1;
    /// Map entries copied: copying a map constant.
    MAP_ENTRY = 4 per 1;
    /// Values visited by `EQ`, `NEQ`, `IN`, copies of nested values.
    VALUE = 1 per 1;
    /// Comparisons of sorting; see [`sort_cost`].
    COMPARISON = 4 per 1;
    /// Bytes hashed by `HASH_BLOCK`, SHA-2 or BLAKE2.
    SHA2 = 1 per 1;
    /// Bytes hashed by SHA-3 or Keccak.
    SHA3 = 2 per 1;
    /// Bytes hashed by BLAKE3.
    BLAKE3 = 1 per 2;
    /// Bytes of canonical JSON made for a hash.
    CANONICAL_JSON = 1 per 8;
    /// Bytes of hash input of `MERKLE_ROOT`.
    MERKLE_INPUT = 1 per 1;
    /// Items of `merkle_root`.
    MERKLE_ITEM = 150 per 1;
    /// Bytes of a message whose signature is verified.
    SIGNED = 1 per 1;
    /// Bytes of key and record read from state.
    STATE_READ = 1 per 1;
    /// Bytes of key and new record written to state.
    STATE_WRITE = 4 per 1;
    /// Bytes of the old record when state is written.
    STATE_OLD = 1 per 1;
    /// Bytes of the payload of a ledger entry.
    LEDGER = 2 per 1;
    /// Bytes of the encoded arguments of an event.
    EVENT = 2 per 1;
    /// Bytes of the encoding of values that cross a contract border.
    BORDER = 1 per 8;
    /// Bytes of a module that is deployed.
    DEPLOYED = 4 per 1;
    /// Bytes of a transaction of a chain.
    TRANSACTION_BYTE = 2 per 1;
    /// Bytes of the text times the length of the pattern in `matches_pattern`.
    PATTERN = 1 per 8;
    /// Rounds times 32-byte blocks of `pbkdf2` and the password functions.
    PBKDF2 = 400 per 1;
}

macro_rules! prices {
    ($( $(#[$doc:meta])+ $name:ident = $gas:literal; )*) => {
        $( $(#[$doc])+ pub const $name: u64 = $gas; )*
    };
}

prices! {
    /// Verifying an Ed25519 signature, once key and signature are well formed.
    ED25519 = 40_000;
    /// Verifying a signature over secp256k1.
    SECP256K1 = 60_000;
    /// Verifying a signature over P-256.
    P256 = 90_000;
    /// Making a signature.
    SIGN = 60_000;
    /// Making a pair of keys.
    KEYPAIR = 40_000;
    /// Deriving an address.
    ADDRESS = 5_000;
    /// `hmac_sha256`, besides the bytes hashed.
    HMAC = 200;
    /// A try of `proof_of_work`, besides the bytes hashed.
    PROOF_OF_WORK_TRY = 60;
    /// A builtin that writes state, besides the bytes.
    STATE_WRITE_CALL = 300;
    /// A builtin that reads state, besides the bytes.
    STATE_READ_CALL = 100;
    /// A transaction of a chain, besides its bytes.
    TRANSACTION = 1_000;
    /// An external call of a contract.
    EXTERNAL_CALL = 700;
    /// Making an instance of a contract.
    INSTANCE = 5_000;
}

/// Sorting `n` items: `n * ceil(log2 n)` comparisons.
pub const fn sort_cost(n: u64) -> u64 {
    match n {
        0 | 1 => 0,
        _ => COMPARISON.cost(n.saturating_mul((64 - (n - 1).leading_zeros()) as u64)),
    }
}

/// `ADD`, `SUB`, `NEG`, `INC`, `DEC` and comparisons of integers: the limbs of the larger operand.
///
/// Integer work is free, and this not to be asked for, while operands and result fit 64 bits.
pub fn int_linear_cost(a: Integer<'_>, b: Integer<'_>) -> u64 {
    a.limbs().max(b.limbs())
}

/// `MUL`, `DIV`, `MOD`, `INT_DIV` of integers: limbs of a times limbs of b; free as in [`int_linear_cost`].
pub fn int_product_cost(a: Integer<'_>, b: Integer<'_>) -> u64 {
    a.limbs().saturating_mul(b.limbs())
}

/// `POW` of integers: the square of the limbs of the result, as bounded by bits(a) times b; free as in [`int_linear_cost`].
pub fn int_power_cost(a: Integer<'_>, exponent: u64) -> u64 {
    let limbs = a.bits().saturating_mul(exponent).div_ceil(64);
    limbs.saturating_mul(limbs)
}
