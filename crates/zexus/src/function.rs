//! Functions of the host as plain closures (language.md 16.11).

use std::fmt::Display;
use std::sync::Arc;

use zexus_runtime::host::HostFunction;

use crate::convert::{FromData, IntoData};
use crate::data::Data;
use crate::exchange;

/// What a host function gives: a value, or a `Result` whose error becomes E0423 with its text.
pub trait Reply {
    /// The value or the message.
    ///
    /// # Errors
    /// The message of E0423.
    fn reply(self) -> Result<Data, String>;
}

impl<T: IntoData> Reply for T {
    fn reply(self) -> Result<Data, String> {
        Ok(self.into_data())
    }
}

impl<T: IntoData, E: Display> Reply for Result<T, E> {
    fn reply(self) -> Result<Data, String> {
        self.map(T::into_data).map_err(|e| e.to_string())
    }
}

/// A closure that can serve as a host function: up to eight parameters of types that values convert to.
/// `Args` only tells the implementations apart.
pub trait Function<Args>: Send + Sync + 'static {
    /// Calls it with arguments of the program.
    ///
    /// # Errors
    /// The message of E0423: a wrong count, an argument that does not fit, or what the closure says.
    fn call(&self, args: Vec<Data>) -> Result<Data, String>;
}

macro_rules! functions {
    ($( $count:literal ($($name:ident)*) )*) => { $(
        impl<Fun, Out, $($name),*> Function<($($name,)*)> for Fun
        where
            Fun: Fn($($name),*) -> Out + Send + Sync + 'static,
            Out: Reply,
            $($name: FromData,)*
        {
            fn call(&self, args: Vec<Data>) -> Result<Data, String> {
                let got = args.len();
                if got != $count {
                    return Err(format!("the host function takes {} arguments, got {got}", $count));
                }
                let args = &mut args.into_iter().enumerate();
                let _ = &args;
                self($( argument::<$name>(args)? ),*).reply()
            }
        }
    )* };
}

functions! {
    0 () 1 (A) 2 (A B) 3 (A B C) 4 (A B C D) 5 (A B C D E) 6 (A B C D E F) 7 (A B C D E F G) 8 (A B C D E F G H)
}

fn argument<T: FromData>(args: &mut impl Iterator<Item = (usize, Data)>) -> Result<T, String> {
    let (i, data) = args.next().unwrap_or_default();
    T::from_data(data).map_err(|e| format!("argument {}: {e}", i + 1))
}

/// The closure as the runtime calls it.
pub(crate) fn wrap<Args, F: Function<Args>>(function: F) -> HostFunction {
    of_closure(move |args| function.call(args))
}

/// A closure over values as the runtime calls it.
pub(crate) fn of_closure(
    call: impl Fn(Vec<Data>) -> Result<Data, String> + Send + Sync + 'static,
) -> HostFunction {
    Arc::new(move |m, args| {
        let args = args.iter().map(|v| exchange::data(m, *v)).collect::<Result<Vec<_>, _>>();
        match args.map_err(|e| e.to_string()).and_then(&call) {
            Ok(data) => match exchange::value(m, data) {
                Ok(v) => Ok(v),
                Err(exchange::InError::Trap(trap)) => Err(trap),
                Err(exchange::InError::Refused(message)) => Err(m.error(423, message)),
            },
            Err(message) => Err(m.error(423, message)),
        }
    })
}
