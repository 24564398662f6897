"""Alerts and dashboard: the expressions that Terraform hands to Cloud Monitoring, run by promtool on invented traffic."""

import json
import pathlib
import re
import subprocess
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
import messages  # noqa: E402
from suite import Suite  # noqa: E402

ROOT = HERE.parents[2]
SOURCES = ROOT / "terraform/monitoring"
VARIABLES = (ROOT / "terraform/variables.tf").read_text()


def default(name):
    return re.search(rf"\b{name}\s*=\s*optional\(\w+, ([\d.]+)\)", VARIABLES).group(1)


# What Terraform fills in by default; monitoring.tf names the same. A canary has three shares of 15 minutes, and 10 for each.
VALUES = {"service": "churn-predict", "canary_minutes": "90", "availability": default("availability"), "latency_goal": default("goal"), "latency_ms": default("threshold_ms")}


def filled(text):
    return re.sub(r"\$\{(\w+)\}", lambda found: VALUES[found.group(1)], text)


def series(metric="request_count", **labels):
    named = {"monitored_resource": "cloud_run_revision", "service_name": "churn-predict", **labels}
    return f"run_googleapis_com:{metric}" + "{" + ", ".join(f'{name}="{value}"' for name, value in named.items()) + "}"


def traffic(good, bad, revision="one", **labels):
    """Answers and failures of one revision, in promtool's notation of a counter."""
    return [(series(response_code_class="2xx", revision_name=revision, **labels), good),
            (series(response_code_class="5xx", revision_name=revision, **labels), bad)]


def latencies(fast, slow):
    """A counter of answers below 50 ms, and one of answers of up to 400 ms."""
    total = f"0+{fast + slow}x90"
    return [(series("request_latencies_bucket", le="50"), f"0+{fast}x90"), (series("request_latencies_bucket", le="400"), total),
            (series("request_latencies_bucket", le="+Inf"), total), (series("request_latencies_count"), total)]


BURNS = ["fast burn", "steady burn", "slow burn"]
# Name, input a minute, and which alerts there are at which minute. Every rule is asked at each.
DAY = 25 * 60  # Minutes.
TRIALS = [
    ("three failures in ten thousand calls wake nobody", traffic(f"0+600x{DAY}", f"0+0.18x{DAY}"), {60: [], 420: [], 1499: []}),
    ("2 % of failures: fast burn once it matters, and over once it is over", traffic("0+588x200", "0+0x60 12+12x29 360+0x110"),
     {59: [], 64: [], 89: BURNS, 97: ["steady burn", "slow burn"], 150: ["slow burn"]}),
    ("0.5 % of failures: a steady burn, and no fast one", traffic("0+597x480", "0+3x480"), {420: ["steady burn", "slow burn"]}),
    ("a steady burn that stopped is quiet within its short window", traffic("0+597x700", "0+3x400 1200+0x300"), {395: ["steady burn", "slow burn"], 440: ["slow burn"], 530: []}),
    ("0.2 % of failures: a slow burn alone", traffic(f"0+599x{DAY}", f"0+1.2x{DAY}"), {1499: ["slow burn"]}),
    ("one failure in an hour of a call a minute wakes nobody", traffic("0+1x90", "0+0x60 1+0x30"), {62: [], 64: []}),
    ("another service fails, ours does not", traffic("0+600x90", "0+0x90") + traffic("0+10x90", "0+600x90", service_name="other"), {80: []}),
    ("callers' own faults are none of ours", [(series(response_code_class="4xx", revision_name="one"), "0+500x90"), *traffic("0+100x90", "0+0x90")], {80: []}),
    ("a canary of 5 % that fails", traffic("0+570x40", "0+0x40") + traffic("0x20 0+25x20", "0x20 5+5x20", "two"), {19: [], 35: ["steady burn", "slow burn", "canary burn:two"]}),
    ("a canary of 50 % that fails", traffic("0+300x40", "0+0x40") + traffic("0x20 0+285x20", "0x20 15+15x20", "two"), {35: [*BURNS, "canary burn:two"]}),
    ("a canary that is well", traffic("0+570x40", "0+0x40") + traffic("0x20 0+30x20", "0x20 0+0x20", "two"), {35: []}),
    ("everything fails alike: not the canary's fault", traffic("0+540x40", "0+30x40") + traffic("0x20 0+28x20", "0x20 0+1.6x20", "two"), {35: BURNS}),
    ("the old revision fails and the canary is its cure", traffic("0+540x40", "0+30x40") + traffic("0x20 0+30x20", "0x20 0+0x20", "two"), {35: BURNS}),
    ("at half and half, the one that was there before is no canary, however it fails",
     traffic("0+600x150 90000+285x30", "0+0x150 0+15x30", "old") + traffic("0x150 0+300x30", "0x150 0+0x30", "new"), {170: ["fast burn", "slow burn"]}),
    ("at half and half, the new one that fails is",
     traffic("0+600x150 90000+300x30", "0+0x150 0+0x30", "old") + traffic("0x150 0+285x30", "0x150 15+15x30", "new"), {170: ["fast burn", "slow burn", "canary burn:new"]}),
    ("one failure of a canary in ten minutes is chance", traffic("0+570x40", "0+0x40") + traffic("0x20 0+3x20", "0x30 1+0x10", "two"), {35: []}),
    ("no canary, no verdict", traffic("0+588x40", "0+12x40"), {35: BURNS}),
    ("one answer in fifty is slow: slow answers", latencies(98, 2), {4: [], 70: ["slow answers"]}),
    ("one answer in two hundred is slow: within the objective", latencies(199, 1), {70: []}),
    ("nobody calls", [(series(response_code_class="2xx", revision_name="one"), "0+0x90")], {80: []}),
]


def promtool(folder, *arguments):
    done = subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def expected(alert, rules):
    """`exp_alerts` of an alert that is there; `NAME:REVISION` where it names one."""
    name, _, revision = alert.partition(":")
    rule = rules[name]
    labels = {**rule["labels"], **({"revision_name": revision} if revision else {})}
    return {"exp_labels": labels, "exp_annotations": rule["annotations"]}


def trial(folder, text, rules, name, given, moments):
    """One trial on the rules of this text; (passes, what promtool says)."""
    (folder / "rules.yaml").write_text(filled(text))
    asked = []
    for minute, alerts in moments.items():
        for rule in rules:
            there = [expected(alert, rules) for alert in alerts if alert.partition(":")[0] == rule]
            asked.append({"eval_time": f"{minute}m", "alertname": rule, "exp_alerts": there})
    test = {"name": name, "interval": "1m", "input_series": [{"series": s, "values": v} for s, v in given], "alert_rule_test": asked}
    # A trial of a day is looked at every ten minutes, the others every minute.
    pace = "10m" if max(moments) > 1000 else "1m"
    (folder / "test.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": pace, "tests": [test]}, width=10_000))
    return promtool(folder, "test", "rules", "test.yaml")


# What somebody might do to the rules: old text, new text, and a trial that must then fail.
MISTAKES = [
    ("ten times the threshold", "14.4 * (1", "144 * (1", "2 %"),
    ("a steady burn at the threshold of a slow one", "> 6 * (1", "> 3 * (1", "0.2 % of failures"),
    ("a slow burn that starts at six", "> 3 * (1", "> 6 * (1", "0.2 % of failures"),
    ("the short window as long as the long one", "[5m]", "[1h]", "2 %"),
    ("failures of the callers", '"5xx"', '"4xx"', "callers' own"),
    ("a misspelt metric", "request_count{", "requests_count{", "2 %"),
    ("every service", ', service_name="${service}"', "", "another service"),
    ("no least number of failures", "> 5", "> -1", "one failure in"),
    ("a canary is compared with nothing", "> 2 * (", "> -2 * (", "everything fails"),
    ("a canary has less than a tenth", "(0.6 *", "(0.1 *", "a canary of 50 %"),
    ("whoever was there before may be a canary", "offset ${canary_minutes}m)) > 0", "offset ${canary_minutes}m)) > 1e9", "at half and half, the one"),
    ("any quantile of latency", "histogram_quantile(${latency_goal}", "histogram_quantile(0.5", "one answer in fifty"),
]


def overlap(tiles):
    areas = [(t["xPos"], t["yPos"], t["xPos"] + t["width"], t["yPos"] + t["height"]) for t in tiles]
    return [(a, b) for i, a in enumerate(areas) for b in areas[:i] if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]]


def dashboard_faults(folder, text):
    """What is wrong with a dashboard: JSON, queries, places, and what Google's own message does not know."""
    try:
        board = json.loads(filled(text))
    except (ValueError, KeyError) as error:
        return [repr(error)]
    tiles = board["mosaicLayout"]["tiles"]
    queries = [part["timeSeriesQuery"].get("prometheusQuery", "") for tile in tiles for part in tile["widget"]["xyChart"]["dataSets"]]
    rules = [{"record": f"chart:{index}", "expr": query} for index, query in enumerate(queries)]
    (folder / "dashboard.yaml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}, width=10_000))
    sound, said = promtool(folder, "check", "rules", "dashboard.yaml")
    faults = [] if sound else [said]
    faults += [f"tiles overlap: {pair}" for pair in overlap(tiles)]
    faults += [f"{query} is of no service" for query in queries if 'service_name="churn-predict"' not in query]
    return faults + (messages.faults("monitoring.Dashboard", board) if messages.available else [])


def policy(rule):
    """The body that Terraform's provider sends for a rule."""
    return {"displayName": rule["alert"], "combiner": "OR", "severity": rule["labels"]["severity"], "alertStrategy": {"autoClose": "1800s"},
            "conditions": [{"displayName": rule["alert"], "conditionPrometheusQueryLanguage": {
                "query": rule["expr"], "duration": rule["for"], "evaluationInterval": "60s", "alertRule": rule["alert"], "disableMetricValidation": True}}]}


def main(folder):
    suite = Suite()
    folder.mkdir(parents=True, exist_ok=True)
    text = (SOURCES / "rules.yaml").read_text()
    rules = {rule["alert"]: rule for group in yaml.safe_load(filled(text))["groups"] for rule in group["rules"]}
    suite.equal("the alerts", list(rules), ["fast burn", "steady burn", "slow burn", "slow answers", "canary burn"])
    terraform = (ROOT / "terraform/monitoring.tf").read_text()
    handed = set(re.findall(r"^\s{4,6}(service|availability|latency_goal|latency_ms|canary_minutes)\s+=", terraform, re.M))
    suite.equal("Terraform fills in what the rules leave open", handed, set(re.findall(r"\$\{(\w+)\}", text)))
    suite.check("and takes the rules from this file", "monitoring/rules.yaml" in terraform and "monitoring/dashboard.json" in terraform)
    suite.equal("the objective is 99.95 %", VALUES["availability"], "0.9995")
    (folder / "rules.yaml").write_text(filled(text))
    holds, said = promtool(folder, "check", "rules", "rules.yaml")
    suite.check("promtool reads the rules", holds, "" if holds else said)
    longest = max(int(n) * {"m": 1, "h": 60}[unit] for n, unit in re.findall(r"\[(\d+)([mh])\]", text))
    suite.check("no window is longer than Cloud Monitoring looks back", longest <= 24 * 60, f"{longest} minutes")

    for name, given, moments in TRIALS:
        holds, said = trial(folder, text, rules, name, given, moments)
        suite.check(name, holds, "" if holds else said)
    for name, old, new, fails in MISTAKES:
        assert old in text, name
        broken = [trial(folder, text.replace(old, new), rules, *one)[0] for one in TRIALS if one[0].startswith(fails)]
        suite.check(f"caught: {name}", broken == [False], "" if broken == [False] else f"{fails}: {broken}")

    board = (SOURCES / "dashboard.json").read_text()
    found = dashboard_faults(folder, board)
    suite.check("the dashboard", not found, str(found) if found else "")
    for name, old, new in [("a misspelt query", "histogram_quantile(", "histogram_quantil("), ("a tile upon a tile", '"yPos": 16', '"yPos": 8'), ("a value that nobody fills in", "${latency_ms}", "${latency}")]:
        assert old in board, name
        suite.check(f"caught in the dashboard: {name}", dashboard_faults(folder, board.replace(old, new)))
    if messages.available:
        for rule in rules.values():
            found = messages.faults("monitoring.AlertPolicy", policy(rule))
            suite.check(f"{rule['alert']} is an alert policy by Google's own message", not found, str(found) if found else "")
        suite.check("caught: a misspelt field of the dashboard", dashboard_faults(folder, board.replace('"plotType"', '"plotTyp"')))
        suite.check("caught: a severity that there is not", messages.faults("monitoring.AlertPolicy", {"severity": "FATAL"}))
    else:
        print("left out: Google's own messages of dashboard and alert policies, for want of gcloud")
    suite.finish()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
