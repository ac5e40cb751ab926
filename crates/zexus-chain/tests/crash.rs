//! Whatever happens to disk and process at any moment: after opening again there is a beginning of the chain in which every
//! block is whole, and every block whose commit had returned is there (chain.md 10.3, 10.4).

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "common/transfers.rs"]
mod common;
#[path = "common/disk.rs"]
mod disk;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use common::{CHAIN, check, found, transfer};
use disk::{Disk, Fault};
use zexus_chain::{Archive, DiskStore, StoreError};

const BLOCKS: u64 = 4;
const PER_BLOCK: u64 = 3;

/// Opens the disk and makes blocks until one fails; how many commits returned.
fn work(disk: &Disk, before: u64) -> u64 {
    let mut acknowledged = before;
    let Ok(store) = DiskStore::open_with(disk.clone(), CHAIN) else { return acknowledged };
    let Ok(mut chain) = Archive::open(Arc::new(store)) else { return acknowledged };
    for height in before..before + BLOCKS {
        let done = if height == 0 { found(&mut chain) } else { transfer(&mut chain, height, PER_BLOCK) };
        if done.is_err() {
            assert_eq!(transfer(&mut chain, height + 1, 1), Err(StoreError::Failed));
            break;
        }
        acknowledged += 1;
    }
    acknowledged
}

fn reopen(image: Vec<u8>) -> (u64, Disk) {
    let disk = Disk::of(image);
    let store = DiskStore::open_with(disk.clone(), CHAIN).expect("the file opens");
    (check(Arc::new(store), PER_BLOCK), disk)
}

/// A disk for each fault at each point of a workload that begins with this file.
fn at_every_point(file: &[u8], before: u64, mut test: impl FnMut(Disk, String)) -> u64 {
    let whole = Disk::of(file.to_vec());
    assert_eq!(work(&whole, before), before + BLOCKS);
    let points = whole.points();
    for point in 1..=points {
        for fault in Fault::ALL {
            test(Disk::with_fault(file.to_vec(), point, fault), format!("{fault:?} at {point} of {points}"));
        }
    }
    points
}

fn survives(file: &[u8], before: u64) {
    let points = at_every_point(file, before, |disk, what| {
        let acknowledged = work(&disk, before);
        for (number, image) in disk.images(acknowledged * 77 + what.len() as u64).into_iter().enumerate() {
            let (found, _) = reopen(image);
            assert!(
                (acknowledged..=acknowledged + 1).contains(&found),
                "{what}, image {number}: {acknowledged} acknowledged, {found} found"
            );
        }
    });
    assert!(points > 20, "the workload has only {points} points");
}

#[test]
fn a_new_store_survives_every_fault_at_every_point() {
    // A file gets its name when it is a store, so what can be interrupted begins here.
    let disk = Disk::default();
    drop(DiskStore::open_with(disk.clone(), CHAIN).unwrap());
    survives(&disk.file(), 0);
}

#[test]
fn a_store_is_made_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    // What a crash may leave beside it is never read.
    std::fs::write(dir.path().join(".zexus-store-abc"), "half of a store").unwrap();
    let path = dir.path().join("chain.redb");
    drop(DiskStore::open(&path, CHAIN).unwrap());
    let mut names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [".zexus-store-abc", "chain.redb"]);
    let missing = dir.path().join("none").join("chain.redb");
    assert!(matches!(DiskStore::open(missing, CHAIN), Err(StoreError::Io(_))));
    assert_eq!(check(Arc::new(DiskStore::open(&path, CHAIN).unwrap()), PER_BLOCK), 0);
}

#[test]
fn a_store_in_use_survives_every_fault_at_every_point() {
    let disk = Disk::default();
    assert_eq!(work(&disk, 0), BLOCKS);
    survives(&disk.file(), BLOCKS);
}

#[test]
fn repair_survives_every_fault_at_every_point() {
    // A file that must be repaired, because the power goes in the middle of the work.
    let disk = Disk::default();
    work(&disk, 0);
    let broken = Disk::with_fault(disk.file(), 12, Fault::PowerAfter);
    let acknowledged = work(&broken, BLOCKS);
    for image in broken.images(5) {
        let (found, whole) = reopen(image.clone());
        for point in 1..=whole.points() {
            for fault in Fault::ALL {
                let disk = Disk::with_fault(image.clone(), point, fault);
                drop(DiskStore::open_with(disk.clone(), CHAIN));
                for image in disk.images(point) {
                    assert_eq!(reopen(image).0, found, "{fault:?} at {point} of the repair");
                }
            }
        }
        assert!((acknowledged..=acknowledged + 1).contains(&found));
    }
}

/// The child of the next test: makes blocks for ever, and says so for each.
#[test]
fn child() {
    let Some(path) = std::env::var_os("ZEXUS_CHAIN_CHILD") else { return };
    let mut chain = Archive::open(Arc::new(DiskStore::open(Path::new(&path), CHAIN).unwrap())).unwrap();
    let next = if chain.head().receipts == 0 { 0 } else { chain.head().height + 1 };
    let mut out = std::io::stdout();
    for height in next.. {
        let done = if height == 0 { found(&mut chain) } else { transfer(&mut chain, height, PER_BLOCK) };
        done.unwrap();
        writeln!(out, "block {height}").unwrap();
        out.flush().unwrap();
    }
}

fn kill_children(kills: u64) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("chain.redb");
    let mut acknowledged = 0;
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env("ZEXUS_CHAIN_CHILD", &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // The first block says that it runs; then it is killed somewhere in the blocks that follow.
        let started = lines.find_map(|line| block(&line.unwrap())).expect("the child makes a block");
        std::thread::sleep(std::time::Duration::from_micros(kill * 7919 % 20_000));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged =
            lines.map_while(Result::ok).filter_map(|line| block(&line)).fold(started, u64::max) + 1;
        let store = DiskStore::open(&path, CHAIN).unwrap();
        let found = check(Arc::new(store), PER_BLOCK);
        assert!(
            (acknowledged..=acknowledged + 1).contains(&found),
            "{acknowledged} acknowledged, {found} found"
        );
    }
    assert!(acknowledged >= kills);
}

/// The height in a line of the child; the test harness writes before the first one on the same line.
fn block(line: &str) -> Option<u64> {
    line.split_once("block ")?.1.parse().ok()
}

#[test]
fn killed_processes_leave_whole_blocks() {
    kill_children(50);
}

/// The long form, for the soak job: `cargo test -p zexus-chain --test crash -- --ignored`.
#[test]
#[ignore = "takes long"]
fn processes_killed_two_thousand_times_leave_whole_blocks() {
    for _ in 0..20 {
        kill_children(100);
    }
}
