"""Training beside scikit-learn; size, start and memory of the function: check.py WORK_FOLDER"""

import contextlib
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
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


def training():
    """Whole process of `churn train`, which also reads the file and cross-validates over five folds, against `fit` alone."""
    # Imported here and used last: a process as large as scikit-learn makes it starts others slowly.
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    x = np.array([telco.features(row) for row in rows], dtype=np.float32)
    y = np.array([telco.churned(row) for row in rows])
    (work / "one_fold.json").write_text("[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]]")
    command = [os.environ["CHURN"], "train", "--data", telco_csv(), "--out", str(work), "--holdout", "0", "--threads", "2",
               "--folds", str(work / "one_fold.json")]
    model = RandomForestClassifier(300, max_depth=10, min_samples_leaf=20, n_jobs=2)
    ours, theirs = [], []
    for _ in range(5):
        ours.append(seconds(lambda: subprocess.run(command, capture_output=True, check=True)))
        theirs.append(seconds(lambda: model.fit(x, y)))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs))
    print(f"figure  training 2 x 300 trees, whole process: {statistics.median(ours):.2f} s; scikit-learn 300 trees, fit alone, "
          f"n_jobs=2: {statistics.median(theirs):.2f} s; median ratio {ratio:.2f}")


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


BINARIES = {"glibc": os.environ["FUNCTION"], "musl": os.environ["STATIC_BINARY"]}
starts(BINARIES)
for each in BINARIES.items():
    serving(*each)
training()
suite.finish()
