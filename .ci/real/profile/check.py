"""The profile beside pandas and scipy, and the pages in Chromium: check.py WORK_FOLDER"""

import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import threading

import html5lib
import numpy as np
import pandas as pd
from scipy import stats

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import telco
from suite import Suite, telco_csv

CATEGORIES = ["SeniorCitizen", *[name for name in telco.FIELDS if name not in telco.NUMBERS + ["TotalCharges"]]]
NUMBERS = ["tenure", "MonthlyCharges", "TotalCharges"]
BANDS = {"0-12": (0, 12), "13-24": (13, 24), "25-48": (25, 48), "49-72": (49, 72), "73+": (73, 1200)}

suite = Suite()
work = pathlib.Path(sys.argv[1])
table = pd.read_csv(telco_csv(), dtype={"TotalCharges": str})
blank_totals = table.TotalCharges.str.strip().eq("").sum()
table.TotalCharges = pd.to_numeric(table.TotalCharges.str.strip().replace("", "0"))
churned = table.Churn.eq("Yes")


def churn(*arguments):
    result = subprocess.run([os.environ["CHURN"], "profile", *map(str, arguments)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


profile = json.loads(churn(telco_csv(), "--json", "--report", work / "data.html"))["profile"]


def near(name, pairs):
    """Every pair of figures agrees to 1e-9 of its size."""
    pairs = [(float(a), float(b)) for a, b in pairs]
    distance = max(abs(a - b) / max(1, abs(b)) for a, b in pairs)
    suite.check(name, distance < 1e-9, f"{len(pairs)} figures, largest distance {distance:.1e}")


def rate(found, rows):
    """Pairs of one churn rate: counts, rate, Wilson's interval."""
    if not rows.sum():
        return [(found["rows"], 0), (found["churned"] is None, True)]
    expected = stats.binomtest(int(churned[rows].sum()), int(rows.sum())).proportion_ci(method="wilson")
    ours = found["churned"]
    return [(found["rows"], rows.sum()), (ours["rows"], churned[rows].sum()), (ours["rate"], churned[rows].mean()),
            (ours["interval"]["low"], expected.low), (ours["interval"]["high"], expected.high)]


def figures():
    suite.equal("rows, usable rows and bad rows", [profile["rows"], profile["usable_rows"], profile["bad_rows"]], [len(table), len(table), []])
    suite.equal("no customer is there twice", profile["duplicates"]["ids"], int(table.customerID.duplicated().sum()))
    blanks = {column["column"]: column["blank"] for column in profile["blanks"]}
    suite.equal("blank cells", blanks, {name: int(blank_totals) if name == "TotalCharges" else 0 for name in ["customerID", *telco.FIELDS, "Churn"]})
    near("churn rate and its interval", rate({"rows": profile["rows"], "churned": profile["churn"]}, churned.notna()))
    near("churn rates by category", [pair for field in profile["categories"] for found in field["rates"]
                                     for pair in rate(found, table[field["field"]].astype(str).eq(found["label"]))])
    suite.equal("every categorical field is there", sorted(field["field"] for field in profile["categories"]), sorted(CATEGORIES))
    near("churn rates by tenure band", [pair for found in profile["tenure_bands"]
                                        for pair in rate(found, table.tenure.between(*BANDS[found["label"]]))])
    described = table[NUMBERS].describe()
    names = {"min": "min", "q1": "25%", "median": "50%", "q3": "75%", "max": "max", "mean": "mean", "sd": "std"}
    near("numeric summaries", [(found[ours], described[found["field"]][theirs])
                               for found in profile["numbers"] for ours, theirs in names.items()])
    near("histograms", [pair for found in profile["numbers"] for pair in histogram(found)])


def histogram(found):
    edges = found["histogram"]["edges"]
    pairs = list(zip(edges, np.linspace(found["min"], found["max"], len(edges))))
    for ours, rows in [("stayed", ~churned), ("churned", churned)]:
        pairs += zip(found["histogram"][ours], np.histogram(table[found["field"]][rows], bins=edges)[0])
    return pairs


def associations():
    near("correlations of numbers", [(found["value"], table[found["a"]].corr(table[found["b"]])) for found in profile["correlations"]])

    def expected(found):
        if found["measure"] == "point_biserial":
            return stats.pointbiserialr(churned, table[found["a"]]).statistic
        return stats.contingency.association(pd.crosstab(table[found["a"]], churned).to_numpy(), method="cramer")

    found = profile["with_churn"]
    suite.equal("every field is held against churn", sorted(of["a"] for of in found), sorted(telco.FIELDS))
    near("associations with churn", [(of["value"], expected(of)) for of in found])
    strength = [abs(of["value"]) for of in found]
    suite.equal("the strongest comes first", strength, sorted(strength, reverse=True))
    known = table[table.tenure > 0]
    ratio = known.TotalCharges / (known.tenure * known.MonthlyCharges)
    ours = profile["consistency"]
    near("consistency of the total", [
        (ours["rows"], len(known)), (ours["pearson"], known.TotalCharges.corr(known.tenure * known.MonthlyCharges)),
        (ours["ratio"]["q05"], ratio.quantile(0.05)), (ours["ratio"]["median"], ratio.median()), (ours["ratio"]["q95"], ratio.quantile(0.95)),
        (ours["ratio"]["within_10_percent"], ((ratio - 1).abs() <= 0.1).mean()), (ours["ratio"]["beyond_factor_2"], (~ratio.between(0.5, 2)).sum())])


class Pages(http.server.SimpleHTTPRequestHandler):
    """Serves the pages, and a frame that measures them from outside: they run no script themselves."""

    asked = []

    def do_GET(self):
        Pages.asked.append(self.path)
        if not self.path.startswith("/frame?"):
            return super().do_GET()
        page, width = re.fullmatch(r"/frame\?(\w+\.html)&(\d+)", self.path).groups()
        body = f"""<!DOCTYPE html><body style="margin:0"><iframe src="/{page}" style="border:0;width:{width}px;height:900px"></iframe>
<pre id="found">nothing</pre><script>
onload = () => {{
  const page = document.querySelector("iframe").contentDocument, root = page.documentElement;
  page.querySelectorAll("details").forEach(details => details.open = true);
  const right = [...page.querySelectorAll("body *:not(.scroll *):not(svg *)")].map(e => Math.ceil(e.getBoundingClientRect().right));
  const drawn = [...page.querySelectorAll("svg")].every(e => 0 < e.getBoundingClientRect().width);
  const outside = [...page.querySelectorAll("svg")].flatMap(svg => {{
    const of = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text")].filter(text => {{
      const box = text.getBoundingClientRect();
      return box.left < of.left - 1 || of.right + 1 < box.right || of.bottom + 1 < box.bottom || box.top < of.top - 1;
    }}).map(text => text.textContent);
  }});
  document.getElementById("found").textContent = JSON.stringify({{
    scroll: root.scrollWidth, right: Math.max(...right), charts: page.querySelectorAll("svg").length, drawn,
    outside: [...new Set(outside)] }});
}};
</script>""".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def chromium(*arguments):
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def browser():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Pages(*a, directory=work)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for page in ["data.html", "run.html"]:
            html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse((work / page).read_text())
            suite.check(f"{page} is HTML without a fault", True)
            for width in [360, 390, 1280, 1600]:
                result = chromium(f"--window-size={width},1000", "--virtual-time-budget=10000", "--dump-dom",
                                  f"http://127.0.0.1:{server.server_port}/frame?{page}&{width}")
                found = json.loads(re.search(r'<pre id="found">(.*?)</pre>', result.stdout)[1])
                told = [line for line in result.stderr.splitlines() if "CONSOLE" in line]
                fits = found["scroll"] <= width and found["right"] <= width
                suite.check(f"{page} fits {width} px, draws its charts whole and says nothing to the console",
                            fits and found["drawn"] and found["charts"] and not found["outside"] and not told, "" if fits and not found["outside"] and not told else f"{found} {told}")
        server.shutdown()
    suite.equal("no page asked for anything else", {path for path in Pages.asked if not path.startswith("/frame?")} - {"/favicon.ico"}, {"/data.html", "/run.html"})


def contrast():
    """WCAG 2: text at least 4.5, lines of charts at least 3, on the page and on its cards, in light and dark."""
    style = pathlib.Path("functions/jobs/src/report/style.css").read_text()
    colours = {name: pair for name, *pair in re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", style)}

    def luminance(colour):
        parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    def ratio(a, b):
        low, high = sorted([luminance(a), luminance(b)])
        return (high + 0.05) / (low + 0.05)

    for name, least in [("ink", 4.5), ("soft", 4.5), ("first", 4.5), ("second", 3), ("quiet", 3), ("alarm", 3)]:
        found = min(ratio(colours[name][mode], colours[under][mode]) for mode in (0, 1) for under in ("page", "card"))
        suite.check(f"contrast of {name} is at least {least}", found >= least, f"{found:.1f}")


figures()
associations()
contrast()
browser()
suite.finish()
