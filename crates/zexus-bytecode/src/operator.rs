//! The binary operators, one row each.

macro_rules! operators {
    ($( $name:ident $text:literal ),* $(,)?) => {
        /// A binary operator whose operands are both evaluated.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum BinOp { $( $name ),* }

        impl BinOp {
            /// How it is written.
            pub const fn text(self) -> &'static str {
                match self { $( BinOp::$name => $text ),* }
            }

            /// The operator that is written so.
            pub fn from_text(text: &str) -> Option<BinOp> {
                match text { $( $text => Some(BinOp::$name), )* _ => None }
            }
        }
    };
}

operators! {
    Add "+", Sub "-", Mul "*", Div "/", IntDiv "div", Mod "%", Pow "**",
    Eq "==", Ne "!=", Lt "<", Le "<=", Gt ">", Ge ">=", In "in",
}
