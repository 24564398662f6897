//! `churn promote` and `churn rollback` from outside: the line of champions, and what a failure between steps leaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use churn::{Artifact, Card, sha256_hex};
use tempfile::TempDir;

/// A configuration that trains in no time: one forest of four trees.
const SMALL: &str = "[selection]
candidates = [\"random_forest\"]
folds = 3
repeats = 1
[forest]
trees = 4
max_depth = 4
min_samples_leaf = 20
";

/// A folder with three challengers, `1` to `3`, and their versions.
struct Bench {
    folder: TempDir,
    versions: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        let mut bench =
            Self { folder: TempDir::new().expect("a temporary folder"), versions: vec![String::new()] };
        bench.ok(&["sample", "--rows", "300", "--seed", "7", "-o", "c.csv"]);
        fs::write(bench.path("small.toml"), SMALL).expect("the folder can be written");
        for seed in ["1", "2", "3"] {
            bench.ok(&["train", "--data", "c.csv", "--config", "small.toml", "--seed", seed, "--out", seed]);
            let sha256 = sha256_hex(&bench.read(&format!("{seed}/challenger.msgpack")));
            bench.versions.push(Card::version_of(&sha256));
        }
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_churn"));
        command.env_remove("MLFLOW_TRACKING_URI");
        command.args(arguments).current_dir(self.folder.path()).output().expect("the binary runs")
    }

    fn ok(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Expects this exit status and all of `expected` in the message.
    fn fails(&self, status: i32, arguments: &[&str], expected: &[&str]) {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        for expected in expected {
            assert!(said.contains(expected), "{arguments:?}: {said:?} says nothing of {expected:?}");
        }
    }

    fn promote(&self, challenger: usize) {
        self.ok(&["promote", "--challenger", &format!("{challenger}/challenger.msgpack"), "--out", "p"]);
    }

    /// Which challenger is the champion; it can be read, and its card lies in the history.
    fn champion(&self) -> usize {
        let bytes = self.read("p/champion.msgpack");
        Artifact::decode(&bytes).expect("the champion can be read");
        let sha256 = sha256_hex(&bytes);
        let version = Card::version_of(&sha256);
        let card = String::from_utf8(self.read(&format!("p/history/{version}.card.json"))).expect("text");
        Card::parse(&card, &sha256).expect("the card is the champion's");
        assert_eq!(self.read(&format!("p/history/{version}.msgpack")), bytes);
        self.versions.iter().position(|known| *known == version).expect("one of the challengers")
    }

    /// Verb and challenger of every line of the log.
    fn log(&self) -> Vec<String> {
        let log = String::from_utf8(self.read("p/history/champions.log")).expect("text");
        let line = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            assert!(words[0].len() == 20 && words[0].ends_with('Z'), "{line}");
            let challenger = self.versions.iter().position(|known| known == words[2]);
            format!("{} {}", words[1], challenger.expect("one of the challengers"))
        };
        log.lines().map(line).collect()
    }
}

const ROLLBACK: [&str; 3] = ["rollback", "--out", "p"];

#[test]
fn champions_come_back_one_after_the_other() {
    let bench = Bench::new();
    for challenger in [1, 2, 3] {
        bench.promote(challenger);
        assert_eq!(bench.champion(), challenger);
    }
    bench.ok(&ROLLBACK);
    assert_eq!(bench.champion(), 2);
    bench.ok(&ROLLBACK);
    assert_eq!(bench.champion(), 1);
    bench.fails(2, &ROLLBACK, &["p/history holds no champion before the present one; it holds "]);
    bench.ok(&["rollback", &bench.versions[3], "--out", "p"]);
    assert_eq!(bench.champion(), 3);
    bench.ok(&ROLLBACK);
    assert_eq!(bench.champion(), 1);
    let expected =
        ["promote 1", "promote 2", "promote 3", "rollback 2", "rollback 1", "rollback 3", "rollback 1"];
    assert_eq!(bench.log(), expected);
}

#[test]
fn the_same_promotion_again_changes_nothing() {
    let bench = Bench::new();
    bench.promote(1);
    bench.promote(2);
    let log = bench.read("p/history/champions.log");
    bench.promote(2);
    bench.ok(&["rollback", &bench.versions[2], "--out", "p"]);
    assert_eq!((bench.read("p/history/champions.log"), bench.champion()), (log, 2));
}

#[test]
fn a_version_that_is_not_there_is_answered_with_those_that_are() {
    let bench = Bench::new();
    bench.fails(2, &ROLLBACK, &["p/history holds no champion before the present one; it holds none at all"]);
    assert!(!bench.path("p").exists(), "a name that was mistyped leaves no folder");
    bench.promote(1);
    bench.promote(2);
    let mut kept = bench.versions[1..3].to_vec();
    kept.sort();
    for version in ["0123456789ab", "../champion", "champion", &bench.versions[1][..11]] {
        let expected = format!("p/history holds no version {version}; it holds {}", kept.join(", "));
        bench.fails(2, &["rollback", version, "--out", "p"], &[&expected]);
    }
    assert_eq!(bench.champion(), 2);
}

#[test]
fn an_earlier_champion_that_is_damaged_or_has_no_card_does_not_come_back() {
    let bench = Bench::new();
    bench.promote(1);
    bench.promote(2);
    let kept = format!("p/history/{}.msgpack", bench.versions[1]);
    let card = kept.replace("msgpack", "card.json");
    let (bytes, text) = (bench.read(&kept), bench.read(&card));
    let check = |expected: &str| {
        bench.fails(2, &ROLLBACK, &[expected]);
        assert_eq!((bench.champion(), bench.log()), (2, vec!["promote 1".into(), "promote 2".into()]));
    };
    fs::write(bench.path(&kept), &bytes[..bytes.len() / 2]).expect("the folder can be written");
    check("not a churn model, or damaged");
    fs::copy(bench.path("3/challenger.msgpack"), bench.path(&kept)).expect("the folder can be written");
    check("where a training was cut short, train again");
    fs::copy(bench.path("3/challenger.card.json"), bench.path(&card)).expect("the folder can be written");
    check(&format!(".msgpack holds version {}; give it that name", bench.versions[3]));
    fs::write(bench.path(&kept), &bytes).expect("the folder can be written");
    fs::remove_file(bench.path(&card)).expect("the folder can be written");
    check("cannot read p/history/");
    fs::write(bench.path(&card), text).expect("the folder can be written");
    bench.ok(&ROLLBACK);
    assert_eq!(bench.champion(), 1);
}

#[test]
fn a_champion_that_came_without_a_line_is_kept_and_comes_back() {
    let bench = Bench::new();
    fs::create_dir_all(bench.path("p/history")).expect("the folder can be written");
    let to = |name: &str| bench.path("p/history").join(format!("{}.{name}", bench.versions[1]));
    fs::copy(bench.path("1/challenger.msgpack"), bench.path("p/champion.msgpack")).expect("a copy");
    fs::copy(bench.path("1/challenger.card.json"), to("card.json")).expect("a copy");
    bench.promote(2);
    assert_eq!(bench.log(), ["found 1", "promote 2"]);
    bench.ok(&ROLLBACK);
    assert_eq!(bench.champion(), 1);
}

#[test]
fn a_damaged_champion_gives_way_to_the_one_before() {
    let bench = Bench::new();
    bench.promote(1);
    fs::write(bench.path("p/champion.msgpack"), "damaged").expect("the folder can be written");
    bench.ok(&ROLLBACK);
    assert_eq!(bench.champion(), 1);
}

/// Something that is no regular file stands where a step wants to write.
fn blocked(step: &str, path: &str) {
    let bench = Bench::new();
    bench.promote(1);
    let path = bench.path(&path.replace("VERSION", &bench.versions[2]));
    fs::create_dir_all(path.join("in the way")).expect("the folder can be written");
    let promote = ["promote", "--challenger", "2/challenger.msgpack", "--out", "p"];
    bench.fails(1, &promote, &["cannot write p/", "no regular file"]);
    fs::remove_dir_all(&path).expect("the folder can be written");
    assert_eq!(bench.champion(), 1, "{step}");
    bench.ok(&promote);
    assert_eq!(bench.champion(), 2, "{step}");
    bench.ok(&ROLLBACK);
    assert_eq!(bench.champion(), 1, "{step}");
}

#[test]
fn a_step_that_fails_leaves_the_old_champion_with_its_card_and_the_way_back() {
    blocked("the artifact", "p/history/VERSION.msgpack");
    blocked("the card", "p/history/VERSION.card.json");
}

#[test]
fn a_log_that_was_quicker_than_the_champion_is_put_right() {
    // What is left where the process ends after the log and before the champion.
    let bench = Bench::new();
    bench.promote(1);
    let old = bench.read("p/champion.msgpack");
    bench.promote(2);
    fs::write(bench.path("p/champion.msgpack"), old).expect("the folder can be written");
    bench.fails(2, &ROLLBACK, &["no champion before the present one"]);
    bench.promote(3);
    assert_eq!(bench.log(), ["promote 1", "promote 2", "found 1", "promote 3"]);
    bench.ok(&ROLLBACK);
    assert_eq!(bench.champion(), 1);
}

#[test]
fn a_log_of_another_shape_stops_before_anything_is_written() {
    let bench = Bench::new();
    bench.promote(1);
    fs::write(bench.path("p/history/champions.log"), "once upon a time\n")
        .expect("the folder can be written");
    let promote = ["promote", "--challenger", "2/challenger.msgpack", "--out", "p"];
    let expected = "p/history/champions.log, line 1, is \"once upon a time\", expected TIME promote|rollback|found VERSION";
    bench.fails(2, &promote, &[expected]);
    assert!(!Path::new(&bench.path(&format!("p/history/{}.msgpack", bench.versions[2]))).exists());
    assert_eq!(bench.champion(), 1);
}

#[test]
fn a_last_line_without_a_line_feed_is_not_joined_to_the_next() {
    let bench = Bench::new();
    bench.promote(1);
    let log = bench.read("p/history/champions.log");
    fs::write(bench.path("p/history/champions.log"), log.trim_ascii_end())
        .expect("the folder can be written");
    bench.promote(2);
    assert_eq!(bench.log(), ["promote 1", "promote 2"]);
}

#[test]
fn of_promotions_at_once_each_has_its_line() {
    let bench = Bench::new();
    for _ in 0..4 {
        std::thread::scope(|scope| {
            for challenger in [1, 2, 3] {
                let bench = &bench;
                scope.spawn(move || bench.promote(challenger));
            }
        });
    }
    let log = bench.log();
    let last = log.last().expect("lines").clone();
    assert_eq!(last, format!("promote {}", bench.champion()));
    // A promotion of the present champion has no line, so of each round at least two do.
    assert!(8 < log.len() && log.windows(2).all(|pair| pair[0] != pair[1]), "{log:?}");
}
