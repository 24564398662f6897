//! What is wrong with a configuration, in words that name section, line and limit.

use crate::format::{printable, shown};

/// Longer messages are cut: they may repeat a value of any length.
const LONGEST: usize = 400;

/// The fault that the TOML reader found in `text`.
pub(super) fn told(text: &str, error: &toml::de::Error) -> String {
    let mut message: String = printable(error.message()).chars().take(LONGEST).collect();
    if error.message().chars().nth(LONGEST).is_some() {
        message += "...";
    }
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return message };
    let line = before.matches('\n').count();
    let section = before.lines().rev().find_map(section).map_or_else(String::new, |name| format!(", {name}"));
    let source = text.lines().nth(line).unwrap_or_default().trim();
    format!("line {}{section}: `{}`: {message}", line + 1, shown(source))
}

/// The section that `line` begins, such as `[forest]`.
fn section(line: &str) -> Option<&str> {
    let name = line.trim().strip_prefix('[')?.strip_suffix(']')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    is_name.then(|| line.trim())
}

/// A number of `section` outside of its range.
pub(super) fn out_of_range(section: &str, name: &str, found: impl ToString, expected: &str) -> String {
    format!("[{section}] {name} is {}, expected {expected}", found.to_string())
}
