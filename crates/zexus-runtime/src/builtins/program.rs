//! The program, time and the environment (language.md 18.7).

use super::{arg, given, need_named, rows, text_of};
use crate::display::{self, Text};
use crate::host::Caps;
use crate::interp::Interp;
use crate::machine::Machine;
use crate::tasks;
use crate::trap::{Pending, Trap};
use crate::value::{Kind, Value};

rows! {
    ROWS in "";
    /// Writes the display forms of all arguments, separated by a space, and a line end.
    ["print"] (xs: Many) gas Operation => Plain(print);
    /// A line of input without its end; null at the end of input.
    ["input"] (prompt: Str = "\"\"") needs IO_READ => Plain(input);
    /// Writes the repr form of a value to the diagnostic stream and gives the value.
    ["debug"] (x: Any) => Plain(debug);
    /// Writes a line to the diagnostic stream.
    ["debug_log"] (x: Any, v: Any = "null") gas Text => Plain(debug_log);
    /// Writes a line to the diagnostic stream.
    ["debug_trace"] (s: Str) gas Text => Plain(debug_trace);
    /// Whether this is the main file.
    ["is_main"] () => Plain(|m, _| Ok(Value::bool(&*m.module.0 == MAIN_MODULE)));
    /// The module's name: `"__main__"` or its path.
    ["get_module_name"] () => Plain(|m, _| m.string(m.module.0.clone()));
    /// The path of the running file.
    ["get_module_path"] () => Plain(|m, _| m.string(m.module.1.clone()));
    /// Registers a function that runs when the program ends.
    ["on_exit"] (f: Callable) => Plain(on_exit);
    /// Ends the program.
    ["exit_program"] (code: Int = "0") => Plain(exit_program);
    /// The time as a DateTime.
    ["now"] () needs CLOCK => Plain(now);
    /// The time in whole seconds, or that of a DateTime.
    ["timestamp"] (dt: DateTime = "") => Plain(timestamp);
    /// The time in whole milliseconds.
    ["time"] () needs CLOCK => Plain(|m, _| Ok(Value::int(m.host.now())));
    /// Waits.
    ["sleep"] (seconds: Number) => Calling(sleep);
    /// A variable of the environment.
    ["env_get"] (name: Str, default: Any = "null") needs ENV => Plain(env_get);
    /// Sets a variable, for this program only.
    ["env_set"] (name: Str, v: Str) needs ENV => Plain(env_set);
    /// Whether a variable is set.
    ["env_exists"] (name: Str) needs ENV => Plain(|m, args| Ok(Value::bool(env(m, args).is_some())));
}

const MAIN_MODULE: &str = "__main__";

/// The most seconds that `sleep` takes: a thousand years.
const MOST_SECONDS: f64 = 31_557_600_000.0;

fn print(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let mut text = Text::new(m);
    for (i, v) in args.iter().enumerate() {
        if i > 0 {
            text.push(" ")?;
        }
        display::write(m, &mut text, *v)?;
    }
    text.push("\n")?;
    let line = text.finish(m)?;
    crate::policy::trail(m, "print", || line.strip_suffix('\n').unwrap_or(&line).to_owned());
    let printed = m.printed.saturating_add(line.len() as u64);
    if m.limits.output.is_some_and(|limit| printed > limit) {
        return Err(Trap::OutputLimit);
    }
    m.printed = printed;
    m.host.print(&line).map(|()| Value::NULL).map_err(|why| {
        m.pending = Some(Box::new(Pending::error(0, why)));
        Trap::HostFailed
    })
}

fn input(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let prompt = text_of(m, args, 0);
    let line = m.host.input(&prompt);
    if m.host.interrupted() {
        return Err(Trap::Interrupted);
    }
    match line {
        Ok(Some(line)) => m.string(line),
        Ok(None) => Ok(Value::NULL),
        Err(why) => Err(m.error(432, why)),
    }
}

fn debug(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let text = crate::display::repr(m, arg(args, 0))?;
    diagnose(m, &format!("DEBUG: {text}"));
    Ok(arg(args, 0))
}

fn debug_log(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let mut line = Text::new(m);
    display::write(m, &mut line, arg(args, 0))?;
    if let Some(v) = args.get(1) {
        line.push(" ")?;
        display::write(m, &mut line, *v)?;
    }
    let line = line.finish(m)?;
    diagnose(m, &line);
    Ok(Value::NULL)
}

fn debug_trace(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let line = text_of(m, args, 0);
    diagnose(m, &line);
    Ok(Value::NULL)
}

fn diagnose(m: &mut Machine, line: &str) {
    m.host.diagnostic(line);
    crate::policy::trail(m, "debug", || line.to_owned());
}

fn on_exit(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    m.keep(16)?;
    let confined = m.policy.confined();
    m.exit_hooks.push_back((arg(args, 0), confined));
    Ok(Value::NULL)
}

fn exit_program(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    if m.journal.depth() > 0 {
        return Err(m.error(511, "exit_program is not possible inside a transaction"));
    }
    let code = match given(args, 0).map(Value::kind) {
        None => Some(0),
        Some(Kind::Int(code)) => u8::try_from(code).ok(),
        _ => None,
    };
    let Some(code) = code else { return Err(m.error(415, "an exit code is a number from 0 to 255")) };
    m.exit_code = code;
    Err(Trap::Exit)
}

/// `now()`.
pub(crate) fn now(m: &mut Machine, _args: &[Value]) -> Result<Value, Trap> {
    Ok(Value::datetime(m.host.now().saturating_mul(1000)))
}

/// `timestamp()`, `timestamp(dt)`.
pub(crate) fn timestamp(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    if let Some(Kind::DateTime(micros)) = args.first().map(|v| v.kind()) {
        return Ok(Value::int(micros.div_euclid(1_000_000)));
    }
    need_named(m, "timestamp", Caps::CLOCK)?;
    Ok(Value::int(m.host.now().div_euclid(1000)))
}

fn sleep(interp: &mut dyn Interp, args: &[Value]) -> Result<Value, Trap> {
    let seconds = match arg(args, 0).kind() {
        Kind::Int(i) => i as f64,
        Kind::Float(f) => f,
        _ => f64::INFINITY,
    };
    if !(0.0..=MOST_SECONDS).contains(&seconds) {
        return Err(interp
            .machine()
            .error(415, "a number of seconds is not negative, and at most a thousand years"));
    }
    // A time that is not 0 never counts as 0, which would only give others their turn.
    tasks::sleep(interp, (seconds * 1000.0).ceil() as i64)?;
    Ok(Value::NULL)
}

fn env(m: &mut Machine, args: &[Value]) -> Option<String> {
    let name = text_of(m, args, 0);
    match m.env.get(&*name) {
        Some(v) => Some(v.clone()),
        None => m.host.env(&name),
    }
}

fn env_get(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    match env(m, args) {
        Some(v) => m.string(v),
        None => Ok(arg(args, 1)),
    }
}

fn env_set(m: &mut Machine, args: &[Value]) -> Result<Value, Trap> {
    let (name, v) = (text_of(m, args, 0).to_string(), text_of(m, args, 1).to_string());
    m.keep(64 + name.len() as u64 + v.len() as u64)?;
    let length = name.len() as u64;
    if let Some(old) = m.env.insert(name, v) {
        m.let_go(64 + length + old.len() as u64);
    }
    Ok(Value::NULL)
}
