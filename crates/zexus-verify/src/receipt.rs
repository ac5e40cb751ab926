//! Receipts (chain.md 8.4).

use alloc::string::String;
use alloc::vec::Vec;

use crate::bytes::{Malformed, Reader, put_seg, put_varint};
use crate::entry::{Origin, origin, put_origin};
use crate::hash::{Hash, sha256};
use crate::value::{self, kind};

const TAG: &[u8] = b"ZXRC\x01";

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Well.
    Ok = 0,
    /// By `revert`: E0503.
    Reverted = 1,
    /// By another error.
    Error = 2,
    /// Out of gas: E0504.
    OutOfGas = 3,
    /// By another fatal error.
    Fatal = 4,
}

/// An event that a transaction emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What emitted it.
    pub origin: Origin,
    /// Its name.
    pub name: String,
    /// The encoding of the list of its arguments.
    pub args: Vec<u8>,
}

/// What came of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Id of the transaction.
    pub id: Hash,
    /// Height of its block.
    pub height: u64,
    /// Its number in the block, from 0.
    pub number: u32,
    /// Time of the block in milliseconds since 1970, UTC.
    pub time: i64,
    /// Hash of the block.
    pub block_hash: Hash,
    /// How it ended.
    pub status: Status,
    /// `E0501` and the like; empty if it ended well.
    pub error: String,
    /// The encoding of the result; that of null unless it ended well.
    pub result: Vec<u8>,
    /// Gas it used.
    pub gas_used: u64,
    /// Gas it could use.
    pub gas_limit: u64,
    /// Number of the gas schedule.
    pub schedule: u16,
    /// Number of the meaning of programs.
    pub semantics: u16,
    /// Content hash of the code that was executed.
    pub code: Hash,
    /// State root before and after.
    pub state: [Hash; 2],
    /// Head of the ledger before and after.
    pub ledger: [Hash; 2],
    /// Index of its first entry of the ledger.
    pub first_entry: u64,
    /// Number of its entries.
    pub entries: u32,
    /// Its events, in order.
    pub events: Vec<Event>,
}

impl Receipt {
    /// Reads a receipt.
    ///
    /// # Errors
    /// If the bytes are not exactly those of a receipt.
    pub fn decode(bytes: &[u8]) -> Result<Receipt, Malformed> {
        let mut r = Reader::new(bytes);
        let receipt = Receipt::read(&mut r)?;
        r.end()?;
        Ok(receipt)
    }

    fn read(r: &mut Reader<'_>) -> Result<Receipt, Malformed> {
        r.expect(TAG)?;
        let (id, height, number, time, block_hash) = (r.array()?, r.u64()?, r.u32()?, r.i64()?, r.array()?);
        let status = match r.byte()? {
            0 => Status::Ok,
            1 => Status::Reverted,
            2 => Status::Error,
            3 => Status::OutOfGas,
            4 => Status::Fatal,
            _ => return Err(Malformed("an unknown status")),
        };
        let error = match status {
            Status::Ok => r.text()?,
            _ => value::error_code(r)?,
        };
        let result = value::take(r)?;
        let fits = match status {
            Status::Ok => error.is_empty(),
            Status::Reverted => error == "E0503" && result == [kind::NULL],
            Status::OutOfGas => error == "E0504" && result == [kind::NULL],
            Status::Error | Status::Fatal => error != "E0504" && result == [kind::NULL],
        };
        if !fits {
            return Err(Malformed("status, error code and result do not fit"));
        }
        let (error, result) = (error.into(), result.to_vec());
        let (gas_used, gas_limit, schedule, semantics) = (r.u64()?, r.u64()?, r.u16()?, r.u16()?);
        let (code, state, ledger) = (r.array()?, [r.array()?, r.array()?], [r.array()?, r.array()?]);
        let (first_entry, entries) = (r.u64()?, r.u32()?);
        let mut events = Vec::new();
        for _ in 0..r.count()? {
            let (origin, name) = (origin(r)?, r.text()?.into());
            events.push(Event { origin, name, args: value::take_list(r)?.to_vec() });
        }
        Ok(Receipt {
            id,
            height,
            number,
            time,
            block_hash,
            status,
            error,
            result,
            gas_used,
            gas_limit,
            schedule,
            semantics,
            code,
            state,
            ledger,
            first_entry,
            entries,
            events,
        })
    }

    /// The bytes of the receipt.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(360 + self.result.len());
        out.extend_from_slice(TAG);
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.height.to_be_bytes());
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&self.time.to_be_bytes());
        out.extend_from_slice(&self.block_hash);
        out.push(self.status as u8);
        put_seg(&mut out, self.error.as_bytes());
        out.extend_from_slice(&self.result);
        out.extend_from_slice(&self.gas_used.to_be_bytes());
        out.extend_from_slice(&self.gas_limit.to_be_bytes());
        out.extend_from_slice(&self.schedule.to_be_bytes());
        out.extend_from_slice(&self.semantics.to_be_bytes());
        out.extend_from_slice(&self.code);
        self.state.iter().chain(&self.ledger).for_each(|hash| out.extend_from_slice(hash));
        out.extend_from_slice(&self.first_entry.to_be_bytes());
        out.extend_from_slice(&self.entries.to_be_bytes());
        put_varint(&mut out, self.events.len() as u64);
        for event in &self.events {
            put_origin(&mut out, &event.origin);
            put_seg(&mut out, event.name.as_bytes());
            out.extend_from_slice(&event.args);
        }
        out
    }

    /// Its hash.
    pub fn hash(&self) -> Hash {
        sha256(&[&self.encode()])
    }
}

/// A receipt with what it carries outside its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReceipt {
    /// What the hash covers.
    pub receipt: Receipt,
    /// Message of the error; empty if it ended well.
    pub message: String,
    /// What the program printed.
    pub output: String,
}

impl StoredReceipt {
    /// Reads the record of a receipt: its bytes and two segments (chain.md 10.1).
    ///
    /// # Errors
    /// If the bytes are not exactly that.
    pub fn decode(bytes: &[u8]) -> Result<StoredReceipt, Malformed> {
        let mut r = Reader::new(bytes);
        let receipt = Receipt::read(&mut r)?;
        let stored = StoredReceipt { receipt, message: r.text()?.into(), output: r.text()?.into() };
        r.end()?;
        Ok(stored)
    }

    /// The bytes of the record.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = self.receipt.encode();
        put_seg(&mut out, self.message.as_bytes());
        put_seg(&mut out, self.output.as_bytes());
        out
    }
}
