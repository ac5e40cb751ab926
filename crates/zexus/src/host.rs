//! Hosts: what the world gives a program.
//!
//! [`Captured`] is the host of every instance unless another is given: it keeps what is printed in memory, and its clock, randomness and
//! environment are what its maker says. Other hosts implement [`Host`].

mod captured;
mod guard;

pub use captured::Captured;
pub(crate) use guard::Guard;
pub use guard::InterruptHandle;
pub use zexus_runtime::host::{Block, Caps, FileChange, FileError, Host, PathKind};
