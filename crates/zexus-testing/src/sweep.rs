//! The out-of-gas sweep: a run that gas ends at any point leaves no trace.

use zexus::Observation;

/// How many limits are tried one by one; above that, the limits at which the run gets one step further.
const EACH: u64 = 20_000;

/// How a run with a gas limit ended: what it left, and what it used.
pub type Run<'e> = &'e dyn Fn(Option<u64>) -> Observation;

/// What a sweep saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swept {
    /// The smallest limit that is enough.
    pub enough: u64,
    /// How many limits were tried.
    pub limits: u64,
}

/// Why a sweep failed: the limit, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The limit.
    pub limit: u64,
    /// What is wrong.
    pub what: String,
}

/// Runs a program with every gas limit from 0 to what is enough, and checks that each run that does not get to the end ends with
/// E0504 and leaves state, ledger and events as `before` has them, and that the run with enough gas does what the run without a limit
/// does.
///
/// `execute` runs the program on fresh state with a limit, metered in any case. With more than 20,000 units only the limits around
/// the amounts that failing runs report as used are tried, which is each block that charges gas.
///
/// # Errors
/// The first limit at which something else happens.
pub fn sweep(before: &Observation, execute: Run<'_>) -> Result<Swept, Leak> {
    let whole = execute(None);
    let Some(enough) = whole.gas else {
        return Err(Leak { limit: u64::MAX, what: "the run without a limit reports no gas".into() });
    };
    let mut limit = 0;
    let mut limits = 0;
    while limit < enough {
        let run = execute(Some(limit));
        limits += 1;
        let code = run.errors.first().map_or("", |e| e.code.as_str());
        if code != "E0504" {
            return Err(Leak { limit, what: format!("ends with '{code}' instead of E0504") });
        }
        check(before, &run).map_err(|what| Leak { limit, what })?;
        // What was asked for is the first number of `Out of gas: used 52/50`.
        let asked = run.errors.first().and_then(|e| used(&e.message));
        limit = match asked {
            Some(asked) if enough > EACH => {
                if asked <= limit {
                    return Err(Leak {
                        limit,
                        what: format!("out of gas although only {asked} was asked for"),
                    });
                }
                // One below what would let it go on, and then that.
                if asked - 1 > limit { asked - 1 } else { asked }
            }
            _ => limit + 1,
        };
    }
    let run = execute(Some(enough));
    match whole.difference(&run) {
        None => Ok(Swept { enough, limits: limits + 1 }),
        Some(d) => Err(Leak { limit: enough, what: format!("{} differs: {} / {}", d.what, d.one, d.other) }),
    }
}

fn used(message: &str) -> Option<u64> {
    message.strip_prefix("Out of gas: used ")?.split('/').next()?.parse().ok()
}

fn check(before: &Observation, after: &Observation) -> Result<(), String> {
    let parts = [
        ("state", before.state == after.state),
        ("ledger", before.ledger == after.ledger),
        ("events", before.events == after.events),
    ];
    match parts.iter().find(|part| !part.1) {
        None => Ok(()),
        Some((name, _)) => Err(format!("{name} changed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zexus::ErrorSeen;

    /// A program of so many steps of one price; `leaks` at which limit, if at all.
    fn program(steps: u64, price: u64, leaks: Option<u64>) -> impl Fn(Option<u64>) -> Observation {
        move |limit| {
            let whole = steps * price;
            let limit = limit.unwrap_or(u64::MAX);
            let mut outcome = Observation { gas: Some(whole.min(limit)), ..Observation::default() };
            if limit < whole {
                let message = format!("Out of gas: used {}/{limit}", (limit / price + 1) * price);
                outcome.errors.push(ErrorSeen {
                    code: "E0504".into(),
                    message,
                    place: String::new(),
                    span: None,
                    calls: Vec::new(),
                });
            }
            if limit >= whole || leaks == Some(limit) {
                outcome.events.push("E".into());
            }
            outcome
        }
    }

    #[test]
    fn every_limit_is_tried() {
        let before = Observation::default();
        assert_eq!(sweep(&before, &program(5, 3, None)), Ok(Swept { enough: 15, limits: 16 }));
        let leak = Leak { limit: 7, what: "events changed".into() };
        assert_eq!(sweep(&before, &program(5, 3, Some(7))), Err(leak));
    }

    #[test]
    fn of_many_limits_those_around_steps_are_tried() {
        let before = Observation::default();
        let swept = sweep(&before, &program(100, 1000, None)).unwrap();
        assert_eq!(swept, Swept { enough: 100_000, limits: 201 });
        assert!(sweep(&before, &program(100, 1000, Some(41_999))).is_err());
        assert!(sweep(&before, &program(100, 1000, Some(42_000))).is_err());
    }
}
