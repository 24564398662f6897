use std::io::{PipeReader, Read};

use serde_json::{Value, json};

use super::*;

fn pipe() -> (PipeReader, Log) {
    let (reader, writer) = io::pipe().expect("a pipe");
    (reader, Log::to(writer.into()))
}

fn line(number: usize) -> Value {
    json!({"number": number, "text": "x".repeat(100 + number % 7000)})
}

/// Reads until the log is closed.
fn lines(mut reader: PipeReader) -> Vec<Value> {
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("lines are text");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is whole")).collect()
}

#[test]
fn a_reader_that_does_not_read_costs_lines_and_no_time() {
    let (reader, log) = pipe();
    let start = Instant::now();
    let deliveries: Vec<Delivery> = (0..20_000).map(|number| log.write(&line(number))).collect();
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    let of = |kind| deliveries.iter().filter(|delivery| **delivery == kind).count();
    assert!(0 < of(Delivery::Written) && 0 < of(Delivery::Waiting));
    assert_eq!(log.dropped().get(), of(Delivery::Dropped) as u64);
    assert!(19_000 < of(Delivery::Dropped));
    // What waits goes out when somebody reads again, and the log says what is missing.
    let reading = std::thread::spawn(move || lines(reader));
    log.flush(Duration::from_secs(10));
    log.write(&line(20_000));
    log.flush(Duration::from_secs(10));
    let dropped = log.dropped().get();
    drop(log);
    let lines = reading.join().expect("every line is whole");
    let taken: Vec<usize> = (0..20_000).filter(|number| deliveries[*number] != Delivery::Dropped).collect();
    let arrived: Vec<Value> = taken.into_iter().map(line).collect();
    assert_eq!(lines[..arrived.len()], arrived);
    let missing = json!({"severity": "WARNING", "message": "log lines were dropped", "lines": dropped});
    assert_eq!(lines[arrived.len()..], [missing, line(20_000)]);
}

#[test]
fn a_reader_that_has_left_costs_lines_that_are_counted() {
    let (reader, log) = pipe();
    assert_eq!(log.write(&line(1)), Delivery::Written);
    drop(reader);
    assert_eq!(log.write(&line(2)), Delivery::Dropped);
    assert_eq!(log.write(&line(3)), Delivery::Dropped);
    assert_eq!(log.dropped().get(), 2);
}

#[test]
fn lines_that_waited_for_a_reader_that_has_left_are_counted_too() {
    let (reader, log) = pipe();
    log.write(&line(1));
    let mut waiting = 0;
    while waiting < 3 {
        waiting += u64::from(log.write(&line(6999)) == Delivery::Waiting);
    }
    // The first of those that wait had begun: its rest is kept, so that no other line is joined to it.
    assert!(log.writer().is_within_a_line);
    drop(reader);
    assert_eq!(log.write(&line(2)), Delivery::Dropped);
    assert_eq!(log.dropped().get(), waiting - 1 + 1);
    let rest = log.writer().waiting.clone();
    assert_eq!(rest.iter().position(|byte| *byte == b'\n'), Some(rest.len() - 1));
}

#[test]
fn another_process_that_shares_the_pipe_is_not_made_to_see_our_flag() {
    let (_reader, writer) = io::pipe().expect("a pipe");
    let shared = writer.try_clone().expect("a second handle");
    let log = Log::to(writer.into());
    let is_ours = log.writer().output.as_ref().map(|file| rustix::fs::fcntl_getfl(file).expect("flags"));
    assert!(is_ours.is_some_and(|flags| flags.contains(OFlags::NONBLOCK)));
    assert!(!rustix::fs::fcntl_getfl(&shared).expect("flags").contains(OFlags::NONBLOCK));
}

#[test]
fn a_file_takes_every_line() {
    let (mut file, log) = {
        let path = std::env::temp_dir().join(format!("churn-log-{}", std::process::id()));
        let file = OpenOptions::new().create_new(true).read(true).append(true).open(&path).expect("a file");
        std::fs::remove_file(path).expect("it can be removed");
        (file.try_clone().expect("a second handle"), Log::to(file.into()))
    };
    for number in 0..100 {
        assert_eq!(log.write(&line(number)), Delivery::Written);
    }
    io::Seek::rewind(&mut file).expect("a file can be read again");
    let mut text = String::new();
    file.read_to_string(&mut text).expect("lines are text");
    assert_eq!(text.lines().count(), 100);
}

#[test]
fn lost_lines_are_told_of_once_and_again_where_that_was_lost() {
    let log = Log::nowhere();
    log.0.dropped.inc_by(3);
    let tell = |delivery| {
        let mut told = None;
        log.tell_dropped(|lines| {
            told = Some(lines);
            delivery
        });
        told
    };
    assert_eq!(tell(Delivery::Dropped), Some(3));
    assert_eq!(tell(Delivery::Written), Some(3));
    assert_eq!(tell(Delivery::Written), None);
    log.0.dropped.inc();
    assert_eq!(tell(Delivery::Waiting), Some(1));
}
