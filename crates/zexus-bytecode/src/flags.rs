//! Flags of functions (bytecode.md 1.4).

/// A set of function flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FnFlags(pub u16);

macro_rules! flags {
    ($( $(#[$doc:meta])* $name:ident = $bit:literal, $is:ident $text:literal; )*) => {
        impl FnFlags {
            $( $(#[$doc])* pub const $name: FnFlags = FnFlags($bit);

               $(#[$doc])* pub const fn $is(self) -> bool { self.0 & $bit != 0 } )*

            /// All flags.
            pub const ALL: FnFlags = FnFlags($( $bit )|*);

            /// All flags with their names in text forms, by rising bit.
            pub const NAMED: &'static [(&'static str, FnFlags)] = &[ $( ($text, FnFlags($bit)) ),* ];
        }
    };
}

flags! {
    /// The lists of locals and captures decide what its names mean.
    SCOPED = 1, is_scoped "scoped";
    /// A call gives a task.
    ASYNC = 2, is_async "async";
    /// It has a `this`.
    METHOD = 4, is_method "method";
    /// An action of a contract.
    ACTION = 8, is_action "action";
    /// Callable only from inside.
    PRIVATE = 16, is_private "private";
    /// May not write state.
    VIEW = 32, is_view "view";
    /// May neither read nor write state.
    PURE = 64, is_pure "pure";
    /// May be called with a value.
    PAYABLE = 128, is_payable "payable";
    /// May be entered again by an external call.
    REENTRANT = 256, is_reentrant "reentrant";
    /// Each call appends an audit entry.
    SECURE = 512, is_secure "secure";
}

impl std::ops::BitOr for FnFlags {
    type Output = FnFlags;
    fn bitor(self, other: FnFlags) -> FnFlags {
        FnFlags(self.0 | other.0)
    }
}

impl std::ops::BitOrAssign for FnFlags {
    fn bitor_assign(&mut self, other: FnFlags) {
        self.0 |= other.0;
    }
}
