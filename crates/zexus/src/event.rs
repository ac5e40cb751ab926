//! The events of a run, as their readers outside see them.

use zexus_runtime::{Machine, events};

use crate::data::{Data, Key};
use crate::error::Error;
use crate::exchange::{self, OutError};

/// An event that a run emitted and that no transaction took back.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its values in order.
    pub args: Vec<Data>,
    /// The names that its declaration gives the values; empty if it is not declared.
    pub names: Vec<String>,
    /// The address of the contract that emitted it; `None` outside of contracts.
    pub contract: Option<String>,
}

impl Event {
    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&Data> {
        self.names.iter().position(|n| n == name).and_then(|at| self.args.get(at))
    }
}

/// The events that stand, in order.
pub(crate) fn all(m: &mut Machine) -> Result<Vec<Event>, Error> {
    let list = events::events(m, None).map_err(|_| {
        m.pending = None;
        Error::Out(OutError::Size)
    })?;
    let Data::List(items) = exchange::data(m, list)? else { return Ok(Vec::new()) };
    Ok(items.into_iter().map(event).collect())
}

/// An event from the map that the program sees (language.md 14.1).
fn event(item: Data) -> Event {
    let text = |name: &str| match item.get(name) {
        Some(Data::Str(text)) => Some(text.clone()),
        _ => None,
    };
    let (name, contract) = (text("name").unwrap_or_default(), text("contract"));
    let names = match item.get("data") {
        Some(Data::Map(data)) => data.keys().map(key_text).collect(),
        _ => Vec::new(),
    };
    let args = match item.get("args") {
        Some(Data::List(args)) => args.clone(),
        _ => Vec::new(),
    };
    Event { name, args, names, contract }
}

fn key_text(key: &Key) -> String {
    match key {
        Key::Str(text) => text.clone(),
        _ => String::new(),
    }
}
