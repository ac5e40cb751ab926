//! The code cache on disk (bytecode.md 8.6).

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};
use zexus_bytecode::{Module, verify};

use crate::lengths;

/// Bytes that all entries together may have; the oldest ones go first.
const MAX_BYTES: u64 = 256 << 20;

/// A directory of compiled modules, each under the hash of all that it was made from.
///
/// Several processes may use it at once: an entry is written under another name and renamed. What is read is verified like any
/// module that is not trusted; an entry that does not hold is deleted and counts as missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    dir: PathBuf,
}

/// What a cache holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheInfo {
    /// Entries.
    pub entries: u64,
    /// Bytes of them.
    pub bytes: u64,
}

impl Cache {
    /// A cache in a directory, which is made when the first entry is written.
    pub fn new(dir: impl Into<PathBuf>) -> Cache {
        Cache { dir: dir.into() }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How much it holds.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn info(&self) -> io::Result<CacheInfo> {
        let entries = self.entries()?;
        Ok(CacheInfo { entries: entries.len() as u64, bytes: entries.iter().map(|e| e.bytes).sum() })
    }

    /// Deletes all entries and nothing else; what was deleted.
    ///
    /// # Errors
    /// When the directory cannot be read or an entry cannot be deleted.
    pub fn clear(&self) -> io::Result<CacheInfo> {
        let mut gone = CacheInfo::default();
        for entry in self.entries()? {
            match fs::remove_file(&entry.path) {
                Ok(()) => {
                    gone.entries += 1;
                    gone.bytes += entry.bytes;
                }
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        Ok(gone)
    }

    /// The name of an entry: all that its module depends on. `texts` has the module's own first.
    pub(crate) fn key<'a>(level: u8, texts: impl IntoIterator<Item = &'a str>) -> String {
        let mut hash = Sha256::new();
        hash.update(b"zexus-cache-1\0");
        put_segment(&mut hash, env!("CARGO_PKG_VERSION"));
        hash.update([level]);
        texts.into_iter().for_each(|text| put_segment(&mut hash, text));
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The module of an entry, if there is one and it holds.
    pub(crate) fn get(&self, key: &str) -> Option<Module> {
        let path = self.path(key);
        let bytes = fs::read(&path).ok()?;
        let module = Module::from_bytes(&bytes).ok().and_then(|m| verify(m).ok());
        match module {
            Some(verified) => Some(lengths::restored(verified.into_module())),
            None => {
                // Whoever finds it next would refuse it again.
                let _ = fs::remove_file(&path);
                None
            }
        }
    }

    /// Keeps a module.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn put(&self, key: &str, module: &Module) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        let mut file = tempfile::Builder::new().prefix(".zexus-").tempfile_in(&self.dir)?;
        file.write_all(&lengths::kept(module).to_bytes())?;
        file.persist(self.path(key)).map_err(|e| e.error)?;
        self.trim()
    }

    /// Deletes the oldest entries until the rest fits.
    fn trim(&self) -> io::Result<()> {
        let mut entries = self.entries()?;
        let mut bytes: u64 = entries.iter().map(|e| e.bytes).sum();
        if bytes <= MAX_BYTES {
            return Ok(());
        }
        entries.sort_by_key(|e| e.written);
        for entry in entries {
            if bytes <= MAX_BYTES {
                break;
            }
            let _ = fs::remove_file(&entry.path);
            bytes -= entry.bytes;
        }
        Ok(())
    }

    fn path(&self, key: &str) -> PathBuf {
        self.dir.join(key).with_extension("zxc")
    }

    fn entries(&self) -> io::Result<Vec<Entry>> {
        let list = match fs::read_dir(&self.dir) {
            Ok(list) => list,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(e),
        };
        let mut entries = Vec::new();
        for found in list {
            let path = found?.path();
            let (Some(stem), Some(ending)) = (path.file_stem(), path.extension()) else { continue };
            let name = stem.to_string_lossy();
            if ending != "zxc" || name.len() != 64 || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
                continue;
            }
            // Another process may have deleted it in between.
            let Ok(meta) = fs::metadata(&path) else { continue };
            let written = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            entries.push(Entry { path, bytes: meta.len(), written });
        }
        Ok(entries)
    }
}

/// A text with its length in front, as bytecode.md 3.3 writes it.
fn put_segment(hash: &mut Sha256, text: &str) {
    let mut length = text.len();
    while length >= 0x80 {
        hash.update([length as u8 | 0x80]);
        length >>= 7;
    }
    hash.update([length as u8]);
    hash.update(text);
}

struct Entry {
    path: PathBuf,
    bytes: u64,
    written: SystemTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(n: i64) -> Module {
        let mut module = Module::new();
        let k = module.add_constant(n);
        module.add_instruction(zexus_bytecode::Opcode::LoadConst, k);
        module
    }

    #[test]
    fn keys_depend_on_every_part() {
        let key = Cache::key(0, ["a", "b"]);
        assert_eq!(key.len(), 64);
        for other in [
            Cache::key(1, ["a", "b"]),
            Cache::key(0, ["ab"]),
            Cache::key(0, ["b", "a"]),
            Cache::key(0, ["a"]),
        ] {
            assert_ne!(key, other);
        }
    }

    #[test]
    fn what_is_put_is_got() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().join("deep/er"));
        assert_eq!(cache.info().unwrap(), CacheInfo::default());
        let key = Cache::key(0, ["x"]);
        assert_eq!(cache.get(&key), None);
        cache.put(&key, &module(7)).unwrap();
        assert_eq!(cache.get(&key).unwrap().content_hash(), module(7).content_hash());
        let bytes = fs::metadata(cache.path(&key)).unwrap().len();
        assert_eq!(cache.info().unwrap(), CacheInfo { entries: 1, bytes });
        assert_eq!(cache.clear().unwrap(), CacheInfo { entries: 1, bytes });
        assert_eq!(cache.get(&key), None);
    }

    #[test]
    fn damaged_entries_are_missing_and_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path());
        let key = Cache::key(0, ["x"]);
        cache.put(&key, &module(7)).unwrap();
        let good = fs::read(cache.path(&key)).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(cache.path(&key), bad).unwrap();
            assert_eq!(cache.get(&key), None, "byte {at}");
            assert!(!cache.path(&key).exists(), "byte {at}");
        }
    }

    #[test]
    fn clearing_spares_foreign_files() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("notes.txt"), "mine").unwrap();
        fs::write(dir.path().join("mine.zxc"), "mine").unwrap();
        assert_eq!(Cache::new(dir.path()).clear().unwrap(), CacheInfo::default());
        assert!(dir.path().join("mine.zxc").exists());
    }

    #[test]
    fn writers_at_once_leave_whole_entries() {
        let dir = tempfile::tempdir().unwrap();
        let key = Cache::key(0, ["x"]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let cache = Cache::new(dir.path());
                    for _ in 0..50 {
                        cache.put(&key, &module(7)).unwrap();
                        assert!(cache.get(&key).is_some());
                    }
                });
            }
        });
        assert_eq!(Cache::new(dir.path()).info().unwrap().entries, 1);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
