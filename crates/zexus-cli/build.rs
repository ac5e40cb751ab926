//! How the released command is linked, so that a short run touches little of it.
//!
//! Memory of a process is counted in pages, and the system maps the code around each page that is used along with it. So functions that
//! every run uses are put side by side, as `layout.ld` lists them (`bench/layout` writes it): a list that is old or names functions
//! that are gone costs memory, and nothing else. An executable at a fixed place needs no relocations, which would have to be read and
//! applied at each start; libraries, heap and stacks are still placed at random. `ZEXUS_PLAIN_LINK=1` goes without all this, for linkers
//! that know no scripts.

fn main() {
    println!("cargo::rerun-if-changed=layout.ld");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=ZEXUS_PLAIN_LINK");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|v| v == value);
    let known = is("CARGO_CFG_TARGET_ARCH", "x86_64")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu");
    if known && is("PROFILE", "release") && !is("ZEXUS_PLAIN_LINK", "1") {
        let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo::rustc-link-arg-bin=zexus=-no-pie");
        println!("cargo::rustc-link-arg-bin=zexus=-Wl,-T,{root}/layout.ld");
    }
}
