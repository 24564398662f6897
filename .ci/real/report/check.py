"""Training beside scikit-learn and LightGBM; size, start and memory of the function: check.py WORK_FOLDER"""

import contextlib
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
import telco
from suite import Client, Suite, free_port, function, process, resident_kilobytes, telco_csv

suite = Suite()
work = pathlib.Path(sys.argv[1])
work.mkdir(parents=True, exist_ok=True)
rows = telco.rows(telco_csv())


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fit(*arguments):
    result = subprocess.run([os.environ["FIT"], str(work / "features.csv"), *arguments], capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def beside(name, ours, theirs, peer, rounds):
    """Both in turn, each alone on the machine; the median of the ratios."""
    pairs = [(ours(), seconds(theirs)) for _ in range(rounds)]
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"figure  {name}: {statistics.median(a for a, _ in pairs):.2f} s, {peer} {statistics.median(b for _, b in pairs):.2f} s; median ratio {ratio:.2f}", flush=True)


def training():
    """`fit` alone on both sides, two threads each."""
    # Imported here and used last: a process as large as these libraries make it starts others slowly.
    import numpy as np
    from lightgbm import LGBMClassifier
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

    x = np.array([telco.features(row) for row in rows], dtype=np.float32)
    y = np.array([telco.churned(row) for row in rows])
    np.savetxt(work / "features.csv", np.c_[x, y], delimiter=",", fmt="%.9g")
    forest = RandomForestClassifier(300, max_depth=10, min_samples_leaf=20, n_jobs=2)
    beside("forest, 300 trees of depth 10 on 7,043 rows", lambda: fit("forest", "trees=300", "max_depth=10", "threads=2")["seconds"],
           lambda: forest.fit(x, y), "scikit-learn n_jobs=2", 7)
    boosting = HistGradientBoostingClassifier(max_iter=200, max_depth=3, learning_rate=0.05, early_stopping=False)
    boosting.fit(x, y)
    beside("boosting, 200 trees of depth 3 on 7,043 rows", lambda: fit("boosting", "trees=200", "max_depth=3")["seconds"],
           lambda: boosting.fit(x, y), "scikit-learn HistGradientBoosting", 15)
    trees = 100 if os.environ.get("CHURN_LONG") else 20
    drawn = np.random.default_rng(1).integers(0, len(x), 1_000_000)
    x, y = x[drawn], y[drawn]
    large = f"forest, {trees} trees of depth 10 on 1,000,000 rows"
    found = {}

    def ours():
        found.update(fit("forest", f"trees={trees}", "max_depth=10", "threads=2", "rows=1000000"))
        return found["seconds"]

    lightgbm = LGBMClassifier(boosting_type="rf", n_estimators=trees, max_depth=10, num_leaves=1024, min_child_samples=20,
                              subsample=0.632, subsample_freq=1, feature_fraction_bynode=0.25, n_jobs=2, verbose=-1)
    beside(large, ours, lambda: lightgbm.fit(x, y), "LightGBM's forest mode", 3)
    beside(large, ours, lambda: RandomForestClassifier(trees, max_depth=10, min_samples_leaf=20, n_jobs=2).fit(x, y), "scikit-learn n_jobs=2", 1)
    bytes_a_row = found["peak_bytes"] / 1e6
    suite.check("a million rows: peak memory of the whole process under 150 bytes a row", bytes_a_row < 150, f"{bytes_a_row:.0f} bytes")


def first_answer(binary):
    """Milliseconds from before the start of the process to the first prediction, on a bare socket that polls the port."""
    port, body = free_port(), json.dumps(telco.customer(rows[0])).encode()
    request = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    start = time.perf_counter()
    with process([binary], env={"PORT": str(port)}, stdout=subprocess.DEVNULL):
        while True:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(request)
                answer = connection.recv(65536)
                taken = time.perf_counter() - start
                assert answer.startswith(b"HTTP/1.1 200 OK") and b"churn_probability" in answer, answer
                return 1000 * taken


def starts(binaries):
    """The binaries in turn, before anything else has warmed or tired this process."""
    taken = [[first_answer(binary) for binary in binaries.values()] for _ in range(21)]
    for name, times in zip(binaries, zip(*taken)):
        print(f"figure  {name}: first answer after start: median {statistics.median(times):.1f} ms of 21, worst {max(times):.1f} ms")


def serving(name, binary):
    size = pathlib.Path(binary).stat().st_size
    suite.check(f"{name}: the stripped binary is under 6 MB", size < 6_000_000, f"{size / 1e6:.2f} MB")
    with function(binary) as (child, port):
        client, latencies = Client(port), []
        for row in rows[:1000]:
            body = json.dumps(telco.customer(row)).encode()
            latencies.append(seconds(lambda: client.send("POST", "/predict", body)))
        resident = resident_kilobytes(child.pid)
    suite.check(f"{name}: resident memory after 1,000 requests is under 12 MB", resident * 1024 < 12_000_000, f"{resident / 1024:.1f} MiB")
    print(f"figure  {name}: /predict round trip from Python: median {1e6 * statistics.median(latencies):.0f} us of 1,000")


def streaming(name, binary, wanted=1_000_000):
    """A million customers as NDJSON in one request, sent and read at once; the core's seconds, not the clock's, count."""
    block = b"".join(json.dumps(telco.customer(row)).encode() + b"\n" for row in rows)
    blocks = -(-wanted // len(rows))
    with function(binary) as (child, port), socket.create_connection(("127.0.0.1", port)) as connection:
        head = "POST /batch_predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
        connection.sendall(f"{head}Content-Length: {blocks * len(block)}\r\n\r\n".encode())
        sender = threading.Thread(target=lambda: [connection.sendall(block) for _ in range(blocks)])
        before = core_seconds(child.pid)
        sender.start()
        scored, last, member = 0, b"", b'"churn_probability"'
        while not last.endswith(b"0\r\n\r\n"):
            piece = connection.recv(1 << 20)
            assert piece, "the answer was cut off"
            # A member that two pieces share is counted once, with the second.
            scored, last = scored + (last + piece).count(member), (last + piece)[-len(member) + 1:]
        sender.join()
        seconds, resident = core_seconds(child.pid) - before, peak_kilobytes(child.pid)
    sent = blocks * len(rows)
    suite.check(f"{name}: a million rows stream under 24 MB of resident memory", resident * 1024 < 24_000_000, f"{resident / 1024:.1f} MiB")
    suite.equal(f"{name}: every row is answered", scored, sent)
    print(f"figure  {name}: {sent} NDJSON rows: {sent / seconds:,.0f} rows a second of one core", flush=True)


def core_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_kilobytes(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


BINARIES = {"glibc": os.environ["FUNCTION"], "musl": os.environ["STATIC_BINARY"]}
starts(BINARIES)
for each in BINARIES.items():
    serving(*each)
    streaming(*each)
training()
suite.finish()
