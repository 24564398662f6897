"""What the suites share: checks that are counted, and a running function. Python's standard library alone."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time


class Suite:
    """Counts checks; `finish` prints the line that .ci/run reads."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, holds, detail=""):
        if holds:
            self.passed += 1
            print(f"ok      {name}" + (f": {detail}" if detail else ""), flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {name}: {detail}", flush=True)

    def equal(self, name, found, expected):
        self.check(name, found == expected, "" if found == expected else f"{found!r} instead of {expected!r}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(self.failed != 0)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def process(command, **options):
    """A process that is ended when the block ends."""
    child = subprocess.Popen(command, **options)
    try:
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_for(port, seconds=30):
    """Waits until something listens on the port."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.002)
    raise TimeoutError(f"nothing listens on port {port}")


@contextlib.contextmanager
def function(binary, log=subprocess.DEVNULL):
    """The function, running; gives the process and its port."""
    port = free_port()
    with process([binary], env={"PORT": str(port)}, stdout=log, stderr=log) as child:
        wait_for(port)
        yield child, port


class Client:
    """One connection that is kept."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def send(self, method, path, body=None, headers=None):
        headers = {"content-type": "application/json", **(headers or {})} if body is not None else (headers or {})
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        return response.status, response.read()

    def post(self, path, value):
        status, body = self.send("POST", path, json.dumps(value).encode())
        return status, json.loads(body)


def resident_kilobytes(pid):
    """Resident memory now, in KiB."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def telco_csv():
    return os.environ["CHURN_TELCO_CSV"]
