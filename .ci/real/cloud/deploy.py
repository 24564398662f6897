"""What Cloud Deploy releases: service files, skaffold.yaml, the check of a new revision, the last act of a rollout, and the
pipeline; the Dockerfile by hadolint. Files are tried with the function itself wherever it can run them."""

import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
import messages  # noqa: E402
from suite import Client, Suite, free_port, process, wait_for  # noqa: E402

ROOT = HERE.parents[2]
DEPLOY = ROOT / "functions/predict/deploy"
TERRAFORM = ROOT / "terraform"
KINDS = {"api": "", "bigquery": "-bigquery", "dashboard": "-dashboard"}
PLACEHOLDER = re.compile(r"^(\s*[\w./-]+: ).*? # from-param: (.*)$", re.M)
# What the files must say. Here it is said a second time, so that nobody changes it by chance.
MEMORY, CONCURRENCY, PROBES = "128Mi", 250, {"startupProbe": "/health/ready", "livenessProbe": "/health/live"}
CLOUDSDK = "gcr.io/google.com/cloudsdktool/google-cloud-cli:528.0.0-slim"
ACTIONS = {"check-champion": "predeploy", "move-champion": "postdeploy"}
# Cloud Deploy's longest name, of a rollout: RELEASE-to-TARGET-0001. What .ci/cloud/release makes of a version, a commit, _AGAIN
# and a generation; and what a service of the longest name is called at its longest door.
LONGEST_NAME, LONGEST_RELEASE, LONGEST_DOOR = 63, len("r-0123456789ab-0123456-aaa-g999"), len("-dashboard")
SKAFFOLD_KEYS = {
    "": {"apiVersion", "kind", "metadata", "deploy", "profiles", "verify", "customActions"},
    "metadata": {"name"}, "deploy": {"cloudrun"}, "profiles": {"name", "manifests"}, "profiles.manifests": {"rawYaml"},
    "verify": {"name", "container"}, "verify.container": {"name", "image", "command", "args", "env"}, "verify.container.env": {"name", "value"},
    "customActions": {"name", "containers"}, "customActions.containers": {"name", "image", "command", "args"},
}


def default(name):
    """The default of an attribute of Terraform's variable `service`."""
    block = (TERRAFORM / "variables.tf").read_text().split('variable "service"')[1]
    return re.search(rf'\b{name}\s*=\s*optional\(\w+, "?([^)"]+)"?\)', block).group(1)


def parameters():
    """Cloud Deploy's parameters, as delivery.tf hands them over by default, and the one that a release brings."""
    block = re.search(r"deploy_parameters = \{(.*?)\n  \}", (TERRAFORM / "delivery.tf").read_text(), re.S).group(1)
    values = {"release": "none", "concurrency": str(CONCURRENCY), "cpu": "1"}
    for name, source in re.findall(r"(\w+)\s+= (?:tostring\()?var\.([\w.]+)", block):
        values[name] = "PROJECT" if source == "project" else default(source.removeprefix("service."))
    return values


def filled(text, values):
    """The file as Cloud Deploy releases it: values behind `from-param`, quoted where the file has quotes."""
    def put(found):
        value = re.sub(r"\$\{(\w+)\}", lambda name: values[name.group(1)], found.group(2))
        return found.group(1) + (f'"{value}"' if '"' in found.group(0).split(" # ")[0] else value)
    return PLACEHOLDER.sub(put, text)


def service_faults(kind, text):
    """What is wrong with a service file."""
    faults = []

    def equal(name, value, expected):
        if value != expected:
            faults.append(f"{kind}: {name} is {value!r} instead of {expected!r}")

    try:
        values = parameters()
        equal("what stands before the placeholders", yaml.safe_load(filled(text, values)), yaml.safe_load(text))
        body = yaml.safe_load(filled(text, {**values, "project": "another-project", "service": "another", "rate_limit": "7", "release": "r-1"}))
        template, suffix = body["spec"]["template"], KINDS[kind]
        spec, annotations = template["spec"], template["metadata"]["annotations"]
        [container] = spec["containers"]
        equal("name", body["metadata"]["name"], "another" + suffix)
        equal("proxy", body["metadata"]["annotations"].get("run.googleapis.com/iap-enabled"), "true" if kind == "dashboard" else None)
        equal("policy of images", body["metadata"]["annotations"].get("run.googleapis.com/binary-authorization"), "default")
        equal("release", annotations.get("churn/release"), "r-1")
        equal("identity", spec["serviceAccountName"], "churn-serve@another-project.iam.gserviceaccount.com")
        equal("generation", annotations["run.googleapis.com/execution-environment"], "gen1")
        equal("throttling", annotations["run.googleapis.com/cpu-throttling"], "true")
        equal("most instances", annotations["autoscaling.knative.dev/maxScale"], default("max_instances"))
        equal("timeout", spec["timeoutSeconds"], int(default("timeout_seconds")))
        equal("concurrency", spec["containerConcurrency"], CONCURRENCY)
        equal("limits", container["resources"]["limits"], {"cpu": "1", "memory": MEMORY})
        equal("image, which a release replaces by digest", container["image"], "churn-predict")
        equal("ports", container["ports"], [{"name": "http1", "containerPort": 8080}])
        for probe, path in PROBES.items():
            equal(probe, container[probe]["httpGet"], {"path": path, "port": 8080})
        secrets = {one["name"]: one["valueFrom"]["secretKeyRef"]["name"] for one in container["env"] if "valueFrom" in one}
        keys = {} if suffix else {"API_KEYS_SHA256": "churn-api-keys"}
        equal("secrets", secrets, {**keys, "CUSTOMER_ID_KEY": "churn-customer-id-key"})
        plain = {one["name"]: one["value"] for one in container["env"] if "value" in one}
        equal("environment", plain, {"GOOGLE_CLOUD_PROJECT": "another-project", "MAX_IN_FLIGHT": default("max_in_flight"), "PREDICTION_LOG": "rows", "RATE_LIMIT": "7"})
        if messages.available:
            faults += [f"{kind}: {fault}" for fault in messages.faults("run.Service", body)]
    except (KeyError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        faults.append(f"{kind}: {error!r}")
    return faults


def created_faults():
    """What Terraform creates a service with beside what its file says from the first release on."""
    shell = (TERRAFORM / "service.tf").read_text()
    container = yaml.safe_load((DEPLOY / "api.yaml").read_text())["spec"]["template"]["spec"]["containers"][0]
    shapes = {name: (cpu, int(concurrency)) for name, cpu, concurrency in
              re.findall(r'(\w+)\s+= \{ cpu = "([\d.]+)", concurrency = (\d+) \}', shell)}
    faults = [] if shapes == {"standard": ("1", CONCURRENCY), "small": ("0.08", 1)} else [f"service.tf: {shapes}"]
    faults += [] if f'memory = "{MEMORY}"' in shell else ["service.tf: memory"]
    for probe, block in (("startupProbe", "startup_probe"), ("livenessProbe", "liveness_probe")):
        text = re.search(block + r" \{(.*?)\n      \}", shell, re.S).group(1)
        there = dict(re.findall(r'(\w+)\s+= "?([^"\s]+)"?', text))
        wanted = {"path": container[probe]["httpGet"]["path"], **{key: str(container[probe][name]) for key, name in
                  [("period_seconds", "periodSeconds"), ("timeout_seconds", "timeoutSeconds"), ("failure_threshold", "failureThreshold")]}}
        if there != wanted:
            faults.append(f"service.tf: {block} {there}, and the file says {wanted}")
    return faults


def strangers(value, path=""):
    """Keys of skaffold.yaml that it has no use for."""
    if isinstance(value, list):
        for part in value:
            yield from strangers(part, path)
    elif isinstance(value, dict) and path in SKAFFOLD_KEYS:
        yield from (f"{path}.{key}" for key in set(value) ^ SKAFFOLD_KEYS[path] if key not in SKAFFOLD_KEYS[path] or path)
        for key, part in value.items():
            yield from strangers(part, f"{path}.{key}".lstrip("."))


def skaffold_faults(text):
    """What is wrong with skaffold.yaml."""
    try:
        body = yaml.safe_load(text)
        faults = [f"skaffold.yaml: {key} is strange, or missing" for key in strangers(body)]
        files = {profile["name"]: profile["manifests"]["rawYaml"] for profile in body["profiles"]}
        if files != {kind: [f"{kind}.yaml"] for kind in KINDS}:
            faults.append(f"profiles: {files}")
        if body["deploy"] != {"cloudrun": {}}:
            faults.append("it does not deploy to Cloud Run")
        [check], actions = body["verify"], {action["name"]: action["containers"] for action in body["customActions"]}
        if check["container"]["env"] != [{"name": "SMOKE", "value": (DEPLOY / "smoke").read_text()}]:
            faults.append("SMOKE is another text than the file smoke")
        if actions.keys() != ACTIONS.keys():
            faults.append(f"actions: {sorted(actions)}")
        for name, [container] in actions.items():
            if not container["args"][0].endswith((ROOT / ".ci/cloud/pointer").read_text()) or container["args"][1:] != ["pointer", name.split("-")[0]]:
                faults.append(f"{name} is not the text of .ci/cloud/pointer")
            if not re.search(ACTIONS[name] + r' \{\s+actions = \["' + name, (TERRAFORM / "delivery.tf").read_text()):
                faults.append(f"the pipeline knows no {name}")
        containers = [check["container"], *(container for [container] in actions.values())]
        faults += [f"image {container['image']}" for container in containers if container["image"] != CLOUDSDK]
        # Cloud Build takes no argument that is longer.
        texts = [check["container"]["env"][0]["value"], *(container["args"][0] for container in containers)]
        faults += [f"a text of {len(part)} characters" for part in texts if len(part) > 10_000]
        return faults
    except (KeyError, ValueError, TypeError, OSError, yaml.YAMLError) as error:
        return [f"skaffold.yaml: {error!r}"]


@contextlib.contextmanager
def served(environment, **changes):
    port = free_port()
    with process([os.environ["FUNCTION"]], env={**environment, **changes, "PORT": str(port)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        wait_for(port)
        yield port


@contextlib.contextmanager
def impostor(answer):
    """A server of another kind: `answer(path)` gives status and body."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("content-length", 0)))
            status, body = answer(self.path)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def smoke(port, *key, **environment):
    done = subprocess.run([DEPLOY / "smoke", f"http://127.0.0.1:{port}", *key], env={**os.environ, **environment}, capture_output=True, text=True)
    return done.returncode, done.stdout


def try_smoke(suite, environment):
    """The script passes on the right service and on no other."""
    keys = {"API_KEYS_SHA256": hashlib.sha256(b"key").hexdigest()}
    with served(environment) as port:
        suite.equal("smoke: a service without keys", smoke(port), (0, "ok      it is healthy\nok      its model gives the answers that it promises\nok      it predicts\nok      it refuses a bad record\n"))
        metrics = Client(port).send("GET", "/metrics")[1].decode()
        counted = re.findall(r'^churn_predictions_total\{.*purpose="(.*?)"\} (\d+)', metrics, re.M)
        suite.equal("smoke: its prediction was a trial", counted, [("what-if", "1")])
        suite.equal("smoke: an empty key is no key", smoke(port, "")[0], 2)
        suite.equal("smoke: a door that needs no key", smoke(port, KEYS="none")[0], 0)
        version = json.loads(Client(port).send("GET", "/health")[1])["model_version"]
        suite.check("smoke: the model that was released", f"ok      it serves {version}\n" in smoke(port, MODEL=version)[1])
        status, said = smoke(port, MODEL="0123456789ab")
        suite.check("smoke fails: another model", status == 1 and "FAILED  it serves 0123456789ab" in said, "" if status == 1 else said)
        status, said = smoke(port, KEYS="required")
        suite.check("smoke fails: no key is asked for where one must be", status == 1 and "FAILED  it asks for a key" in said, "" if status == 1 else said)
        real = {path: Client(port).send("GET", path)[1] for path in ("/health", "/health/ready")}
    with served(environment, **keys) as port:
        suite.equal("smoke: with its key", smoke(port, "key")[0], 0)
        suite.check("smoke: without, it says that one is asked for", smoke(port)[0] == 0 and "it asks for a key" in smoke(port)[1])
        status, said = smoke(port, KEYS="none")
        suite.check("smoke fails: a key is asked for where nobody can send one", status == 1 and "FAILED  it predicts" in said)
        suite.equal("smoke: with keys where they must be", smoke(port, KEYS="required")[0], 0)
        suite.check("smoke: and so with an identity alone", smoke(port, TOKEN="token")[0] == 0)
        suite.equal("smoke: another key", smoke(port, "kex")[0], 1)
    status, said = smoke(free_port())
    suite.check("smoke: nobody there", status == 1 and "no answer" in said, "" if status == 1 else said)
    suite.equal("smoke: no address", subprocess.run([DEPLOY / "smoke"], capture_output=True).returncode, 2)
    good = json.dumps({"churn_probability": 0.5, "churn_prediction": "Yes", "risk_level": "HIGH", "model_version": "0123456789ab"}, separators=(",", ":")).encode()
    impostors = {
        "200 and a page": lambda path: (200, b"<html>hello</html>"),
        "503 all over": lambda path: (503, b"{}"),
        "200 and nothing": lambda path: (200, b""),
        "a golden row that differs": lambda path: (503, b'{"status":503}') if path == "/health/ready" else (200, real.get(path, good)),
        "a bad record is taken": lambda path: (200, real.get(path, good)),
        "everything needs a permission": lambda path: (403, b"forbidden"),
    }
    for name, answer in impostors.items():
        with impostor(answer) as port:
            status, said = smoke(port)
            suite.check(f"smoke fails: {name}", status == 1 and "FAILED" in said, "" if status == 1 else said)


FAKE_GCLOUD = f"#!{sys.executable}" + """
import os, pathlib, re, sys
folder, words = pathlib.Path(os.environ["FOLDER"]), sys.argv[1:]
with (folder / "calls").open("a") as calls: print(*words, file=calls)
pointer = folder / "champion.json"
if words[:2] == ["auth", "print-identity-token"] or words[:3] == ["deploy", "releases", "describe"]:
    name = re.search(r"deployParameters\\.(\\w+)", " ".join(words))
    print({"bucket": "b", "release": "r", "champion_version": os.environ["VERSION"], "champion_generation": "7",
           "champion_started": "100"}[name.group(1)] if name else "token")
elif words[:3] == ["storage", "objects", "describe"]:
    if os.environ.get("OUTAGE"): sys.exit(os.environ["OUTAGE"])
    if not pointer.exists(): sys.exit("gs://b/champion.json not found: 404.")
    print((folder / "generation").read_text())
elif words[:2] == ["storage", "cat"]:
    print(pointer.read_text())
elif words[:2] == ["storage", "cp"]:
    if "--if-generation-match=" + (folder / "generation").read_text() not in words: sys.exit(1)
    pointer.write_text((folder / words[2].rsplit("/", 1)[1]).read_text())
else:
    sys.exit(2)
"""
VERSION = "0123456789ab"


class Containers:
    """The texts that run in Cloud Deploy's containers, with a gcloud that only remembers."""

    def __init__(self, folder):
        body = yaml.safe_load((DEPLOY / "skaffold.yaml").read_text())
        self.check = body["verify"][0]["container"]
        self.actions = {action["name"]: action["containers"][0] for action in body["customActions"]}
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "gcloud").write_text(FAKE_GCLOUD)
        (folder / "gcloud").chmod(0o755)

    def run(self, container, **given):
        base = {"PATH": f"{self.folder}:{os.environ['PATH']}", "FOLDER": str(self.folder), "VERSION": VERSION}
        given = {**base, **{one["name"]: one["value"] for one in container.get("env", [])}, **given}
        return subprocess.run([*container["command"], *container["args"]], env=given, capture_output=True, text=True)


OF_A_RELEASE = {"CLOUD_DEPLOY_RELEASE": "r", "CLOUD_DEPLOY_PROJECT": "p", "CLOUD_DEPLOY_LOCATION": "l", "CLOUD_DEPLOY_DELIVERY_PIPELINE": "d"}


def try_check(suite, environment, containers):
    """The check of a new revision: of its own address, its model, and its keys."""
    keys = {"API_KEYS_SHA256": hashlib.sha256(b"key").hexdigest()}
    api = {**OF_A_RELEASE, "CLOUD_DEPLOY_TARGET": "churn-predict"}
    bigquery = {**OF_A_RELEASE, "CLOUD_DEPLOY_TARGET": "churn-predict-bigquery"}
    with served(environment, **keys) as port:
        # `*.localhost` is this machine, so that the address of a tag leads here too.
        urls = f"http://churn.localhost:{port},http://never.invalid"
        version = json.loads(Client(port).send("GET", "/health")[1])["model_version"]
        for phase in ("canary-5", "stable"):
            done = containers.run(containers.check, CLOUD_RUN_SERVICE_URLS=urls, CLOUD_DEPLOY_PHASE=phase, VERSION=version, **api)
            suite.check(f"verify: phase {phase}", done.returncode == 0 and "it asks for a key" in done.stdout, "" if done.returncode == 0 else done.stdout + done.stderr)
        suite.check("verify: the token is for the service", f"--audiences=http://churn.localhost:{port}\n" in (containers.folder / "calls").read_text())
        done = containers.run(containers.check, CLOUD_RUN_SERVICE_URLS=urls, **api)
        suite.check("verify: another model than the release's fails", done.returncode == 1 and f"FAILED  it serves {VERSION}" in done.stdout)
    done = containers.run(containers.check, CLOUD_RUN_SERVICE_URLS=urls, CLOUD_DEPLOY_PHASE="canary-5", **api)
    suite.check("verify: a dead revision fails", done.returncode == 1 and "no answer" in done.stdout, "" if done.returncode else done.stdout)
    with served(environment) as port:
        urls = f"http://churn.localhost:{port}"
        done = containers.run(containers.check, CLOUD_RUN_SERVICE_URLS=urls, VERSION=version, **api)
        suite.check("verify: an API without keys fails", done.returncode == 1 and "FAILED  it asks for a key" in done.stdout)
        done = containers.run(containers.check, CLOUD_RUN_SERVICE_URLS=urls, VERSION=version, **bigquery)
        suite.check("verify: BigQuery's door needs none, and predicts", done.returncode == 0 and "it predicts" in done.stdout)
    with served(environment, **keys) as port:
        done = containers.run(containers.check, CLOUD_RUN_SERVICE_URLS=f"http://churn.localhost:{port}", VERSION=version, **bigquery)
        suite.check("verify: BigQuery's door fails where it asks for one", done.returncode == 1 and "FAILED  it predicts" in done.stdout)
    done = containers.run(containers.check, **api)
    suite.check("verify: no address fails", done.returncode != 0 and "CLOUD_RUN_SERVICE_URLS" in done.stderr)


def try_actions(suite, containers):
    """Before and behind a rollout: which releases may go, and what the pointer names afterwards."""
    folder, check, move = containers.folder, containers.actions["check-champion"], containers.actions["move-champion"]

    def named(version, release, started):
        return f'{{"version":"{version}","release":"{release}","started":"{started}"}}'

    mine, other, older = named(VERSION, "r", 100), named("ba9876543210", "r-other", 50), named(VERSION, "r-before", 99)
    newer = named(VERSION, "r-behind", 101)
    (folder / "r.json").write_text(mine)
    for name, generation, before, may in [
            ("the pointer is where the build found it", "7", other, True), ("another model was first", "8", other, False),
            ("the same model, by a build that began before", "8", older, True), ("the same model, by a build that began later", "8", newer, False),
            ("the same model, by a build of which nobody says when", "8", f'{{"version":"{VERSION}","release":"r-before"}}', False),
            ("it is named already", "8", mine, True)]:
        (folder / "generation").write_text(generation)
        (folder / "champion.json").write_text(before)
        suite.equal(f"check-champion: {name}", (containers.run(check, **OF_A_RELEASE).returncode == 0, (folder / "champion.json").read_text()), (may, before))
        done = containers.run(move, **OF_A_RELEASE)
        suite.equal(f"move-champion: {name}", (done.returncode == 0, (folder / "champion.json").read_text()), (may, mine if may else before))
    (folder / "champion.json").unlink()
    first = {"bucket": "b", "release": "r", "champion_version": VERSION, "champion_generation": "0", "champion_started": "100"}
    suite.equal("check-champion: there is no pointer yet", containers.run(check, **first).returncode, 0)
    suite.check("check-champion: the pointer is gone", containers.run(check, **OF_A_RELEASE).returncode != 0)
    for outage in ["HttpError 503: backend error", "Status: 404 Response: b'Not Found'"]:
        suite.check(f"check-champion: no missing pointer is '{outage}'", containers.run(check, **first, OUTAGE=outage).returncode != 0)
    (folder / "generation").write_text("7")
    (folder / "champion.json").write_text(other)
    suite.check("move-champion: parameters from the environment go first", containers.run(move, **{**first, "champion_generation": "6"}).returncode != 0)
    for name, action in containers.actions.items():
        done = containers.run(action)
        suite.check(f"{name}: a release that nobody names fails", done.returncode != 0 and "CLOUD_DEPLOY_RELEASE" in done.stderr)


def names_fit():
    """Whether the longest rollout's name is one that Cloud Deploy takes."""
    [most] = re.findall(r'\^\[a-z\]\[a-z0-9-\]\{0,(\d+)\}\[a-z0-9\]\$", var\.service\.name', (TERRAFORM / "variables.tf").read_text())
    return LONGEST_RELEASE + len("-to-") + int(most) + 2 + LONGEST_DOOR + len("-0001") <= LONGEST_NAME


SERVICE_MISTAKES = [
    ("twice the memory", "api", "memory: 128Mi", "memory: 256Mi"),
    ("a probe of /healthz", "api", "/health/live", "/healthz"),
    ("a tag instead of a digest", "bigquery", "image: churn-predict", "image: churn-predict:latest"),
    ("a misspelt key", "api", "containerConcurrency", "containerConcurency"),
    ("a misspelt key that nobody asks for", "api", "periodSeconds: 10", "periodSecond: 10"),
    ("a variant that nobody can choose", "api", "${cpu}", "${service}"),
    ("images that no policy is asked about", "dashboard", "binary-authorization: default", "binary-authorization: none"),
    ("no revision for a release that brings keys alone", "api", "        churn/release: none # from-param: ${release}\n", ""),
    ("keys where nobody can send one", "bigquery", "            - name: CUSTOMER_ID_KEY", "            - name: API_KEYS_SHA256\n              valueFrom:\n                secretKeyRef: { name: churn-api-keys, key: latest }\n            - name: CUSTOMER_ID_KEY"),
    ("the page without its proxy", "dashboard", 'iap-enabled: "true"', 'iap-enabled: "false"'),
    ("a placeholder that the pipeline does not fill in", "api", "${rate_limit}", "${rate}"),
    ("a default that is not Terraform's", "api", 'maxScale: "10"', 'maxScale: "100"'),
    ("the second generation", "api", "environment: gen1", "environment: gen2"),
    ("everybody's identity", "api", "serviceAccountName: churn-serve@PROJECT.iam.gserviceaccount.com # from-param: churn-serve@${project}.iam.gserviceaccount.com\n", "serviceAccountName: default\n"),
]
SKAFFOLD_MISTAKES = [
    ("a misspelt key", "rawYaml: [api.yaml]", "rawYml: [api.yaml]"),
    ("another file", "[bigquery.yaml]", "[api.yaml]"),
    ("an action of another name", "  - name: move-champion\n    containers", "  - name: move-the-champion\n    containers"),
    ("a smoke test that says yes", "it refuses a bad record' 422", "it refuses a bad record' 200"),
    ("no condition on the generation", "--if-generation-match=", "--if-generation-notmatch="),
    ("another image", "google-cloud-cli:528.0.0-slim", "google-cloud-cli:stable"),
    ("a check that moves the pointer", "          - check\n", "          - move\n"),
]
PIPELINE_MISTAKES = [
    ("percentages in the wrong order", "percentages = var.canary.percentages", "percentages = reverse(var.canary.percentages)"),
    ("a misspelt key", "alert_policy_checks {", "alert_policy_check {"),
    ("nobody looks at the pointer before", '["check-champion"]', "[]"),
    ("a rollout that stays behind an older pointer", '"analysis", "postdeploy"]', '"analysis"]'),
    ("nobody verifies", "verify      = var.canary.verify", "verify      = false"),
    ("nobody takes a release back", "        rollback {\n          # Another", "        retry {\n          attempts = \"1\"\n          # Another"),
    ("the wrong alert", 'burn["canary-burn"].name]', 'burn["slow-burn"].name]'),
]


def pipeline(folder, text):
    """The contract of the pipeline, by Terraform's own tests, with this delivery.tf."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        copy = pathlib.Path(temporary) / "terraform"
        shutil.copytree(TERRAFORM, copy, ignore=shutil.ignore_patterns(".terraform*"))
        (copy / "delivery.tf").write_text(text)
        done = subprocess.run([os.environ["TERRAFORM_PYTHON"], HERE / "provider/use.py", folder / "bench", copy, "test", "-no-color", "-filter=tests/watch.tftest.hcl"],
                              capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def hadolint(text):
    command = pathlib.Path(sys.executable).parent / "hadolint"
    done = subprocess.run([command, "--failure-threshold", "style", "-"], input=text, capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def main(folder):
    suite = Suite()
    folder.mkdir(parents=True, exist_ok=True)
    if not messages.available:
        print("left out: Google's own messages of the service files, for want of gcloud")
    suite.equal("the files of services", {file.stem for file in DEPLOY.glob("*.yaml")}, {*KINDS, "skaffold"})
    for kind in KINDS:
        found = service_faults(kind, (DEPLOY / f"{kind}.yaml").read_text())
        suite.check(f"{kind}.yaml", not found, str(found) if found else "")
    found = created_faults()
    suite.check("Terraform creates the service as the file has it", not found, str(found) if found else "")
    for name, kind, old, new in SERVICE_MISTAKES:
        text = (DEPLOY / f"{kind}.yaml").read_text()
        assert old in text, name
        if messages.available or name != "a misspelt key that nobody asks for":
            suite.check(f"caught in a service file: {name}", service_faults(kind, text.replace(old, new)))

    text = (DEPLOY / "skaffold.yaml").read_text()
    found = skaffold_faults(text)
    suite.check("skaffold.yaml", not found, str(found) if found else "")
    for name, old, new in SKAFFOLD_MISTAKES:
        assert old in text, name
        suite.check(f"caught in skaffold.yaml: {name}", len(skaffold_faults(text.replace(old, new))) > len(found))

    body = yaml.safe_load((DEPLOY / "bigquery.yaml").read_text())["spec"]["template"]["spec"]["containers"][0]
    environment = {one["name"]: one["value"] for one in body["env"] if "value" in one}
    with served(environment, CUSTOMER_ID_KEY="a key of sixteen or more") as port:
        for probe in PROBES:
            suite.equal(f"{probe}: the function answers", Client(port).send("GET", body[probe]["httpGet"]["path"])[0], 200)
    try_smoke(suite, environment)
    containers = Containers(folder / "containers")
    try_check(suite, environment, containers)
    try_actions(suite, containers)
    suite.check("the longest name of a rollout is one that Cloud Deploy takes", names_fit())

    text = (TERRAFORM / "delivery.tf").read_text()
    holds, said = pipeline(folder, text)
    suite.check("the pipeline", holds, "" if holds else said[-2000:])
    for name, old, new in PIPELINE_MISTAKES:
        assert old in text, name
        holds, said = pipeline(folder, text.replace(old, new))
        suite.check(f"caught in the pipeline: {name}", not holds and ("rror" in said), "" if not holds else "the tests pass")

    text = (ROOT / "functions/predict/Dockerfile").read_text()
    holds, said = hadolint(text)
    suite.check("hadolint: the Dockerfile", holds, said)
    for name, old, new in [("a relative place", "COPY --chmod", "WORKDIR app\nCOPY --chmod"), ("two entry points", "ENTRYPOINT", 'ENTRYPOINT ["/sh"]\nENTRYPOINT'), ("a base without a version", "FROM scratch", "FROM debian")]:
        suite.check(f"caught in the Dockerfile: {name}", not hadolint(text.replace(old, new))[0])
    suite.finish()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
