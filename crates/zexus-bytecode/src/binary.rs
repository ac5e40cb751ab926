//! The binary form of a module, `.zxc`, and its content hash (bytecode.md 3.3 to 3.6).

mod read;
mod write;

use sha2::{Digest, Sha256};

use crate::encode::DecodeError;
use crate::module::Module;

/// The first bytes of a file.
pub const MAGIC: [u8; 8] = [0x89, b'Z', b'X', b'C', 0x0d, 0x0a, 0x1a, 0x0a];

/// The version of the form.
pub const VERSION: u16 = 1;

/// What the content hash starts with: `ZXMOD` and 1.
const HASH_HEAD: [u8; 6] = *b"ZXMOD\x01";

/// Bytes before the sections.
const HEAD_BYTES: usize = 12;

/// Bytes of the sum at the end.
const SUM_BYTES: usize = 32;

/// The parts of the binary form; the numbers stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum Section {
    Constants = 1,
    Functions = 2,
    SourceMap = 3,
    Metadata = 4,
}

/// Why bytes are no module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The magic is missing (E0701).
    #[error("not a bytecode module")]
    Magic,
    /// A version that this reader does not know (E0701).
    #[error("bytecode module of unknown version {0}")]
    Version(u16),
    /// Cut off, damaged, or not canonical (E0702).
    #[error("bytecode module is damaged: {what}, before byte {at}")]
    Damaged {
        /// How far the reader had come.
        at: usize,
        /// What is wrong.
        what: String,
    },
    /// A number that is no opcode (E0703).
    #[error("function {function} ({name}), pc {pc}: unknown opcode {number}")]
    UnknownOpcode {
        /// The function.
        function: u32,
        /// Its name.
        name: String,
        /// The index of the instruction.
        pc: u32,
        /// The number.
        number: u8,
    },
    /// Beyond a limit of bytecode.md 3.5 (E0707).
    #[error("bytecode module has more than {limit} {what}")]
    Limit {
        /// The limit.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
}

impl FormError {
    /// The code of the error in language.md chapter 23.
    pub fn code(&self) -> &'static str {
        match self {
            FormError::Magic | FormError::Version(_) => "E0701",
            FormError::Damaged { .. } => "E0702",
            FormError::UnknownOpcode { .. } => "E0703",
            FormError::Limit { .. } => "E0707",
        }
    }
}

/// What reading a part can fail with, before it is known where in the file the part stands.
enum PartError {
    Decode(DecodeError),
    Damaged(String),
    Form(FormError),
}

impl PartError {
    fn at(self, at: usize) -> FormError {
        match self {
            PartError::Form(error) => error,
            PartError::Decode(error) => FormError::Damaged { at, what: error.to_string() },
            PartError::Damaged(what) => FormError::Damaged { at, what },
        }
    }
}

impl From<DecodeError> for PartError {
    fn from(error: DecodeError) -> PartError {
        PartError::Decode(error)
    }
}

impl From<FormError> for PartError {
    fn from(error: FormError) -> PartError {
        PartError::Form(error)
    }
}

impl Module {
    /// The binary form.
    ///
    /// Every module has one, but that of a module with malformed operands or entries is rejected by [`Module::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::from(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        write::put_content(&mut out, self);
        write::put_extras(&mut out, self);
        let sum = Sha256::digest(&out);
        out.extend_from_slice(&sum);
        out
    }

    /// Reads the binary form.
    ///
    /// Accepts exactly what [`Module::to_bytes`] makes, and never allocates more than a small multiple of the input's length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Module, FormError> {
        read::read_module(bytes)
    }

    /// SHA-256 of what decides meaning and gas: constants and functions, without source map and metadata.
    pub fn content_hash(&self) -> [u8; 32] {
        let mut content = Vec::from(HASH_HEAD);
        write::put_content(&mut content, self);
        Sha256::digest(&content).into()
    }
}
