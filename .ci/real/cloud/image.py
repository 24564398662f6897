"""The image as it ships: image.py WORK_FOLDER

Needs AUDITABLE_BINARY, the static binary that cargo-auditable built, SYFT, buildah, and root for the memory limit.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import tomllib
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from suite import Client, Suite, free_port, resident_kilobytes, wait_for

BINARY = pathlib.Path(os.environ["AUDITABLE_BINARY"])
MEMORY = 128 << 20
LARGEST = 6_000_000
CUSTOMER = {"customerID": "C-1001", "SeniorCitizen": 0, "tenure": 2, "MonthlyCharges": 70.7, "TotalCharges": 151.65,
            "InternetService": "Fiber optic", "OnlineSecurity": "No", "TechSupport": "No", "StreamingTV": "No",
            "Contract": "Month-to-month", "PaymentMethod": "Electronic check", "PaperlessBilling": "Yes"}

suite = Suite()
work = pathlib.Path(sys.argv[1]).resolve()
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)


def buildah(store, *arguments):
    storage = ["--storage-driver", "vfs", "--root", work / store / "root", "--runroot", work / store / "run"]
    return subprocess.run(list(map(str, ["buildah", *storage, *arguments])), capture_output=True, text=True, check=True).stdout


def options():
    """What `.ci/cloud/image` gives to `buildah bud`, so that the image is built here as it is there."""
    script = pathlib.Path(".ci/cloud/image").read_text().replace("\\\n", " ")
    line = re.search(r"^buildah bud (.*)$", script, re.M)[1]
    words = line.replace("$COMMIT_SHA", "0" * 40).replace('"$HANDED/context"', str(work / "context"))
    words = re.sub(r"\$\(hash_of [^)]*\)", "1" * 64, words).replace('"', "")
    return words.split()


def built(store, context=None):
    """An image in a store of its own; gives its digest and its layout."""
    words = options()
    words[-1] = str(context or work / "context")
    buildah(store, "bud", "--isolation", "chroot", *words)
    buildah(store, "push", "--digestfile", work / f"{store}.digest", "churn-predict", f"oci:{work / store}/layout")
    return (work / f"{store}.digest").read_text(), work / store / "layout/blobs/sha256"


def blob(blobs, digest):
    return json.loads((blobs / digest.partition(":")[2]).read_text())


def two_builds():
    """Two stores, two folders, another time: one digest. Another binary: another digest."""
    (work / "context").mkdir()
    shutil.copy(BINARY, work / "context/churn-predict")
    digest, blobs = built("one")
    elsewhere = work / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(BINARY, elsewhere / "churn-predict")
    os.utime(elsewhere / "churn-predict", (1, 1))
    time.sleep(1.1)
    suite.equal("two builds, from two folders a second apart, give one digest", built("two", elsewhere)[0], digest)
    with open(elsewhere / "churn-predict", "ab") as file:
        file.write(b"\0")
    suite.check("a binary with one byte more gives another one", built("three", elsewhere)[0] != digest)
    return digest, blobs


def contents(digest, blobs):
    manifest = blob(blobs, digest)
    config = blob(blobs, manifest["config"]["digest"])
    layers = [blobs / layer["digest"].partition(":")[2] for layer in manifest["layers"]]
    packed = sum(layer.stat().st_size for layer in layers)
    root = work / "rootfs"
    root.mkdir()
    files = []
    for layer in layers:
        with tarfile.open(layer) as archive:
            files += [member for member in archive.getmembers() if member.isfile()]
            archive.extractall(root, filter="fully_trusted")
    suite.equal("it holds one file", [member.name for member in files], ["churn-predict"])
    suite.check("it is under 6 MB, unpacked", sum(member.size for member in files) < LARGEST,
                f"{files[0].size / 1e6:.2f} MB, {packed / 1e6:.2f} MB to pull")
    suite.equal("nobody may write it", files[0].mode & 0o222, 0)
    suite.equal("it runs as a numeric user", config["config"]["User"], "65532:65532")
    labels = config["config"]["Labels"]
    suite.equal("its labels tell commit and model, and no builder",
                (labels.get("org.opencontainers.image.revision"), labels.get("churn.model.sha256"), "io.buildah.version" in labels),
                ("0" * 40, "1" * 64, False))
    suite.equal("its time of making is none", config["created"], "1970-01-01T00:00:00Z")
    return root


def crates():
    """The list in the binary: a section `.dep-v0` of zlib'd JSON."""
    raw = work / "dep-v0"
    subprocess.run(["objcopy", "-O", "binary", "--set-section-flags", ".dep-v0=alloc", "-j", ".dep-v0", BINARY, raw], check=True)
    return json.loads(zlib.decompress(raw.read_bytes()))["packages"]


def bill_of_materials():
    found = {(package["name"], package["version"]) for package in crates() if package.get("kind", "runtime") == "runtime"}
    tree = subprocess.run(["cargo", "tree", "--locked", "-p", "churn-predict", "-e", "normal", "--target", "x86_64-unknown-linux-musl",
                           "--prefix", "depth", "--no-dedupe"], capture_output=True, text=True, check=True).stdout
    wanted = linked(tree)
    named = {name for name, _ in found}
    suite.check("the list in the binary has every crate that is linked", len(wanted) > 60 and wanted <= found,
                f"{len(wanted)} linked, {len(found)} listed" if wanted <= found else str(sorted(wanted - found)[:8]))
    suite.equal("and what is not in the function is not in the list", named & {"learner", "parquet", "ureq", "clap", "churn-jobs"}, set())
    lock = {(package["name"], package["version"]) for package in tomllib.loads(pathlib.Path("Cargo.lock").read_text())["package"]}
    suite.equal("every one is in Cargo.lock with that version", found - lock, set())
    sbom = json.loads(subprocess.run([os.environ["SYFT"], "scan", f"file:{BINARY}", "-q", "-o", "cyclonedx-json"], capture_output=True,
                                     text=True, check=True, env={**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"}).stdout)
    seen = {(c["name"], c["version"]) for c in sbom.get("components", []) if c.get("purl", "").startswith("pkg:cargo/")}
    outside = {(name, version) for name, version in found if name not in {"churn", "churn-predict", "forest", "evaluation"}}
    suite.check("syft reads the same crates from it, as CycloneDX", outside <= seen, f"{len(seen)} components" if outside <= seen
                else str(sorted(outside - seen)[:8]))


def linked(tree):
    """Name and version of each crate of the tree, without macros of the compiler and what these alone need."""
    wanted, above = set(), None
    for depth, name, version, rest in re.findall(r"^(\d+)(\S+) v(\S+)(.*)$", tree, re.M):
        if above is not None and above < int(depth):
            continue
        above = int(depth) if "(proc-macro)" in rest else None
        if above is None:
            wanted.add((name, version))
    return wanted


def memory_limit(name):
    """A cgroup of 128 MiB without swap, of either version; gives its folder and how it is called."""
    for base, limit, swap in [("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
                              ("/sys/fs/cgroup", "memory.max", "memory.swap.max")]:
        group = pathlib.Path(base) / name
        try:
            group.mkdir(exist_ok=True)
            (group / limit).write_text(str(MEMORY))
        except OSError:
            continue
        if (group / swap).exists():
            (group / swap).write_text(str(MEMORY if "memsw" in swap else 0))
        return group, f"cgroup {limit}"
    return None, "prlimit of the address space"


def running(root):
    """Starts the image's only file as Cloud Run does: its user, a root that nobody can write, 128 MiB, and $PORT."""
    port = free_port()
    group, how = memory_limit(f"churn-image-{os.getpid()}")
    # A mount namespace of its own, in which the root is mounted read-only; the group is joined before anything else runs.
    join = f'echo $$ >"{group}/cgroup.procs" && ' if group else f"ulimit -v {MEMORY >> 10} && "
    mount = f'mount --bind "{root}" "{root}" && mount -o remount,bind,ro "{root}" && '
    start = 'exec chroot --userspec=65532:65532 "$1" /churn-predict'
    child = subprocess.Popen(["unshare", "--mount", "sh", "-c", join + mount + start, "sh", str(root)], env={"PORT": str(port), "PATH": os.environ["PATH"]},
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(port)
        suite.check("it listens on $PORT", True, str(port))
        status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
        suite.equal("as user and group 65532", re.findall(r"^[UG]id:\s+(\d+)\s+(\d+)", status, re.M), [("65532", "65532")] * 2)
        suite.check("its root is mounted read-only", re.search(rf" {re.escape(str(root))} ro[, ]", mounts(child.pid, root)) is not None, mounts(child.pid, root))
        suite.equal("it is ready", Client(port).send("GET", "/health/ready")[0], 200)
        load(port, child, how, group)
        drains(port, child)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        if group:
            group.rmdir()


def mounts(pid, root):
    """The line of the root's mount, seen from outside of the namespace's root."""
    lines = pathlib.Path(f"/proc/{pid}/mountinfo").read_text().splitlines()
    last = [line for line in lines if line.split()[4] in (str(root), "/")]
    words = last[-1].split() if last else ["?"] * 6
    return f" {root} {words[5]} "


def load(port, child, how, group):
    """Many customers at once, a large batch and a long stream within the limit."""
    def many(_):
        client = Client(port)
        return {client.post("/predict", CUSTOMER)[0] for _ in range(200)}
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        suite.equal("3,200 predictions over 16 connections", set().union(*pool.map(many, range(16))), {200})
    suite.equal("a batch of 8,000 customers", Client(port).post("/batch_predict", {"customers": [CUSTOMER] * 8000})[0], 200)
    rows = (json.dumps(CUSTOMER) + "\n").encode() * 100_000
    # curl reads while it sends, as whoever streams must.
    answer = subprocess.run(["curl", "-sS", "-T", "-", "-X", "POST", "-H", "content-type: application/x-ndjson", f"127.0.0.1:{port}/batch_predict"],
                            input=rows, capture_output=True, check=True).stdout
    suite.equal("a stream of 100,000 rows", (answer.count(b"\n"), answer.count(b"churn_probability")), (100_000, 100_000))
    peak = int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{child.pid}/status").read_text())[1])
    kills = (group / "memory.oom_control").read_text() if group and (group / "memory.oom_control").exists() else "oom_kill 0"
    suite.check(f"all of it within 128 MiB ({how})", child.poll() is None and "oom_kill 0" in kills, f"peak {peak / 1024:.0f} MiB, now {resident_kilobytes(child.pid) / 1024:.1f}")


def drains(port, child):
    """SIGTERM while a request is half sent: it is answered, and then the process ends with success."""
    body = json.dumps(CUSTOMER).encode()
    connection = Client(port).connection
    connection.putrequest("POST", "/predict")
    connection.putheader("content-type", "application/json")
    connection.putheader("content-length", str(len(body)))
    connection.endheaders(body[:20])
    time.sleep(0.2)
    child.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    connection.send(body[20:])
    answer = connection.getresponse()
    suite.equal("SIGTERM: the open request is answered", (answer.status, json.loads(answer.read())["customer_id"]), (200, "C-1001"))
    began = time.monotonic()
    suite.equal("and the process ends with success, in time", (child.wait(10), time.monotonic() - began < 9), (0, True))


digest, blobs = two_builds()
root = contents(digest, blobs)
bill_of_materials()
running(root)
shutil.rmtree(work, ignore_errors=True)
suite.finish()
