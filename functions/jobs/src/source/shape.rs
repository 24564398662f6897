//! What a file is where it is no table of customers: empty, of another encoding, with other separators or names.

use churn::{CUSTOMER_ID, Field, nearest};

use super::{LABEL, Labels};
use crate::format::shown;

/// Refuses what is plainly no comma-separated UTF-8.
pub(super) fn check_format(file: &[u8]) -> Result<(), String> {
    let text = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    if text.trim_ascii().is_empty() {
        return Err("the file is empty".into());
    }
    if file.starts_with(b"\xff\xfe") || file.starts_with(b"\xfe\xff") || first.contains(&0) {
        return Err("the file looks like UTF-16; save it as UTF-8".into());
    }
    let separators = [(b';', "semicolons"), (b'\t', "tabs"), (b'|', "bars")];
    match separators.iter().find(|(separator, _)| first.contains(separator) && !first.contains(&b',')) {
        Some((_, name)) => Err(format!("the columns are separated by {name}; save the file with commas")),
        None => Ok(()),
    }
}

/// Checks that every needed column is there, once, and that the id's name is no near miss: ids that are not read would
/// change the hold-out without a word.
pub(super) fn check_header(names: &[&str], labels: Labels) -> Result<(), String> {
    let label = (labels == Labels::Required).then_some(LABEL);
    let needed: Vec<&'static str> = Field::ALL.iter().map(|field| field.name()).chain(label).collect();
    let missing: Vec<&'static str> = needed.iter().copied().filter(|name| !names.contains(name)).collect();
    if !missing.is_empty() {
        let near = names.iter().filter_map(|name| Some((name, nearest(name, &missing)?)));
        let near: Vec<String> =
            near.map(|(name, meant)| format!("`{}` for `{meant}`", shown(name))).collect();
        let hint = if near.is_empty() { String::new() } else { format!("; is {} meant?", near.join(", ")) };
        return Err(format!("the header has no column {}{hint}", missing.join(", ")));
    }
    let has_id = names.contains(&CUSTOMER_ID);
    if let Some(name) = names.iter().find(|name| !has_id && letters(name) == letters(CUSTOMER_ID)) {
        let name = shown(name);
        return Err(format!(
            "the header has column `{name}`; is `{CUSTOMER_ID}` meant? Names are matched exactly"
        ));
    }
    let mut read =
        needed.into_iter().chain([CUSTOMER_ID]).chain((labels == Labels::Optional).then_some(LABEL));
    match read.find(|&name| 1 < names.iter().filter(|n| **n == name).count()) {
        Some(name) => Err(format!("the header has column {name} more than once")),
        None => Ok(()),
    }
}

/// Letters and digits alone, in lower case.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
