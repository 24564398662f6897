//! The revision of the code that this program is built from, for the cards that it writes: where it is run, another
//! repository may be, or none.

use std::path::Path;
use std::process::Command;

/// Root of the repository, seen from this package.
const ROOT: &str = "../..";
/// What the program is made of, below the root; other files may change without a change of the program.
const SOURCES: [&str; 5] =
    ["Cargo.lock", "Cargo.toml", "functions/jobs/build.rs", "functions/jobs/src", "shared"];

fn main() {
    for source in SOURCES {
        println!("cargo::rerun-if-changed={ROOT}/{source}");
    }
    // A copy without `.git` may lie inside a repository of something else, whose revision says nothing.
    if !Path::new(ROOT).join(".git").exists() {
        return;
    }
    watch();
    if let Some(revision) = revision() {
        println!("cargo::rustc-env=CHURN_REVISION={revision}");
    }
}

/// Builds again after a commit and after a checkout. A watched file that does not exist would build again every time.
fn watch() {
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]);
    for name in ["HEAD", "logs/HEAD", "packed-refs"].into_iter().chain(branch.as_deref()) {
        if let Some(path) = git(&["rev-parse", "--git-path", name]) {
            let path = Path::new(ROOT).join(path);
            if path.exists() {
                println!("cargo::rerun-if-changed={}", path.display());
            }
        }
    }
}

/// The commit, with `-dirty` where the sources are not those of the commit; `None` where git does not say.
fn revision() -> Option<String> {
    let commit = git(&["rev-parse", "--verify", "HEAD"])?;
    let status = [&["status", "--porcelain", "--"], &SOURCES[..]].concat();
    let changes = git(&status)?;
    Some(if changes.is_empty() { commit } else { commit + "-dirty" })
}

/// What git says at the root, without the line feed.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(ROOT).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
