//! `churn profile`: what it counts, and the faults that it names.

use serde_json::Value;

use crate::bench::Bench;

#[test]
fn a_profile_counts_what_is_in_a_file_and_names_its_faults() {
    let bench = Bench::new();
    let text = bench.read("c.csv");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let (first, mut blank, mut fault) = (cells(&lines[1]), cells(&lines[2]), cells(&lines[3]));
    // A second row of the first customer; a new customer with nothing to pay; two faults and an escape in one row.
    blank[0] = first[0].clone();
    (blank[2], blank[4]) = ("0".into(), " ".into());
    (fault[2], fault[9], fault[12]) = ("-1".into(), "monthly\u{1b}[31m".into(), "maybe".into());
    (lines[2], lines[3]) = (blank.join(","), fault.join(","));
    lines.push("short,row".into());
    bench.write("p.csv", &(lines.join("\n") + "\n"));

    let shown: Value = serde_json::from_str(&bench.ok(&["profile", "p.csv", "--json"])).unwrap();
    let profile = &shown["profile"];
    assert_eq!((&profile["rows"], &profile["usable_rows"]), (&601.into(), &599.into()));
    let id = first[0].as_str();
    assert_eq!(profile["duplicates"], serde_json::json!({"ids": 1, "rows": 2, "examples": [id]}));
    let blanks = profile["blanks"].as_array().expect("columns");
    let total = blanks.iter().find(|column| column["column"] == "TotalCharges").expect("the column");
    let already = text.lines().skip(1).filter(|line| cells(line)[4].trim().is_empty()).count();
    assert_eq!(
        total["blank"],
        already + usize::from(!cells(text.lines().nth(2).unwrap())[4].trim().is_empty())
    );
    let faults: Vec<String> = profile["bad_rows"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|kind| {
            format!("{} {} {} {}", kind["code"], kind["column"], kind["rows"], kind["examples"][0]["line"])
        })
        .collect();
    assert_eq!(
        faults,
        [
            r#""out_of_range" "tenure" 1 4"#,
            r#""unknown_category" "Contract" 1 4"#,
            r#""unknown_category" "Churn" 1 4"#,
            r#""wrong_type" "(row)" 1 602"#,
        ]
    );
    let of_contract = &profile["categories"][5];
    assert_eq!(of_contract["field"], "Contract");
    let rows =
        of_contract["rates"].as_array().expect("labels").iter().map(|rate| rate["rows"].as_u64().unwrap());
    assert_eq!(rows.sum::<u64>(), 599);

    let people = bench.ok(&["profile", "p.csv"]);
    for expected in
        ["601 rows, 599 usable, 2 at fault", "1 x unknown_category in Contract", "line 4: ", "Cramer's V"]
    {
        assert!(people.contains(expected), "{people}");
    }
    assert!(!people.contains('\u{1b}'), "a value of the file does not command the terminal");
}

#[test]
fn a_profile_without_labels_has_counts_and_no_rates() {
    let bench = Bench::new();
    let unlabelled: String = bench
        .read("c.csv")
        .lines()
        .map(|line| format!("{}\n", line.rsplit_once(',').expect("columns").0))
        .collect();
    bench.write("new.csv", &unlabelled);
    let shown: Value =
        serde_json::from_str(&bench.ok(&["profile", "new.csv", "--json", "--report", "r.html"])).unwrap();
    let profile = &shown["profile"];
    assert_eq!((&profile["usable_rows"], &profile["churn"]), (&600.into(), &Value::Null));
    assert_eq!(profile["with_churn"], serde_json::json!([]));
    assert_eq!(profile["tenure_bands"][0]["churned"], Value::Null);
    assert_eq!(shown["report"], "r.html");
    assert!(bench.read("r.html").contains("no churn rate is known"));
    assert!(bench.ok(&["profile", "new.csv"]).contains("no column Churn"));
}

#[test]
fn a_profile_of_nothing_but_faults_still_names_them() {
    let bench = Bench::new();
    let text =
        bench.read("c.csv").replace("Month-to-month", "m").replace("One year", "1").replace("Two year", "2");
    bench.write("bad.csv", &text);
    let people = bench.ok(&["profile", "bad.csv", "--report", "r.html"]);
    assert!(people.contains("600 rows, 0 usable, 600 at fault"), "{people}");
    assert!(
        people.contains("600 x unknown_category in Contract") && people.ends_with("wrote r.html\n"),
        "{people}"
    );
    bench.refused(&["profile", "c.csv", "--report", "./c.csv"], &["which is an input and would be lost"]);
    bench.refused(&["profile", "none.csv"], &["cannot read none.csv"]);
    bench.write("other.csv", "a,b\n1,2\n");
    bench.refused(&["profile", "other.csv"], &["the header has no column SeniorCitizen"]);
}
