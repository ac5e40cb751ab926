//! A disk that fails, is torn, or loses power where it is told to.

use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

/// What happens at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done, an error is reported; later everything works.
    Fails,
    /// It is done, an error is reported; later everything works.
    FailsAfterwards,
    /// Half of it is done, an error is reported; later everything works.
    Short,
    /// From here on nothing can be written, and the file not grow.
    Full,
    /// The power is gone before it is done.
    PowerBefore,
    /// The power is gone after it was done.
    PowerAfter,
}

impl Fault {
    pub const ALL: [Fault; 6] = [
        Fault::Fails,
        Fault::FailsAfterwards,
        Fault::Short,
        Fault::Full,
        Fault::PowerBefore,
        Fault::PowerAfter,
    ];
}

#[derive(Clone, Debug)]
enum Op {
    Write(usize, Vec<u8>),
    Length(usize),
    Sync,
}

#[derive(Debug, Default)]
struct State {
    /// What the system shows.
    now: Vec<u8>,
    /// What survives a loss of power for sure, and what was done since.
    synced: Vec<u8>,
    since: Vec<Op>,
    points: u64,
    fault: Option<(u64, Fault)>,
    full: bool,
    dead: bool,
}

/// A file in memory. Clones are the same file.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<State>>);

fn apply(file: &mut Vec<u8>, op: &Op) {
    match op {
        Op::Write(at, bytes) => {
            let end = at + bytes.len();
            if file.len() < end {
                file.resize(end, 0);
            }
            file[*at..end].copy_from_slice(bytes);
        }
        Op::Length(len) => file.resize(*len, 0),
        Op::Sync => {}
    }
}

impl Disk {
    /// A disk with this file on it.
    pub fn of(file: Vec<u8>) -> Disk {
        Disk(Arc::new(Mutex::new(State { now: file.clone(), synced: file, ..State::default() })))
    }

    /// A disk on which something happens at a point, counted from 1.
    pub fn with_fault(file: Vec<u8>, point: u64, fault: Fault) -> Disk {
        let disk = Disk::of(file);
        disk.0.lock().unwrap().fault = Some((point, fault));
        disk
    }

    /// How many points there were.
    pub fn points(&self) -> u64 {
        self.0.lock().unwrap().points
    }

    /// The file as it is.
    pub fn file(&self) -> Vec<u8> {
        self.0.lock().unwrap().now.clone()
    }

    /// What may be found on the disk after the power came back: what was synced, and of what was not everything; nothing; some
    /// of it, the last one torn after a multiple of 512 bytes.
    pub fn images(&self, seed: u64) -> Vec<Vec<u8>> {
        let state = self.0.lock().unwrap();
        let mut images = vec![state.now.clone()];
        if state.since.is_empty() {
            return images;
        }
        images.push(state.synced.clone());
        let mut random = seed;
        let mut next = || {
            // Xorshift.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random
        };
        for _ in 0..3 {
            let mut image = state.synced.clone();
            for op in &state.since {
                match (op, next() % 4) {
                    (_, 0) => {}
                    (Op::Write(at, bytes), 1) => {
                        let sectors = bytes.len().div_ceil(512) as u64;
                        let torn = (next() % (sectors + 1)) as usize * 512;
                        apply(&mut image, &Op::Write(*at, bytes[..torn.min(bytes.len())].to_vec()));
                    }
                    _ => apply(&mut image, op),
                }
            }
            images.push(image);
        }
        images
    }

    fn act(&self, op: Op) -> Result<()> {
        let mut state = self.0.lock().unwrap();
        let off = || Err(Error::other("the power is gone"));
        if state.dead {
            return off();
        }
        state.points += 1;
        let fault = state.fault.filter(|(point, _)| *point == state.points).map(|(_, fault)| fault);
        state.full |= fault == Some(Fault::Full);
        let full = state.full && !matches!(op, Op::Sync);
        let done = match (&fault, &op) {
            _ if full => None,
            (Some(Fault::Fails | Fault::PowerBefore), _) => None,
            (Some(Fault::Short), Op::Write(at, bytes)) => {
                Some(Op::Write(*at, bytes[..bytes.len() / 2].to_vec()))
            }
            (Some(Fault::Short), _) => None,
            _ => Some(op),
        };
        if let Some(op) = done {
            apply(&mut state.now, &op);
            match op {
                Op::Sync => {
                    state.synced = state.now.clone();
                    state.since.clear();
                }
                op => state.since.push(op),
            }
        }
        match fault {
            _ if full => Err(ErrorKind::StorageFull.into()),
            None | Some(Fault::Full) => Ok(()),
            Some(Fault::Fails | Fault::FailsAfterwards | Fault::Short) => {
                Err(Error::other("the disk failed"))
            }
            Some(Fault::PowerBefore | Fault::PowerAfter) => {
                state.dead = true;
                off()
            }
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64> {
        Ok(self.0.lock().unwrap().now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let state = self.0.lock().unwrap();
        let at = offset as usize;
        let bytes = state.now.get(at..at + out.len()).ok_or(ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        self.act(Op::Length(len as usize))
    }

    fn sync_data(&self) -> Result<()> {
        self.act(Op::Sync)
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        self.act(Op::Write(offset as usize, data.to_vec()))
    }
}
