"""A build file of Cloud Build, run on one machine: its own steps, in their order, in a checkout that plays /workspace.

What is played: `gcloud` by fake-gcloud, the registry by a folder, and the compiler by a binary that was compiled once for
each model. The scripts, `churn`, buildah and everything between them are the real ones.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys

import yaml

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent.parent
MUSL = "x86_64-unknown-linux-musl"
PROJECT, BUCKET = "acme-churn", "acme-churn-churn"
COMMIT = "0123456789abcdef0123456789abcdef01234567"

GCLOUD = '#!/bin/sh\nexec "{python}" "{fake}" "$@"\n'
BUILDAH = """#!/usr/bin/env bash
# The registry is a folder; everything else is buildah.
set -euo pipefail
case $1 in
  login) [ "$(cat)" = ya29.played ] ;;
  push)
    arguments=("$@") digest=
    for i in "${{!arguments[@]}}"; do
      case ${{arguments[i]}} in
        docker://*) tag=${{arguments[i]##*:}}; arguments[i]="oci:$FAKE_GCLOUD_STATE/images/$tag" ;;
        --digestfile) digest=${{arguments[i + 1]}} ;;
      esac
    done
    mkdir -p "$FAKE_GCLOUD_STATE/images" "$FAKE_GCLOUD_STATE/digests"
    {buildah} "${{arguments[@]}}"
    digest=$(cat "$digest")
    printf '%s' "$tag" >"$FAKE_GCLOUD_STATE/digests/${{digest#sha256:}}" ;;
  *) exec {buildah} "$@" ;;
esac
"""
CARGO = """#!/usr/bin/env bash
# `churn` is built already, and a function once for each model: the compiler is not what is on trial here.
set -euo pipefail
model=$(sha256sum model-artifacts/champion.msgpack | cut -d' ' -f1)
binary="$CARGO_TARGET_DIR/{musl}/release/churn-predict" kept="$CARGO_TARGET_DIR/functions/$model"
mkdir -p "$CARGO_TARGET_DIR/functions" "$CARGO_TARGET_DIR/release" "$(dirname "$binary")"
case "$*" in
  'build --release --locked --package churn-jobs') ln -sf "{churn}" "$CARGO_TARGET_DIR/release/churn" ;;
  'auditable -V') echo played ;;
  'auditable build --release --locked --target {musl}')
    if [ ! -e "$kept" ]; then
      if [ "${{COMPILE:-}}" = yes ]; then "{cargo}" "$@"; cp "$binary" "$kept"; else printf 'function of %s' "$model" >"$kept"; fi
    fi
    rm -f "$binary"
    cp "$kept" "$binary" ;;
  'test --workspace --locked --quiet') ;;
  *) printf 'no step runs cargo %s\\n' "$*" >&2; exit 2 ;;
esac
"""
RUSTUP = "#!/bin/sh\necho {musl}\n"


class Place:
    """One machine: a folder for the checkout, one for the state of the cloud, and programs that go before the real ones."""

    def __init__(self, work, churn, target):
        self.work, self.churn, self.target = pathlib.Path(work), churn, pathlib.Path(target)
        self.workspace, self.state, self.bin = self.work / "workspace", self.work / "cloud", self.work / "bin"
        shutil.rmtree(self.bin, ignore_errors=True)
        shutil.rmtree(self.target / "functions", ignore_errors=True)  # Compiled from sources that may have changed.
        self.bin.mkdir(parents=True)
        storage = f"buildah --root {self.work}/storage --runroot {self.work}/run"
        real = {name: shutil.which(name) for name in ["cargo", "buildah"]}
        words = {"python": sys.executable, "fake": HERE / "fake-gcloud", "musl": MUSL, "churn": churn, "cargo": real["cargo"],
                 "buildah": storage.replace("buildah", real["buildah"], 1)}
        for name, text in {"gcloud": GCLOUD, "buildah": BUILDAH, "cargo": CARGO, "rustup": RUSTUP}.items():
            (self.bin / name).write_text(text.format(**words))
            (self.bin / name).chmod(stat.S_IRWXU)

    def empty_cloud(self):
        shutil.rmtree(self.state, ignore_errors=True)
        self.state.mkdir(parents=True)

    def checkout(self, artifacts=None):
        """A fresh checkout, with times of the originals so that what was compiled stays so; `artifacts` is another
        model-artifacts/."""
        shutil.rmtree(self.workspace, ignore_errors=True)
        listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                capture_output=True, check=True).stdout.decode()
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file() and not (artifacts and name.startswith("model-artifacts/")):
                (self.workspace / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.workspace / name)
        if artifacts:
            shutil.copytree(artifacts, self.workspace / "model-artifacts")

    def run(self, file, until=None, compile=False, between=None, **substitutions):
        """Runs the steps of a build file in a checkout; gives (id of the step that failed or nothing, output of all). `until`
        is the last step that runs: there the machine is gone. `between` are actions, by the step before them."""
        build = yaml.safe_load((self.workspace / file).read_text())
        environment = self.environment(build, substitutions, compile)
        output = ""
        for step in build["steps"]:
            assert set(step) <= {"id", "name", "script", "waitFor"}, f"this step has what is not played: {step}"
            done = subprocess.run(["sh", "-c", step["script"]], cwd=self.workspace, env=environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            output += f"== {step['id']}\n{done.stdout}"
            if done.returncode != 0:
                return step["id"], output
            if between and step["id"] in between:
                between[step["id"]]()
            if step["id"] == until:
                return until, output
        return None, output

    def environment(self, build, substitutions, compile):
        values = {"PROJECT_ID": PROJECT, "COMMIT_SHA": COMMIT, **build["substitutions"], **substitutions}

        def resolved(text):
            return re.sub(r"\$\{?([A-Z_]+)\}?", lambda match: values[match[1]], str(text))

        values = {name: resolved(value) for name, value in values.items()}
        given = dict(resolved(pair).split("=", 1) for pair in build["options"]["env"])
        del given["CARGO_HOME"]  # The machine's own: crates are not fetched anew.
        return {"HOME": os.environ["HOME"], "PATH": f"{self.bin}:{os.environ['PATH']}", "TMPDIR": str(self.work),
                "FAKE_GCLOUD_STATE": str(self.state), "CARGO_TARGET_DIR": str(self.target), **given,
                **({"COMPILE": "yes"} if compile else {}), **{n: v for n, v in os.environ.items() if n.startswith(("RUSTUP", "CARGO_"))
                                                             and n != "CARGO_TARGET_DIR"}}

    # What the cloud holds.

    def put(self, name, source):
        """A file of the bucket, as somebody else puts it there."""
        self.gcloud("storage", "cp", str(source), f"gs://{BUCKET}/{name}")

    def gcloud(self, *words):
        subprocess.run([self.bin / "gcloud", *words], check=True, capture_output=True,
                       env={**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", "FAKE_GCLOUD_STATE": str(self.state)})

    def load(self, name, default):
        path = self.state / name
        return json.loads(path.read_text()) if path.exists() else default

    def bucket(self):
        folder = self.state / "objects" / BUCKET
        return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}

    def pointer(self):
        found = self.bucket().get("champion.json")
        return json.loads(found.read_text()) if found else None

    def generation(self):
        return self.load("generations.json", {}).get(f"gs://{BUCKET}/champion.json", 0)

    def releases(self):
        return self.load("releases.json", {})

    def act(self, release, action):
        """Whether an action of a release's rollout succeeds, as Cloud Deploy runs it now."""
        made = self.releases()[release]
        environment = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", "FAKE_GCLOUD_STATE": str(self.state)}
        return subprocess.run(made["actions"][action], env={**environment, **made["deployParameters"]}, capture_output=True).returncode == 0

    def serving(self):
        """The release that each door serves."""
        return self.load("serving.json", {})

    def roll_back(self, *arguments):
        """What a person runs on his own machine: (status, what it says)."""
        done = subprocess.run([ROOT / ".ci/cloud/roll-back", *arguments], capture_output=True, text=True,
                              env={"PATH": f"{self.bin}:{os.environ['PATH']}", "FAKE_GCLOUD_STATE": str(self.state)})
        return done.returncode, done.stdout + done.stderr

    def kept_models(self):
        return {path.name: path for path in (self.state / "generic").rglob("*") if path.is_file()}

    def calls(self):
        return self.load("calls.json", [])

    def fault(self, **fault):
        """The next call of this number dies; calls are counted from now."""
        (self.state / "calls.json").unlink(missing_ok=True)
        (self.state / "fault.json").unlink(missing_ok=True)
        if fault:
            (self.state / "fault.json").write_text(json.dumps(fault))


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
