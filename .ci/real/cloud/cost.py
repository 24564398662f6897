"""What predictions cost on Cloud Run, from this machine's figures and public list prices: cost.py BINARY [NDJSON_ROWS_A_SECOND]

Prints the table of the README. A request's time and processor time are measured on the running function; the rows a second of
a stream are those of `.ci/run report`. Python's standard library alone.
"""

import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from suite import Client, free_port, process, wait_for

# List prices in dollars, without the free tier and without discounts, of regions of tier 1 such as europe-west1.
PRICES = "https://cloud.google.com/run/pricing and https://cloud.google.com/bigquery/pricing"
PRICES_READ = "from copies of these pages: look there before you count on them"
VCPU_SECOND = 0.000024  # Billed by requests: while at least one is under way.
GIB_SECOND = 0.0000025
MILLION_REQUESTS = 0.40
TEBIBYTE_SCANNED = 6.25  # BigQuery, on demand.
# Time that an instance is busy is rounded up to this.
STEP = 0.1

MILLION = 1_000_000
ROW_BYTES = 150  # A customer of eleven fields in BigQuery's logical bytes, the texts with 2 bytes more each.
ROWS_A_CALL = 2_000  # `max_batching_rows` of the remote function.
# The source system: its write-up says 2 GiB and under 100 ms a request; its loop over a batch, measured, gives 16 rows a
# second. Its processor is taken to be like ours, 1 vCPU.
SOURCE_ROWS_A_SECOND = 16

CUSTOMER = {"customerID": "C-1001", "SeniorCitizen": 0, "tenure": 2, "MonthlyCharges": 70.7, "TotalCharges": 151.65,
            "InternetService": "Fiber optic", "OnlineSecurity": "No", "TechSupport": "No", "StreamingTV": "No",
            "Contract": "Month-to-month", "PaymentMethod": "Electronic check", "PaperlessBilling": "Yes"}
CALL = [0, 2, 70.7, "151.65", "Fiber optic", "No", "No", "No", "Month-to-month", "Electronic check", "Yes"]


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(binary):
    """Seconds: of a request as its caller sees it (median), of processor for one, and of a BigQuery call."""
    port = free_port()
    with process([binary], env={"PORT": str(port)}, stdout=subprocess.DEVNULL) as child:
        wait_for(port)
        client, body = Client(port), json.dumps(CUSTOMER).encode()
        for _ in range(500):
            client.send("POST", "/predict", body)
        before, times = processor_seconds(child.pid), []
        for _ in range(10_000):
            began = time.perf_counter()
            status, _ = client.send("POST", "/predict", body)
            times.append(time.perf_counter() - began)
            assert status == 200
        processor = (processor_seconds(child.pid) - before) / len(times)
        calls, call = [], json.dumps({"calls": [CALL] * ROWS_A_CALL}).encode()
        for _ in range(20):
            began = time.perf_counter()
            status, _ = client.send("POST", "/bigquery", call)
            calls.append(time.perf_counter() - began)
            assert status == 200
    return statistics.median(times), processor, statistics.median(calls)


def billed(seconds):
    """What a request is billed that has the instance to itself."""
    return math.ceil(seconds / STEP - 1e-9) * STEP


def dollars(seconds, vcpu, gib, requests):
    return seconds * (vcpu * VCPU_SECOND + gib * GIB_SECOND) + requests / MILLION * MILLION_REQUESTS


def amount(value):
    """Dollars to two digits, or to cents above one."""
    return f"${value:.2f}" if value >= 0.1 else f"${value:.5f}"


def table(request, processor, call, rows_a_second):
    """Name, what is billed, dollars for a million predictions."""
    calls = MILLION / ROWS_A_CALL
    slow = processor / 0.08
    scanned = MILLION * ROW_BYTES / 2**40 * TEBIBYTE_SCANNED
    stream = MILLION / rows_a_second
    return [
        ("source system, 2 GiB, 1 vCPU, one request at a time", f"{STEP * 1e3:.0f} ms each", dollars(MILLION * STEP, 1, 2, MILLION)),
        ("128 MiB, 1 vCPU, one request at a time", f"{request * 1e3:.2f} ms, billed as {billed(request) * 1e3:.0f} ms each",
         dollars(MILLION * billed(request), 1, 0.125, MILLION)),
        ("128 MiB, 0.08 vCPU, concurrency 1", f"about {slow * 1e3:.1f} ms, billed as {billed(slow) * 1e3:.0f} ms each",
         dollars(MILLION * billed(slow), 0.08, 0.125, MILLION)),
        ("128 MiB, 1 vCPU, never idle", f"{1 / processor:,.0f} requests a second share the instance",
         dollars(MILLION * processor, 1, 0.125, MILLION)),
        ("source system, its batch loop", f"{MILLION / SOURCE_ROWS_A_SECOND / 3600:.0f} hours", dollars(MILLION / SOURCE_ROWS_A_SECOND, 1, 2, 0)),
        ("`/batch_predict`, one NDJSON stream", f"{stream:.1f} s", dollars(billed(stream), 1, 0.125, 1)),
        (f"BigQuery, calls of {ROWS_A_CALL:,} rows", f"{call * 1e3:.0f} ms a call, billed as {billed(call) * 1e3:.0f} ms; {amount(scanned)} are BigQuery's own",
         dollars(calls * billed(call), 1, 0.125, calls) + scanned),
    ]


def markdown(rows):
    lines = ["| a million predictions | what is billed | list price |", "|---|---|---|"]
    lines += [f"| {name} | {what} | {amount(price)} |" for name, what, price in rows]
    saved = 1 - rows[1][2] / rows[0][2]
    return "\n".join(lines) + f"""

Prices: Cloud Run billed by requests in a region of tier 1, ${VCPU_SECOND:.6f} a vCPU-second, ${GIB_SECOND:.7f} a GiB-second,
${MILLION_REQUESTS:.2f} a million requests; BigQuery ${TEBIBYTE_SCANNED} a TiB, {ROW_BYTES} bytes a row; free tiers, network and logs left out
({PRICES}, {PRICES_READ}).

Cloud Run rounds the time that an instance is busy up to {STEP * 1e3:.0f} ms. A request that comes alone costs the same at {rows[1][1].split(',')[0]} as at
100 ms, so for sparse traffic speed saves nothing: only the smaller memory does, {saved:.0%}, or a smaller share of a processor.
Speed pays where requests overlap, so that the fee for requests is nearly the whole bill, and where rows come in bulk. Times are
of a core of the machine that measured; a vCPU of Cloud Run is slower, which moves the rows "never idle" and "stream" alone.
"""


if __name__ == "__main__":
    rows_a_second = float(sys.argv[2]) if len(sys.argv) > 2 else 119_000
    print(markdown(table(*measured(sys.argv[1]), rows_a_second)), end="")
