//! Descriptor maps (bytecode.md 2.6).

use crate::constant::Const;

use super::operands::is_name;

/// What stands under a key of a descriptor.
#[derive(Clone, Copy)]
enum Shape {
    /// A name.
    Name,
    /// A list of names.
    Names,
    /// A boolean.
    Flag,
    /// `"data"` or `"entity"`.
    Kind,
    /// A type descriptor.
    Type,
    /// The text of a type for messages, where it is not the descriptor.
    Text,
    /// Any constant; functions only by themselves.
    Value,
    /// A map from names to functions.
    Functions,
    /// A map from names to `[fewest, most]`; null is no limit.
    Counts,
    /// A map from names to lists of names.
    Lists,
    /// A map from names to maps with these keys.
    Members(&'static [Key]),
}

/// A key of a descriptor, what stands under it, and whether it must be there.
type Key = (&'static str, Shape, bool);

const PROTOCOL: &[Key] = &[
    ("name", Shape::Name, true),
    ("forward", Shape::Flag, false),
    ("interface", Shape::Flag, false),
    ("actions", Shape::Counts, false),
    ("fields", Shape::Names, false),
];

const DATA: &[Key] = &[
    ("name", Shape::Name, true),
    ("kind", Shape::Kind, true),
    ("forward", Shape::Flag, false),
    ("params", Shape::Names, false),
    ("immutable", Shape::Flag, false),
    ("sealed", Shape::Flag, false),
    ("verified", Shape::Flag, false),
    ("extends", Shape::Name, false),
    ("implements", Shape::Names, false),
    ("fields", Shape::Members(FIELD), false),
    ("methods", Shape::Functions, false),
    ("computed", Shape::Functions, false),
    ("operators", Shape::Functions, false),
];

const FIELD: &[Key] = &[
    ("type", Shape::Type, false),
    ("text", Shape::Text, false),
    ("default", Shape::Value, false),
    ("require", Shape::Value, false),
    ("inject", Shape::Value, false),
];

const CONTRACT: &[Key] = &[
    ("name", Shape::Name, true),
    ("forward", Shape::Flag, false),
    ("extends", Shape::Name, false),
    ("implements", Shape::Names, false),
    ("state", Shape::Members(STATE), false),
    ("actions", Shape::Functions, false),
    ("modifiers", Shape::Functions, false),
    ("events", Shape::Lists, false),
];

const STATE: &[Key] = &[
    ("type", Shape::Type, false),
    ("text", Shape::Text, false),
    ("init", Shape::Value, false),
    ("private", Shape::Flag, false),
    ("ledger", Shape::Flag, false),
];

type Check = Result<(), String>;

/// A protocol or interface.
pub(super) fn protocol(constant: &Const) -> Check {
    keys(constant, PROTOCOL)
}

/// A `data` or `entity` type.
pub(super) fn data(constant: &Const) -> Check {
    keys(constant, DATA)
}

/// A contract.
pub(super) fn contract(constant: &Const) -> Check {
    keys(constant, CONTRACT)
}

/// An enum: member names to integers or strings.
pub(super) fn enumeration(constant: &Const) -> Check {
    members(constant, |value| match value {
        Const::Int(_) | Const::Big(_) | Const::Str(_) => Ok(()),
        _ => Err("a member is neither an integer nor a string".to_owned()),
    })
}

/// A type: text in the notation of language.md chapter 7, or a map from keys to types.
///
/// Names that mean nothing accept everything, so any text without control characters will do.
pub(super) fn type_of(constant: &Const) -> Check {
    match constant {
        Const::Str(text) if !text.is_empty() && !text.chars().any(char::is_control) => Ok(()),
        // Constants are nested at most 64 deep, which bounds this recursion.
        Const::Map(entries) => entries.iter().try_for_each(|(key, value)| match key {
            Const::Str(_) => type_of(value),
            _ => Err("a key of a record type is no string".to_owned()),
        }),
        _ => Err("a type is neither a text nor a map".to_owned()),
    }
}

fn entries(constant: &Const) -> Result<&[(Const, Const)], String> {
    match constant {
        Const::Map(entries) => Ok(entries),
        _ => Err("it is no map".to_owned()),
    }
}

fn keys(constant: &Const, known: &'static [Key]) -> Check {
    let entries = entries(constant)?;
    for (key, value) in entries {
        let Some((name, shape, _)) =
            key.as_str().and_then(|key| known.iter().find(|(name, ..)| *name == key))
        else {
            return Err(format!(
                "unknown key {}",
                crate::listing::clip(|w| crate::listing::write_text(w, key))
            ));
        };
        check(value, *shape).map_err(|what| format!("'{name}': {what}"))?;
    }
    match known.iter().find(|(name, _, required)| *required && constant.get(name).is_none()) {
        Some((name, ..)) => Err(format!("'{name}' is missing")),
        None => Ok(()),
    }
}

fn members(constant: &Const, check: impl Fn(&Const) -> Check) -> Check {
    entries(constant)?.iter().try_for_each(|(key, value)| match key.as_str() {
        Some(name) if is_name(name) => check(value).map_err(|what| format!("'{name}': {what}")),
        _ => Err("a key is no name".to_owned()),
    })
}

fn check(value: &Const, shape: Shape) -> Check {
    let good = match shape {
        Shape::Name => value.as_str().is_some_and(is_name),
        Shape::Text => value.as_str().is_some(),
        Shape::Flag => matches!(value, Const::Bool(_)),
        Shape::Kind => matches!(value.as_str(), Some("data" | "entity")),
        Shape::Names => match value {
            Const::List(names) => names.iter().all(|name| name.as_str().is_some_and(is_name)),
            _ => false,
        },
        Shape::Value => value.as_func().is_some() || !holds_function(value),
        Shape::Type => return type_of(value),
        Shape::Functions => return members(value, function),
        Shape::Counts => return members(value, counts),
        Shape::Lists => return members(value, |names| check(names, Shape::Names)),
        Shape::Members(known) => return members(value, |member| keys(member, known)),
    };
    if good { Ok(()) } else { Err("malformed".to_owned()) }
}

fn function(value: &Const) -> Check {
    value.as_func().map(drop).ok_or_else(|| "it is no function".to_owned())
}

fn counts(value: &Const) -> Check {
    let good = match value {
        Const::List(pair) => match &pair[..] {
            [Const::Int(fewest), Const::Int(most)] => 0 <= *fewest && fewest <= most,
            [Const::Int(fewest), Const::Null] => 0 <= *fewest,
            _ => false,
        },
        _ => false,
    };
    if good { Ok(()) } else { Err("it is no pair of counts".to_owned()) }
}

fn holds_function(value: &Const) -> bool {
    match value {
        Const::Func(_) => true,
        Const::List(items) => items.iter().any(holds_function),
        Const::Map(entries) => entries.iter().any(|(_, value)| holds_function(value)),
        _ => false,
    }
}
