"""Builds the image twice, looks into it, and starts it: check.py WORK_FOLDER"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from suite import Client, Suite, free_port, process, wait_for

suite = Suite()
work = pathlib.Path(sys.argv[1])
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
BUILDAH = ["buildah", "--storage-driver", "vfs", "--root", str(work / "root"), "--runroot", str(work / "runroot")]
CONTEXT = pathlib.Path(os.environ["STATIC_BINARY"]).parent


def buildah(*arguments, check=True):
    return subprocess.run([*BUILDAH, *map(str, arguments)], capture_output=True, text=True, check=check)


def build(name, form):
    buildah("bud", "--isolation", "chroot", "--format", form, "--timestamp", 0, "-f", "functions/predict/Dockerfile", "-t", name, CONTEXT)
    return json.loads(buildah("inspect", "--type", "image", name).stdout)


# Docker's format names the container that built it, so only the OCI image is a function of its content.
suite.equal("the OCI image is the same on every build", *(build(name, "oci")["FromImageID"] for name in ["one", "two"]))
config = build("churn-predict", "docker")["Docker"]["config"]
suite.check("its user is a number and not root", config["User"].split(":")[0].isdigit() and config["User"] != "0", config["User"])
suite.equal("its entry point is the binary", config["Entrypoint"], ["/churn-predict"])
suite.equal("its health check is the binary's own", config["Healthcheck"]["Test"], ["CMD", "/churn-predict", "healthcheck"])

buildah("push", "churn-predict", f"docker-archive:{work}/image.tar")
with tarfile.open(work / "image.tar") as archive:
    manifest = json.load(archive.extractfile("manifest.json"))[0]
    layers = [tarfile.open(fileobj=archive.extractfile(layer)) for layer in manifest["Layers"]]
    contents = [member for layer in layers for member in layer.getmembers()]
suite.equal("it holds one file: no shell, no libraries", [member.name for member in contents], ["churn-predict"])
suite.check("it is small", contents[0].size < 6_000_000, f"{contents[0].size / 1e6:.2f} MB")

container = buildah("from", "churn-predict").stdout.strip()
port = free_port()
start = [*BUILDAH, "run", "--isolation", "chroot", "--env", f"PORT={port}", container, "--", "/churn-predict"]
with process(start, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
    wait_for(port)
    status, body = Client(port).send("GET", "/health/ready")
    suite.equal("it is ready when started from scratch", (status, json.loads(body)["status"]), (200, "ready"))
    check = buildah("run", "--isolation", "chroot", "--env", f"PORT={port}", container, "--", "/churn-predict", "healthcheck", check=False)
    suite.equal("its health check says so", check.returncode, 0)
check = buildah("run", "--isolation", "chroot", "--env", f"PORT={port}", container, "--", "/churn-predict", "healthcheck", check=False)
suite.equal("and notices when it is gone", check.returncode, 1)
buildah("rm", container)
shutil.rmtree(work, ignore_errors=True)
suite.finish()
