//! A store in one file, on redb.

use std::io::ErrorKind;
use std::path::Path;

use redb::{
    Builder, CommitError, Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase,
    ReadableTable, StorageBackend, StorageError, TableDefinition, TableError, TransactionError,
    WriteTransaction,
};

use crate::store::{Batch, FORMAT, Fence, Head, Store, StoreError, Table, View};

/// Bytes that redb may keep in memory for a store.
const CACHE_BYTES: usize = 64 << 20;

/// A store in a file, with a lock against other processes.
///
/// Every commit is synced twice: what the file says of its newest state is written only after that state is there, because
/// whoever sends transactions decides what is written, and a checksum that could be met by design is no protection.
pub struct DiskStore {
    database: Open,
}

impl std::fmt::Debug for DiskStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DiskStore").finish_non_exhaustive()
    }
}

enum Open {
    Writable(Database),
    ReadOnly(ReadOnlyDatabase),
}

impl DiskStore {
    /// Opens the store of the chain with this name, or makes it if there is no file. Repairs what a crash has left.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::Version`], [`StoreError::Chain`], [`StoreError::Damaged`] for a file that is no
    /// store, [`StoreError::Io`].
    pub fn open(path: impl AsRef<Path>, chain: &str) -> Result<DiskStore, StoreError> {
        let path = path.as_ref();
        if !path.try_exists().map_err(of_io)? {
            create(path, chain)?;
        }
        DiskStore::open_file(path, chain)
    }

    fn open_file(path: &Path, chain: &str) -> Result<DiskStore, StoreError> {
        let database = builder().create(path).map_err(|e| of_database(e, &path.to_string_lossy()))?;
        DiskStore::writable(database, chain)
    }

    /// As [`DiskStore::open`], with another backend for the file. A crash while an empty backend is made a store may leave
    /// one that does not open.
    ///
    /// # Errors
    /// As [`DiskStore::open`].
    pub fn open_with(backend: impl StorageBackend, chain: &str) -> Result<DiskStore, StoreError> {
        let database = builder().create_with_backend(backend).map_err(|e| of_database(e, "memory"))?;
        DiskStore::writable(database, chain)
    }

    /// Opens an existing store for reading.
    ///
    /// # Errors
    /// As [`DiskStore::open`]; [`StoreError::Io`] also for a store that must be repaired first.
    pub fn open_read_only(path: impl AsRef<Path>, chain: &str) -> Result<DiskStore, StoreError> {
        let path = path.as_ref();
        let database = builder().open_read_only(path).map_err(|e| of_database(e, &path.to_string_lossy()))?;
        let store = DiskStore { database: Open::ReadOnly(database) };
        check_meta(&mut |name| store.view()?.get(Table::Meta, name.as_bytes()), chain)?;
        Ok(store)
    }

    fn writable(database: Database, chain: &str) -> Result<DiskStore, StoreError> {
        let store = DiskStore { database: Open::Writable(database) };
        let view = store.view()?;
        if view.get(Table::Meta, b"format")?.is_none() && view.is_new()? {
            drop(view);
            store.make(chain)?;
        } else {
            check_meta(&mut |name| view.get(Table::Meta, name.as_bytes()), chain)?;
        }
        Ok(store)
    }

    /// Makes all tables; meta with them, so that a store has all or nothing.
    fn make(&self, chain: &str) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        for table in Table::ALL {
            open(&transaction, *table)?;
        }
        let (format, name) = (FORMAT.to_be_bytes().to_vec(), chain.as_bytes().to_vec());
        let records = [("format", format), ("chain", name)].into_iter().chain(Head::EMPTY.records());
        let mut meta = open(&transaction, Table::Meta)?;
        for (name, record) in records {
            meta.insert(name.as_bytes(), &*record).map_err(of_storage)?;
        }
        drop(meta);
        transaction.commit().map_err(of_commit)
    }

    fn begin(&self) -> Result<WriteTransaction, StoreError> {
        let Open::Writable(database) = &self.database else { return Err(StoreError::ReadOnly) };
        let mut transaction = database.begin_write().map_err(of_transaction)?;
        transaction.set_two_phase_commit(true);
        Ok(transaction)
    }

    fn view(&self) -> Result<DiskView, StoreError> {
        let transaction = match &self.database {
            Open::Writable(database) => database.begin_read(),
            Open::ReadOnly(database) => database.begin_read(),
        };
        Ok(DiskView { transaction: transaction.map_err(of_transaction)? })
    }
}

/// Makes a store under another name and then gives it its own, so that there is never half of one. Whoever was faster wins.
fn create(path: &Path, chain: &str) -> Result<(), StoreError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::Builder::new().prefix(".zexus-store-").tempfile_in(parent).map_err(of_io)?;
    drop(DiskStore::open_file(file.path(), chain)?);
    file.as_file().sync_all().map_err(of_io)?;
    match file.persist_noclobber(path) {
        Ok(_) => {}
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        Err(e) => return Err(of_io(e.error)),
    }
    // The name is durable only when its directory is; elsewhere than on Unix a directory cannot be opened.
    #[cfg(unix)]
    std::fs::File::open(parent).and_then(|dir| dir.sync_all()).map_err(of_io)?;
    Ok(())
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

fn definition(table: Table) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
    TableDefinition::new(table.name())
}

fn open<'t>(
    transaction: &'t WriteTransaction,
    table: Table,
) -> Result<redb::Table<'t, &'static [u8], &'static [u8]>, StoreError> {
    transaction.open_table(definition(table)).map_err(of_table)
}

type ReadTable = redb::ReadOnlyTable<&'static [u8], &'static [u8]>;

type Get<'a> = &'a mut dyn FnMut(&'static str) -> Result<Option<Vec<u8>>, StoreError>;

fn check_meta(get: Get<'_>, chain: &str) -> Result<(), StoreError> {
    let wrong = |name: &str, why| StoreError::damaged(Table::Meta, name.as_bytes(), why);
    let format = get("format")?.and_then(|record| record.try_into().ok()).map(u32::from_be_bytes);
    match format {
        Some(FORMAT) => {}
        Some(other) => return Err(StoreError::Version(other)),
        None => return Err(wrong("format", "it is missing")),
    }
    let found =
        get("chain")?.and_then(|name| String::from_utf8(name).ok()).ok_or(wrong("chain", "it is missing"))?;
    if found != chain {
        return Err(StoreError::Chain { expected: chain.to_owned(), found });
    }
    Head::read(get).map(drop)
}

impl Store for DiskStore {
    fn head(&self) -> Result<Head, StoreError> {
        let view = self.view()?;
        Head::read(|name| view.get(Table::Meta, name.as_bytes()))
    }

    fn snapshot(&self) -> Result<Box<dyn View>, StoreError> {
        Ok(Box::new(self.view()?))
    }

    fn commit(&self, expected: &Head, next: &Head, batch: Batch) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        let mut meta = open(&transaction, Table::Meta)?;
        let current = Head::read(|name| {
            Ok(meta.get(name.as_bytes()).map_err(of_storage)?.map(|record| record.value().to_vec()))
        })?;
        match Fence::check(&current, expected, next)? {
            Fence::Done => return Ok(()),
            Fence::Apply => {}
        }
        for (name, record) in next.records() {
            meta.insert(name.as_bytes(), &*record).map_err(of_storage)?;
        }
        drop(meta);
        let mut changes = batch.changes;
        // Table by table; within one the last change of a key must stay the last.
        changes.sort_by_key(|(table, ..)| *table);
        for changes in changes.chunk_by(|a, b| a.0 == b.0) {
            let Some((table, ..)) = changes.first() else { continue };
            let mut table = open(&transaction, *table)?;
            for (_, key, record) in changes {
                match record {
                    Some(record) => drop(table.insert(&**key, &**record).map_err(of_storage)?),
                    None => drop(table.remove(&**key).map_err(of_storage)?),
                }
            }
        }
        transaction.commit().map_err(of_commit)
    }
}

struct DiskView {
    transaction: ReadTransaction,
}

impl DiskView {
    /// Whether the file has no table at all.
    fn is_new(&self) -> Result<bool, StoreError> {
        Ok(self.transaction.list_tables().map_err(of_storage)?.next().is_none())
    }

    fn table(&self, table: Table) -> Result<Option<ReadTable>, StoreError> {
        match self.transaction.open_table(definition(table)) {
            Ok(table) => Ok(Some(table)),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(e) => Err(of_table(e)),
        }
    }
}

impl View for DiskView {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(table) = self.table(table)? else { return Ok(None) };
        Ok(table.get(key).map_err(of_storage)?.map(|record| record.value().to_vec()))
    }

    fn scan(
        &self,
        table: Table,
        from: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        let Some(table) = self.table(table)? else { return Ok(()) };
        for pair in table.range(from..).map_err(of_storage)? {
            let (key, record) = pair.map_err(of_storage)?;
            if !visit(key.value(), record.value()) {
                break;
            }
        }
        Ok(())
    }
}

fn of_io(e: std::io::Error) -> StoreError {
    StoreError::Io(e.to_string())
}

fn no_store(why: impl ToString) -> StoreError {
    StoreError::Damaged { table: "file", key: "-".to_owned(), why: why.to_string() }
}

fn of_storage(e: StorageError) -> StoreError {
    match e {
        StorageError::Corrupted(why) => no_store(why),
        StorageError::Io(e) if e.kind() == ErrorKind::InvalidData => no_store("it is no store"),
        StorageError::PreviousIo => StoreError::Failed,
        e => StoreError::Io(e.to_string()),
    }
}

fn of_database(e: DatabaseError, path: &str) -> StoreError {
    match e {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            StoreError::InUse(path.to_owned())
        }
        DatabaseError::UpgradeRequired(version) => StoreError::Version(version.into()),
        DatabaseError::Storage(e) => of_storage(e),
        e => StoreError::Io(e.to_string()),
    }
}

fn of_table(e: TableError) -> StoreError {
    match e {
        TableError::Storage(e) => of_storage(e),
        e => no_store(e),
    }
}

fn of_transaction(e: TransactionError) -> StoreError {
    match e {
        TransactionError::Storage(e) => of_storage(e),
        e => StoreError::Io(e.to_string()),
    }
}

fn of_commit(e: CommitError) -> StoreError {
    match e {
        CommitError::Storage(e) => of_storage(e),
        e => StoreError::Io(e.to_string()),
    }
}
