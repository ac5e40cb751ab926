//! How a program is executed.

use std::fmt;
use std::str::FromStr;

use zexus::{JitDefect, JitMode};

/// One way to execute a program; its text is its words joined by `+`, such as `tier0+stress`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Config {
    /// 0: the reference evaluator; 1: the virtual machine; 2: native code, where everything is hot at the first chance.
    pub tier: u8,
    /// Collects at every safe point.
    pub stress: bool,
    /// Counts gas, with a limit that no program reaches.
    pub metered: bool,
    /// The level of the optimiser, if not that of the engine.
    pub level: Option<u8>,
    /// Traces the run, which links it one instruction at a time.
    pub traced: bool,
    /// How native code is made.
    pub jit: JitMode,
    /// Executes one opcode wrongly, to show that this is found.
    pub planted: bool,
}

/// The configurations that are compared if none are named; the first is the reference.
pub const MATRIX: &[Config] = &[
    Config::TIER0,
    Config { stress: true, ..Config::TIER0 },
    Config::TIER1,
    Config { stress: true, ..Config::TIER1 },
    Config { metered: true, ..Config::TIER1 },
    Config { level: Some(0), metered: true, ..Config::TIER1 },
    Config { level: Some(2), ..Config::TIER1 },
    Config { level: Some(3), ..Config::TIER1 },
    Config { level: Some(3), metered: true, ..Config::TIER1 },
    Config::TIER2,
    Config { metered: true, ..Config::TIER2 },
    Config { stress: true, jit: JitMode::Restless, ..Config::TIER2 },
    Config { metered: true, jit: JitMode::Careful, level: Some(0), ..Config::TIER2 },
];

impl Config {
    /// The reference.
    pub const TIER0: Config = Config {
        tier: 0,
        stress: false,
        metered: false,
        level: None,
        traced: false,
        jit: JitMode::Normal,
        planted: false,
    };

    /// The virtual machine.
    pub const TIER1: Config = Config { tier: 1, ..Config::TIER0 };

    /// Native code.
    pub const TIER2: Config = Config { tier: 2, ..Config::TIER0 };

    /// Whether this build can execute it.
    pub fn is_available(self) -> bool {
        (self.tier > 0 || !self.metered && !self.traced && !self.planted && self.level.is_none())
            && !(self.traced && self.planted)
    }
}

/// Why a text names no configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// A word that means nothing here.
    Unknown(String),
    /// A configuration that this build has not.
    Unavailable(Config),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::Unknown(word) => write!(
                f,
                "unknown word '{word}' in a configuration; the words are tier0, tier1, tier2, restless, careful, tiny, wrong-guard, missed-exit, lost-charge, stress, metered, traced, level0 to level3, planted"
            ),
            ConfigError::Unavailable(config) => write!(f, "this build cannot execute {config}"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tier{}", self.tier)?;
        if let Some(level) = self.level {
            write!(f, "+level{level}")?;
        }
        match self.jit {
            JitMode::Normal => (),
            JitMode::Restless => write!(f, "+restless")?,
            JitMode::Careful => write!(f, "+careful")?,
            JitMode::Tiny => write!(f, "+tiny")?,
            JitMode::Planted(JitDefect::WrongGuard) => write!(f, "+wrong-guard")?,
            JitMode::Planted(JitDefect::MissedExit) => write!(f, "+missed-exit")?,
            JitMode::Planted(JitDefect::LostCharge) => write!(f, "+lost-charge")?,
        }
        let words = [
            (self.stress, "stress"),
            (self.metered, "metered"),
            (self.traced, "traced"),
            (self.planted, "planted"),
        ];
        words.iter().filter(|(on, _)| *on).try_for_each(|(_, word)| write!(f, "+{word}"))
    }
}

impl FromStr for Config {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Config, ConfigError> {
        let mut config = Config::default();
        for word in text.split('+') {
            match word.trim() {
                "tier0" => config.tier = 0,
                "tier1" => config.tier = 1,
                "tier2" => config.tier = 2,
                "restless" => config.jit = JitMode::Restless,
                "careful" => config.jit = JitMode::Careful,
                "tiny" => config.jit = JitMode::Tiny,
                "wrong-guard" => config.jit = JitMode::Planted(JitDefect::WrongGuard),
                "missed-exit" => config.jit = JitMode::Planted(JitDefect::MissedExit),
                "lost-charge" => config.jit = JitMode::Planted(JitDefect::LostCharge),
                "stress" => config.stress = true,
                "metered" => config.metered = true,
                "traced" => config.traced = true,
                "level0" => config.level = Some(0),
                "level1" => config.level = Some(1),
                "level2" => config.level = Some(2),
                "level3" => config.level = Some(3),
                "planted" => config.planted = true,
                other => return Err(ConfigError::Unknown(other.to_owned())),
            }
        }
        match config.is_available() {
            true => Ok(config),
            false => Err(ConfigError::Unavailable(config)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_read_back() {
        for config in MATRIX {
            assert_eq!(config.to_string().parse::<Config>(), Ok(*config));
        }
        let all = Config {
            tier: 1,
            stress: true,
            metered: true,
            level: Some(2),
            traced: true,
            jit: JitMode::Tiny,
            planted: true,
        };
        assert_eq!(all.to_string(), "tier1+level2+tiny+stress+metered+traced+planted");
        assert_eq!("tier0+fast".parse::<Config>(), Err(ConfigError::Unknown("fast".into())));
    }
}
