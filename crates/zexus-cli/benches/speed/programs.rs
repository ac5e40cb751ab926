//! The benchmark programs on each tier beside other languages.

use std::path::{Path, PathBuf};

use crate::ZEXUS;
use crate::child::{Cost, run, version};

/// Rounds in which all contestants run once, one after the other; the medians count.
const ROUNDS: usize = 5;

/// A program with the sizes that take tiers 0, 1 and 2 up to a second, and whether PUC Lua can run it: without a library it cannot hash.
struct Program(&'static str, u64, u64, u64, bool);

const PROGRAMS: &[Program] = &[
    Program("arith_loop", 2_000_000, 10_000_000, 50_000_000, true),
    Program("fib", 27, 30, 35, true),
    Program("sieve", 200_000, 2_000_000, 5_000_000, true),
    Program("nbody", 20_000, 200_000, 2_000_000, true),
    Program("mandelbrot", 30, 200, 1_000, true),
    Program("matmul", 1, 3, 20, true),
    Program("map_int", 500_000, 1_000_000, 5_000_000, true),
    Program("map_str", 300_000, 300_000, 2_000_000, true),
    Program("strings", 50, 100, 200, true),
    Program("closures", 500_000, 4_000_000, 20_000_000, true),
    Program("objects", 500_000, 5_000_000, 50_000_000, true),
    Program("hash_loop", 50_000, 100_000, 300_000, false),
    Program("merkle", 10, 30, 100, false),
    Program("token_transfer", 50_000, 300_000, 1_000_000, true),
    Program("quicksort", 60_000, 300_000, 1_000_000, true),
    Program("binary_trees", 9, 12, 14, true),
];

/// The programs of one run of the bench.
pub struct Bench<'a> {
    pub root: &'a Path,
    pub scratch: &'a Path,
    /// Only programs whose names contain this.
    pub filter: &'a str,
}

/// Who runs a program.
enum Contestant {
    /// `zexus run` with these options.
    Zexus(Vec<&'static str>),
    /// An interpreter, the directory of its programs, their ending.
    Other(&'static str, &'static str, &'static str),
}

impl Contestant {
    fn run(&self, bench: &Bench<'_>, name: &str, size: u64, file: &Path) -> (Cost, String) {
        match self {
            Contestant::Zexus(options) => {
                let mut args = vec!["run".to_owned()];
                args.extend(options.iter().map(|o| (*o).to_owned()));
                args.push(file.to_string_lossy().into_owned());
                run(ZEXUS, &args)
            }
            Contestant::Other(program, dir, ending) => {
                let script = bench.root.join(format!("bench/{dir}/{name}.{ending}"));
                run(program, &[script.to_string_lossy().into_owned(), size.to_string()])
            }
        }
    }
}

const PYTHON: Contestant = Contestant::Other("python3", "py", "py");
const LUAJIT: Contestant = Contestant::Other("luajit", "lua", "lua");
const NODE: Contestant = Contestant::Other("node", "js", "js");
const LUA: Contestant = Contestant::Other("lua5.4", "lua", "lua");

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Means of ratios, column by column.
#[derive(Default)]
struct Means(Vec<Vec<f64>>);

impl Means {
    fn add(&mut self, column: usize, ratio: Option<f64>) -> String {
        if self.0.len() <= column {
            self.0.resize_with(column + 1, Vec::new);
        }
        self.0[column].extend(ratio);
        ratio.map_or_else(|| format!("{:>9}", "-"), |r| format!("{r:>9.2}"))
    }

    fn row(&self) -> String {
        let mean = |column: &Vec<f64>| match column.len() {
            0 => format!("{:>9}", "-"),
            n => format!("{:>9.2}", (column.iter().map(|r| r.ln()).sum::<f64>() / n as f64).exp()),
        };
        self.0.iter().map(mean).collect()
    }
}

impl Bench<'_> {
    fn programs(&self) -> impl Iterator<Item = &'static Program> {
        PROGRAMS.iter().filter(|p| p.0.contains(self.filter))
    }

    /// The program with another size.
    fn sized(&self, name: &str, size: u64) -> PathBuf {
        let source =
            std::fs::read_to_string(self.root.join(format!("bench/zexus/{name}.zx"))).expect("a program");
        let (first, rest) = source.split_once('\n').expect("two lines");
        assert!(first.starts_with("let N = "), "{name} begins with its size");
        let file = self.scratch.join(format!("{name}.zx"));
        std::fs::write(&file, format!("let N = {size};\n{rest}")).expect("a program");
        file
    }

    /// Lets all contestants run in turn; medians of processor time and memory. All must print the same.
    fn contest(&self, name: &str, size: u64, all: &[Option<Contestant>]) -> Vec<Option<Cost>> {
        let file = self.sized(name, size);
        let mut costs: Vec<Vec<Cost>> = all.iter().map(|_| Vec::new()).collect();
        let mut expected: Option<String> = None;
        for _ in 0..ROUNDS {
            for (contestant, costs) in all.iter().zip(&mut costs) {
                let Some(contestant) = contestant else { continue };
                let (cost, output) = contestant.run(self, name, size, &file);
                assert_eq!(expected.get_or_insert(output.clone()), &output, "{name} gives the same checksum");
                costs.push(cost);
            }
        }
        let medians = |list: &Vec<Cost>| {
            (!list.is_empty()).then(|| Cost {
                wall: median(list.iter().map(|c| c.wall).collect()),
                cpu: median(list.iter().map(|c| c.cpu).collect()),
                memory: median(list.iter().map(|c| c.memory).collect()),
            })
        };
        costs.iter().map(medians).collect()
    }

    /// Tier 0 beside CPython.
    pub fn tier0(&self) {
        let python = version("python3", "--version");
        println!(
            "Tier 0 and {}, processor time, medians of {ROUNDS} interleaved rounds, start-up included",
            python.as_deref().unwrap_or("(no python3)")
        );
        println!("  {:<15}{:>10}{:>10}{:>9}", "program", "size", "seconds", "/ python");
        let mut means = Means::default();
        for Program(name, size, ..) in self.programs() {
            let all = [Some(Contestant::Zexus(vec!["--tier", "0"])), python.is_some().then_some(PYTHON)];
            let costs = self.contest(name, *size, &all);
            let [Some(own), theirs] = costs[..] else { continue };
            let ratio = means.add(0, theirs.map(|t| own.cpu / t.cpu));
            println!("  {name:<15}{size:>10}{:>10.3}{ratio}", own.cpu);
        }
        println!("  {:<35}{}\n", "geometric mean", means.row());
    }

    /// Tier 1 at each level of the optimizer beside level 0.
    pub fn levels(&self) {
        println!(
            "Tier 1 by level of the optimizer, processor time as a part of that at level 0, medians of {ROUNDS} interleaved rounds"
        );
        println!(
            "  {:<15}{:>10}{:>10}{:>9}{:>9}{:>9}{:>9}",
            "program", "size", "seconds", "level 1", "level 2", "level 3", "metered 3"
        );
        const GAS: [&str; 4] = ["--gas-limit", "1000000000000", "--memory-limit", "16G"];
        let at = |level: &'static str, gas: &[&'static str]| {
            Some(Contestant::Zexus([&["--tier", "1", "--opt-level", level], gas].concat()))
        };
        let mut means = Means::default();
        for Program(name, _, size, ..) in self.programs() {
            let all = [at("0", &[]), at("1", &[]), at("2", &[]), at("3", &[]), at("0", &GAS), at("3", &GAS)];
            let costs: Vec<Cost> = self.contest(name, *size, &all).into_iter().flatten().collect();
            let [zero, one, two, three, paid, paid_three] = costs[..] else { continue };
            let ratios = [(one, zero), (two, zero), (three, zero), (paid_three, paid)];
            let row = ratios.iter().enumerate().map(|(at, (a, b))| means.add(at, Some(a.cpu / b.cpu)));
            println!("  {name:<15}{size:>10}{:>10.3}{}", zero.cpu, row.collect::<String>());
        }
        println!("  {:<35}{}\n", "geometric mean", means.row());
    }

    /// Tier 1, plain and metered, beside Lua and CPython.
    pub fn tier1(&self) {
        let (lua, python) = (version("lua5.4", "-v"), version("python3", "--version"));
        println!(
            "Tier 1, {} and {}, processor time, medians of {ROUNDS} interleaved rounds, start-up included",
            lua.as_deref().unwrap_or("(no lua5.4)"),
            python.as_deref().unwrap_or("(no python3)")
        );
        println!(
            "  {:<15}{:>10}{:>10}{:>9}{:>9}{:>9}{:>9}{:>9}",
            "program", "size", "seconds", "/ lua", "/ python", "metered", "MB", "MB / lua"
        );
        let mut means = Means::default();
        for Program(name, _, size, _, in_lua) in self.programs() {
            let all = [
                Some(Contestant::Zexus(vec!["--tier", "1"])),
                Some(Contestant::Zexus(vec![
                    "--tier",
                    "1",
                    "--gas-limit",
                    "1000000000000",
                    "--memory-limit",
                    "16G",
                ])),
                (lua.is_some() && *in_lua).then_some(LUA),
                python.is_some().then_some(PYTHON),
            ];
            let costs = self.contest(name, *size, &all);
            let [Some(own), Some(metered), lua, python] = costs[..] else { continue };
            let row = [
                means.add(0, lua.map(|t| own.cpu / t.cpu)),
                means.add(1, python.map(|t| own.cpu / t.cpu)),
                means.add(2, Some(metered.cpu / own.cpu)),
                format!("{:>9.1}", own.memory),
                means.add(3, lua.map(|t| own.memory / t.memory)),
            ];
            println!("  {name:<15}{size:>10}{:>10.3}{}", own.cpu, row.concat());
        }
        let means = means.row();
        let (times, memory) = means.split_at(means.len().min(27));
        println!("  {:<35}{times}{:>9}{memory}\n", "geometric mean", "");
    }

    /// Tier 2, plain and metered, beside tier 1, LuaJIT and Node.
    pub fn tier2(&self) {
        let (luajit, node) = (version("luajit", "-v"), version("node", "--version"));
        println!(
            "Tier 2, {} and Node {}, processor time, medians of {ROUNDS} interleaved rounds, start-up included",
            luajit.as_deref().unwrap_or("(no luajit)"),
            node.as_deref().unwrap_or("(not there)")
        );
        println!(
            "  {:<15}{:>10}{:>10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
            "program", "size", "seconds", "/ tier 1", "/ luajit", "/ node", "metered", "MB", "MB / node"
        );
        let mut means = Means::default();
        for Program(name, _, _, size, _) in self.programs() {
            let gas = ["--tier", "2", "--gas-limit", "1000000000000", "--memory-limit", "16G"];
            let all = [
                Some(Contestant::Zexus(vec!["--tier", "2"])),
                Some(Contestant::Zexus(gas.to_vec())),
                Some(Contestant::Zexus(vec!["--tier", "1"])),
                luajit.is_some().then_some(LUAJIT),
                node.is_some().then_some(NODE),
            ];
            let costs = self.contest(name, *size, &all);
            let [Some(own), Some(metered), Some(one), luajit, node] = costs[..] else { continue };
            let row = [
                means.add(0, Some(own.cpu / one.cpu)),
                means.add(1, luajit.map(|t| own.cpu / t.cpu)),
                means.add(2, node.map(|t| own.cpu / t.cpu)),
                means.add(3, Some(metered.cpu / own.cpu)),
                format!("{:>9.1}", own.memory),
                means.add(4, node.map(|t| own.memory / t.memory)),
            ];
            println!("  {name:<15}{size:>10}{:>10.3}{}", own.cpu, row.concat());
        }
        let means = means.row();
        let (times, memory) = means.split_at(means.len().min(36));
        println!("  {:<35}{times}{:>9}{memory}\n", "geometric mean", "");
    }
}
