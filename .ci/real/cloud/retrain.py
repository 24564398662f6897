"""The builds, run from their own YAML on a played cloud: retrain.py WORK_FOLDER

Good data promotes, damaged data does not; a build that is cut off anywhere leaves the champion as it was, and the next one
finishes the job. Needs CHURN (the command line), CLOUD_TARGET (a target folder), cargo-auditable on PATH, and PyYAML.
"""

import csv
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from steps import COMMIT, Place, sha256
from suite import Client, Suite, free_port, process, wait_for

RETRAIN, RELEASE = "functions/jobs/deploy/retrain.yaml", "cloudbuild.yaml"
SETTINGS = """
[selection]
candidates = ["gradient_boosting"]
folds = 2
repeats = 1
[boosting]
trees = {trees}
max_depth = 3
learning_rate = 0.1
subsample = 0.6
column_sample_by_node = 1
"""



class Told(Suite):
    """Says the end of a build's output where a check fails, and nothing where it holds."""

    def check(self, name, holds, detail=""):
        super().check(name, holds, "" if holds else detail[-600:])


suite = Told()
work = pathlib.Path(sys.argv[1]).resolve()
CHURN = os.environ["CHURN"]
place = Place(work, CHURN, os.environ["CLOUD_TARGET"])


def churn(*arguments):
    subprocess.run([CHURN, *map(str, arguments)], check=True, capture_output=True)


def rewritten(source, target, change):
    rows = list(csv.DictReader(source.open()))
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(change(rows))


def shuffled(rows):
    labels = [row["Churn"] for row in rows]
    random.Random(1).shuffle(labels)
    return [{**row, "Churn": label} for row, label in zip(rows, labels)]


def prepare():
    """The champion of the checkout, 15 trees on 2,000 customers, and newer customers for a challenger of 60 trees."""
    shutil.rmtree(work / "data", ignore_errors=True)
    data = work / "data"
    data.mkdir()
    for name, rows, seed in [("old", 2000, 1), ("new", 3000, 2), ("newer", 3000, 3)]:
        churn("sample", "--rows", rows, "--seed", seed, "-o", data / f"{name}.csv")
    rewritten(data / "new.csv", data / "shuffled.csv", shuffled)
    rewritten(data / "new.csv", data / "unlabelled.csv", lambda rows: [{**row, "Churn": "perhaps"} for row in rows])
    (data / "champion.toml").write_text(SETTINGS.format(trees=15))
    (data / "training.toml").write_text(SETTINGS.format(trees=60))
    artifacts = data / "model-artifacts"
    churn("train", "--data", data / "old.csv", "--config", data / "champion.toml", "--out", artifacts)
    churn("promote", "--challenger", artifacts / "challenger.msgpack", "--out", artifacts)
    for left in ["challenger.msgpack", "challenger.card.json", "report.html"]:
        (artifacts / left).unlink()
    return data


def start(customers="new"):
    """An empty cloud with these customers."""
    place.empty_cloud()
    place.put("labelled/current.csv", data / f"{customers}.csv")
    place.fault()


def retrain(**options):
    place.checkout(data / "model-artifacts")
    shutil.copy(data / "training.toml", place.workspace / "training.toml")
    return place.run(RETRAIN, _TRAINING="training.toml", **options)


def release(**options):
    place.checkout(data / "model-artifacts")
    return place.run(RELEASE, **options)


def good():
    """A better challenger: everything happens, once, and the image holds the model that the pointer names."""
    start()
    stopped, output = retrain(compile=True)
    suite.check("better data: the build succeeds", stopped is None, output)
    pointer = place.pointer() or {}
    version = pointer.get("version")
    suite.equal("the pointer names version, hash, commit, snapshot, release and when its build began", sorted(pointer),
                ["git", "release", "sha256", "snapshot", "started", "version"])
    suite.equal("the version is the hash's beginning, and the commit the build's",
                (version, pointer.get("git")), (pointer.get("sha256", "")[:12], COMMIT))
    kept = place.kept_models()
    suite.equal("the repository of models has artifact and card", sorted(kept), [f"{version}.card.json", f"{version}.msgpack"])
    suite.equal("the artifact is what the pointer says", sha256(kept[f"{version}.msgpack"]), pointer["sha256"])
    suite.equal("the snapshot is kept under its hash", sha256(place.bucket()[f"snapshots/{pointer['snapshot']}.csv"]), sha256(data / "new.csv"))
    card = json.loads(kept[f"{version}.card.json"].read_text())
    suite.equal("the card names the snapshot too", card["data"]["sha256"], pointer["snapshot"])
    [(name, made)] = place.releases().items()
    suite.equal("one release, whose name tells model and commit", name, f"r-{version}-{COMMIT[:7]}")
    suite.equal("its rollout succeeded, once", made["rollouts"], ["SUCCEEDED"])
    suite.equal("it knows what the pointer was", made["deployParameters"]["champion_generation"], "0")
    suite.equal("a build without an attestor signs nothing", place.load("attestations.json", {}), {})
    calls = place.calls()
    suite.check("the pointer is moved by the rollout alone, after the release",
                calls.index("deploy releases create") < len(calls) - 1 - calls[::-1].index("storage cp"), str(calls[-4:]))
    image(made["image"], pointer)
    served(pointer)
    return version


def image(name, pointer):
    """The pushed image, read as what it is: an OCI layout."""
    digest = name.rpartition("sha256:")[2]
    tag = (place.state / "digests" / digest).read_text()
    blobs = place.state / "images" / tag / "blobs/sha256"
    suite.equal("its tag tells model and commit", tag, f"{pointer['version']}-{COMMIT[:7]}")
    manifest = json.loads((blobs / digest).read_text())
    config = json.loads((blobs / manifest["config"]["digest"].partition(":")[2]).read_text())["config"]
    labels = config["Labels"]
    suite.equal("the image's labels are the commit and the model's hash",
                (labels["org.opencontainers.image.revision"], labels["churn.model.sha256"]), (COMMIT, pointer["sha256"]))


def served(pointer):
    """The function that went into the image says which model it has."""
    port = free_port()
    binary = place.workspace / "target/cloud/context/churn-predict"
    with process([str(binary)], env={"PORT": str(port)}, stdout=subprocess.DEVNULL):
        wait_for(port)
        info = json.loads(Client(port).send("GET", "/model_info")[1])
        ready = Client(port).send("GET", "/health/ready")[0]
    suite.equal("the function in the image serves the promoted version", (info["model_version"], ready), (pointer["version"], 200))


def again(version):
    """The same customers a week later."""
    before = place.pointer(), place.generation(), place.releases()
    stopped, output = retrain()
    suite.check("the same customers again: the build succeeds and says that there is nothing new",
                stopped is None and "the same customers give the champion again" in output, output)
    suite.equal("and nothing has changed", (place.pointer(), place.generation(), place.releases()), before)
    place.put("labelled/current.csv", data / "newer.csv")
    stopped, output = retrain()
    after = place.pointer()
    suite.check("new customers are judged against the champion of the pointer",
                stopped is None and f"the champion is {version}" in output, output)
    suite.check("and replace it", after["version"] not in (None, version) and before[1] < place.generation(), str(after))


def bad():
    start("shuffled")
    stopped, output = retrain()
    suite.check("shuffled labels: the build succeeds", stopped is None, output)
    suite.check("the log has the gate's reasons", "REFUSED" in output and "the gate refuses the challenger" in output)
    suite.equal("nothing ships: no model, no image, no release, no pointer",
                (place.kept_models(), (place.state / "images").exists(), place.releases(), place.pointer()), ({}, False, {}, None))
    suite.equal("the snapshot that was refused is kept all the same", sum(name.startswith("snapshots/") for name in place.bucket()), 1)
    start("unlabelled")
    suite.equal("data that is none fails the build at the training", retrain()[0], "train")
    start()
    (place.bucket()["labelled/current.csv"]).unlink()
    suite.equal("missing data fails it at the snapshot", retrain()[0], "snapshot")
    suite.equal("a build of no commit fails at once", retrain(COMMIT_SHA="")[0], "test")


def finishes(name, version):
    """The next build gets to the end, and makes nothing twice."""
    place.fault()
    stopped, output = retrain()
    pointer = place.pointer() or {}
    rollouts = [state for made in place.releases().values() for state in made["rollouts"]]
    kept = sorted(place.kept_models())
    suite.check(f"{name}: the next build finishes the job",
                stopped is None and pointer.get("version") == version and rollouts.count("SUCCEEDED") == 1
                and len(place.releases()) == 1 and kept == [f"{version}.card.json", f"{version}.msgpack"],
                output)


def cut_between_steps(version):
    place.checkout(data / "model-artifacts")
    import yaml
    steps = [step["id"] for step in yaml.safe_load((place.workspace / RETRAIN).read_text())["steps"]]
    suite.check("there are eleven steps", len(steps) == 11, str(steps))
    for step in steps[:-1]:
        start()
        retrain(until=step)
        name = f"cut off behind {step}"
        suite.equal(f"{name}: the champion is what it was", (place.pointer(), place.releases()), (None, {}))
        finishes(name, version)


def cut_in_calls(version):
    """Each call that changes something dies before it does, and after it did, when nobody hears of it."""
    changes = [("storage cp", 2, "the snapshot"), ("artifacts generic upload", 1, "the upload of the artifact"),
               ("artifacts generic upload", 2, "the upload of the card"), ("storage cp", 3, "the note of the champion"),
               ("deploy releases create", 1, "the release"), ("storage cp", 4, "the move of the pointer")]
    for command, call, what in changes:
        for when in ["before", "after"]:
            start()
            place.fault(command=command, call=call, when=when)
            stopped, _ = retrain()
            name = f"killed {when} {what}"
            # Cloud Deploy is another machine: a release that was made goes on, whatever becomes of the build that made it.
            # An object that is there is stored, whatever its call said, and the build goes on.
            stored = when == "after" and what in ("the snapshot", "the note of the champion")
            moved = stored or (when == "after" and what in ("the release", "the move of the pointer"))
            suite.equal(f"{name}: the champion is {'the new one' if moved else 'what it was'}",
                        (place.pointer() or {}).get("version"), version if moved else None)
            if what != "the move of the pointer":
                suite.equal(f"{name}: the build {'goes on' if stored else 'fails'}", stopped is None, stored)
            if not moved:
                finishes(name, version)


def verdicts(version):
    """Cloud Deploy says no, and later yes."""
    start()
    (place.state / "rollout.txt").write_text("fail")
    stopped, _ = retrain()
    suite.equal("a canary that fails leaves the champion as it was", (stopped, place.pointer()), (None, None))
    (place.state / "rollout.txt").unlink()
    finishes("a canary that failed", version)


def concurrent(version):
    """Somebody else moves the pointer while a build is under way."""
    start()
    other = {"version": sha256(data / "model-artifacts/champion.msgpack")[:12], "sha256": sha256(data / "model-artifacts/champion.msgpack"),
             "git": COMMIT, "snapshot": sha256(data / "old.csv"), "release": "r-other", "started": "1"}
    (data / "other.json").write_text(json.dumps(other, separators=(",", ":")))

    def elsewhere():
        for suffix in ["msgpack", "card.json"]:
            place.gcloud("artifacts", "generic", "upload", "--project=acme-churn", "--location=europe-west1", "--repository=churn-models",
                         "--package=churn-model", f"--version={other['version']}",
                         f"--source={data}/model-artifacts/history/{other['version']}.{suffix}")
        place.put("champion.json", data / "other.json")

    retrain(between={"image": elsewhere})
    suite.equal("a pointer that was moved meanwhile is not moved again", place.pointer(), other)
    suite.equal("and the rollout counts as failed, and never had traffic",
                ([made["rollouts"] for made in place.releases().values()], place.serving()), ([["FAILED"]], {}))
    generation = place.generation()
    stopped, output = retrain()
    suite.equal("the next build starts from the moved pointer, under a release of its own, and finishes",
                (stopped, place.pointer()["version"], sorted(place.releases())),
                (None, version, [f"r-{version}-{COMMIT[:7]}", f"r-{version}-{COMMIT[:7]}-g{generation % 1000}"]))


def outages(version):
    """What cannot be known is not taken for an answer."""
    start()
    place.fault(command="storage objects describe", call=1, when="before", message="HTTPError 503: backend error")
    suite.equal("a pointer that cannot be read fails the build: it is not a missing one", retrain()[0], "champion")
    for message in ["Failed to retrieve a token: Status: 404 Response: b'Not Found'", "HTTPError 503: backend error for gs://shop-404/champion.json"]:
        start()
        place.fault(command="storage objects describe", call=1, when="before", message=message)
        suite.equal(f"nor is it by the words of '{message[:30]}...'", retrain()[0], "champion")
    start()
    retrain()
    (place.bucket()["champion.json"]).unlink()
    stopped, output = retrain()
    suite.check("a pointer that is gone is not one that never was", stopped == "champion" and "is gone" in output, output)
    start()
    retrain()
    place.kept_models()[f"{version}.msgpack"].write_bytes(b"damaged")
    suite.equal("a champion that is not what the pointer says fails the build", retrain()[0], "champion")
    start()
    retrain(until="promote")
    folder = place.state / f"generic/churn-models/churn-model/{version}"
    folder.mkdir(parents=True)
    (folder / f"{version}.msgpack").write_bytes(b"other")
    stopped, output = retrain()
    suite.check("other bytes under the version are an error", stopped == "artifact" and "other bytes" in output, output)
    suite.equal("and the champion is what it was", (place.pointer(), place.releases()), (None, {}))


def pushes(version):
    """The release build: the pointer's champion, and without a pointer the committed one."""
    start()
    retrain()
    later = "f" * 40
    stopped, output = release(COMMIT_SHA=later)
    suite.equal("a push ships the champion that the pointer names", (stopped, sorted(place.releases())),
                (None, sorted([f"r-{version}-{COMMIT[:7]}", f"r-{version}-{later[:7]}"])))
    suite.equal("under the pointer of that release", (place.pointer()["version"], place.pointer()["release"]), (version, f"r-{version}-{later[:7]}"))
    suite.check("which says so where a committed champion is another", "is not released" in output, output)
    stopped, _ = release(COMMIT_SHA=later)
    suite.equal("the same push again makes nothing", (stopped, [len(made["rollouts"]) for made in place.releases().values()]), (None, [1, 1]))
    stopped, _ = release(COMMIT_SHA=later, _AGAIN="k2")
    suite.equal("but for one that asks for a release of its own, which brings new keys", (stopped, place.serving()["churn-predict"]),
                (None, f"r-{version}-{later[:7]}-k2"))
    suite.equal("its revision is told apart by that name", place.releases()[f"r-{version}-{later[:7]}-k2"]["deployParameters"]["release"],
                f"r-{version}-{later[:7]}-k2")
    suite.equal("another name than three letters or digits is refused", release(COMMIT_SHA=later, _AGAIN="key2")[0], "release")
    place.empty_cloud()
    key = "projects/acme-churn/locations/europe-west1/keyRings/churn/cryptoKeys/image/cryptoKeyVersions/1"
    signed = {"_ATTESTOR": "projects/acme-churn/attestors/churn", "_ATTESTOR_KEY": key}
    stopped, output = release(**signed)
    committed = sha256(data / "model-artifacts/champion.msgpack")
    suite.equal("the first push of all ships the committed champion and makes the pointer",
                (stopped, (place.pointer() or {}).get("sha256"), (place.pointer() or {}).get("snapshot")), (None, committed, sha256(data / "old.csv")))
    release(**signed)
    suite.equal("an attestor signs each digest once", [len(signed) for signed in place.load("attestations.json", {}).values()], [1])
    stale(version)
    overtaken()


def stale(version):
    """A push whose rollout is slow, and a retraining that overtakes it."""
    start()
    release()
    place.put("labelled/current.csv", data / "new.csv")
    retrain()
    newest = place.pointer()
    name = next(name for name in place.releases() if version not in name)
    place.gcloud("deploy", "releases", "promote", f"--release={name}", "--delivery-pipeline=churn-predict", "--region=europe-west1",
                 "--project=acme-churn", "--to-target=churn-predict")
    suite.equal("a rollout of an older model never moves the pointer backward", (newest["version"], place.pointer()), (version, newest))
    serving = {release for release in place.serving().values()}
    suite.equal("nor takes traffic, at any door", serving, {f"r-{version}-{COMMIT[:7]}"})


def overtaken():
    """Two pushes with one model; the older one has the slower build."""
    start()
    older, newer = "1" * 40, "2" * 40
    release()
    # The newer push begins within the older one's build, a second later, and ends before it.
    def meanwhile():
        time.sleep(1.1)
        place.checkout(data / "model-artifacts")
        assert place.run(RELEASE, COMMIT_SHA=newer)[0] is None
        (place.workspace / "target/cloud").joinpath("started").write_text(began)
        (place.workspace / "target/cloud").joinpath("generation").write_text(generation)

    place.checkout(data / "model-artifacts")
    place.run(RELEASE, until="champion", COMMIT_SHA=older)
    began, generation = [(place.workspace / "target/cloud" / name).read_text() for name in ["started", "generation"]]
    place.run(RELEASE, COMMIT_SHA=older, between={"champion": lambda: None, "image": meanwhile})
    [name] = [name for name in place.releases() if older[:7] in name]
    suite.equal("an older push that ends later does not take the newer code away", (place.releases()[name]["rollouts"], place.serving()["churn-predict"][-7:]),
                (["FAILED"], newer[:7]))
    stopped, _ = release(COMMIT_SHA=older)
    suite.equal("but one that is built again on purpose does", (stopped, place.serving()["churn-predict"].split("-")[2]), (None, older[:7]))
    latest = place.serving()["churn-predict"]
    status, said = place.roll_back(name.replace(older[:7], newer[:7]), "the older code is wrong")
    suite.check("roll-back: to a release, where the code is wrong and not the model",
                status == 0 and set(place.serving().values()) == {name.replace(older[:7], newer[:7])} and latest != name, said)
    suite.check("the release that was wrong is carried no further, and cannot move the pointer again",
                place.releases()[latest].get("abandoned") and not place.act(latest, "move-champion"))
    suite.equal("which refuses no model", [one for one in place.bucket() if one.startswith("refused/")], [])


def under_way(version):
    """A person goes back while the next model has some of the traffic."""
    start()
    release()
    first = place.pointer()
    (place.state / "rollout.txt").write_text("wait")
    retrain()
    name = f"r-{version}-{COMMIT[:7]}"
    suite.equal("before: the new model is a canary", (place.pointer(), place.releases()[name]["rollouts"]), (first, ["IN_PROGRESS"]))
    status, said = place.roll_back(first["version"], "the canary is wrong")
    suite.check("roll-back: also from a canary", status == 0 and place.releases()[name]["rollouts"] == ["CANCELLED"], said)
    suite.check("the canary's model is refused", f"refused/{version}" in place.bucket(), said)
    suite.check("and could not move the pointer any more", not place.act(name, "move-champion"))
    suite.equal("every door is back", set(place.serving().values()), {first["release"]})
    (place.state / "rollout.txt").unlink()


def by_hand(version):
    """A person goes back to the model before, and no retraining undoes it."""
    start()
    release()
    first = place.pointer()["version"]
    retrain()
    suite.equal("before: the new model serves", (place.pointer()["version"], set(place.serving().values())), (version, {f"r-{version}-{COMMIT[:7]}"}))
    for name, arguments in [("a version that there never was", ("0123456789ab", "why")), ("no version", ("latest", "why")), ("no reason", (first,))]:
        suite.check(f"roll-back: {name} is refused", place.roll_back(*arguments)[0] != 0)
    suite.equal("and nothing has changed", place.pointer()["version"], version)
    for command, call in [("deploy delivery-pipelines describe", 1), ("deploy releases list", 1), ("deploy rollouts list", 1), ("storage cp", 3),
                          ("storage cp", 4), ("deploy targets rollback", 1), ("deploy targets rollback", 2)]:
        place.fault(command=command, call=call, when="before")
        status, said = place.roll_back(first, "too many calls")
        suite.check(f"roll-back: cut off at call {call} of {command}, it says so", status != 0 and "run it again" in said, said)
    place.fault()
    doors = place.load("serving.json", {})
    (place.state / "serving.json").write_text(json.dumps({"churn-predict-bigquery": doors["churn-predict-bigquery"]}))
    status, said = place.roll_back(first, "too many calls")
    suite.check("roll-back: a door that cannot go back keeps no other from it, and is named",
                status != 0 and "given" in said and "churn-predict\n" in said and place.serving() == {"churn-predict-bigquery": f"r-{first}-{COMMIT[:7]}"}, said)
    (place.state / "serving.json").write_text(json.dumps(doors))
    status, said = place.roll_back(first, "too many calls")
    suite.check("roll-back: run again, it finishes", status == 0, said)
    suite.equal("the pointer and every door are back", (place.pointer()["version"], place.serving()),
                (first, {door: f"r-{first}-{COMMIT[:7]}" for door in ["churn-predict", "churn-predict-bigquery"]}))
    before = place.pointer(), place.serving()
    stopped, output = retrain()
    suite.check("the same customers do not bring the refused model back", stopped is None and "was rolled back once" in output, output)
    suite.equal("nor does anything else change", (place.pointer(), place.serving()), before)
    suite.check("the release of the refused one is carried no further", place.releases()[f"r-{version}-{COMMIT[:7]}"].get("abandoned"))
    suite.check("the refused one is not to be had by hand either", "itself is refused" in place.roll_back(version, "why")[1])
    place.bucket()[f"refused/{version}"].unlink()
    stopped, _ = retrain(_AGAIN="a")
    suite.equal("once nobody refuses it, it ships again", (stopped, place.pointer()["version"]), (None, version))


began = time.monotonic()
work.mkdir(parents=True, exist_ok=True)
data = prepare()
version = good()
again(version)
bad()
cut_between_steps(version)
cut_in_calls(version)
verdicts(version)
concurrent(version)
outages(version)
pushes(version)
under_way(version)
by_hand(version)
print(f"{time.monotonic() - began:.0f} s")
for left in ["workspace", "cloud", "storage", "run", "data"]:
    shutil.rmtree(work / left, ignore_errors=True)
suite.finish()
