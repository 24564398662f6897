"""`terraform/` without a cloud: formatted, valid by the providers' real schemas, its contracts tested, its policies
scanned; and every mistake of `mistakes.py` caught by the check that is named there."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "provider")]
from mistakes import MISTAKES  # noqa: E402
from suite import Suite  # noqa: E402
from workbench import Workbench  # noqa: E402

ROOT = HERE.parents[2]
SOURCES = ROOT / "terraform"
BLOCK = re.compile(r'^(variable|output) "(\w+)"', re.M)
SKIP = re.compile(r"#\s*checkov:skip=(\w+)(?::(.*))?")
TRIGGER_FILE = re.compile(r'^\s+(?:filename|path)\s+= "([^"]+\.ya?ml)"', re.M)
SUBSTITUTION = re.compile(r"\b(_[A-Z][A-Z_]*)\s*=[^=]")


class Terraform:
    """The checks, each on a folder that holds a copy of `terraform/`: (whether it passes, what it says)."""

    def __init__(self, bench):
        self.bench = bench
        self.checks = {
            "fmt": self.fmt,
            "validate": self.validate,
            "test": self.test,
            "validate of lambda": lambda folder: self.validate(folder / "lambda"),
            "test of lambda": lambda folder: self.test(folder / "lambda"),
            "order": self.order,
            "settings": self.settings,
            "builds": self.builds,
            "checkov": self.checkov,
        }

    def caught_by(self, name, folder):
        """The check of that name; `test NAME` is the one file of tests that looks at what the mistake is about."""
        if name.startswith("test ") and name not in self.checks:
            return self.test(folder, f"-filter=tests/{name.removeprefix('test ')}.tftest.hcl")
        return self.checks[name](folder)

    def fmt(self, folder):
        status, said = self.bench.run(folder, "fmt", "-check", "-recursive", "-no-color")
        return status == 0, said

    def ready(self, folder):
        """Initialises once; a copy is of the same providers, so it takes the folder over from the first."""
        cache = self.bench.folder / ("initialised-" + folder.name)
        if (folder / ".terraform").exists():
            return 0, ""
        if cache.exists():
            shutil.copytree(cache / ".terraform", folder / ".terraform", symlinks=True)
            shutil.copy(cache / ".terraform.lock.hcl", folder)
            return 0, ""
        status, said = self.bench.run(folder, "init", "-no-color", "-input=false")
        if status == 0:
            cache.mkdir()
            shutil.copytree(folder / ".terraform", cache / ".terraform", symlinks=True)
            shutil.copy(folder / ".terraform.lock.hcl", cache)
        return status, said

    def validate(self, folder):
        status, said = self.ready(folder)
        if status == 0:
            status, said = self.bench.run(folder, "validate", "-no-color")
        return status == 0, said

    def test(self, folder, *only):
        status, said = self.ready(folder)
        if status == 0:
            status, said = self.bench.run(folder, "test", "-no-color", *only)
        return status == 0, said

    @staticmethod
    def order(folder):
        """Variables and outputs stand in alphabetical order, each in its file alone, and each says what it is."""
        faults = []
        for file in sorted(folder.rglob("*.tf")):
            text = file.read_text()
            blocks = BLOCK.findall(text)
            names = [name for _, name in blocks]
            if names != sorted(names):
                faults.append(f"{file.name}: {', '.join(names)}")
            faults += [f"{file.name}: {kind} {name} stands elsewhere" for kind, name in blocks if file.name != kind + "s.tf"]
            if len(blocks) != len(re.findall(r"^  description\s+= \"", text, re.M)) and file.name in ("variables.tf", "outputs.tf"):
                faults.append(f"{file.name}: not every block has a description")
        return not faults, "\n".join(faults)

    @staticmethod
    def settings(folder):
        """Every variable, and each member of its object, is read outside of the file that declares it."""
        faults = []
        for file in (folder / "variables.tf", folder / "lambda/variables.tf"):
            others = "\n".join(other.read_text() for other in file.parent.glob("*.tf") if other != file)
            for block in re.split(r"^(?=variable )", file.read_text(), flags=re.M)[1:]:
                name = BLOCK.match(block).group(2)
                for member in re.findall(r"^    (\w+) += (?:optional\(|string|number|bool|list)", block, re.M) or [""]:
                    setting = f"var.{name}" + (f".{member}" if member else "")
                    # A dynamic block may walk over the whole object.
                    if not re.search(re.escape(setting) + r"\b", others) and not re.search(r"(\[var\.%s\]|= var\.%s$)" % (name, name), others, re.M):
                        faults.append(f"{setting} is read nowhere")
        return not faults, "\n".join(faults)

    @staticmethod
    def builds(folder):
        """The triggers start files that there are, and tell them nothing that they do not read."""
        text = (folder / "build.tf").read_text()
        faults, files = [], TRIGGER_FILE.findall(text)
        told = set(SUBSTITUTION.findall(text))
        if len(files) != 2 or not told:
            faults.append(f"build.tf names {files} and {sorted(told)}")
        read = set()
        for file in files:
            if (ROOT / file).exists():
                read |= set(re.findall(r"^  (_[A-Z][A-Z_]*):", (ROOT / file).read_text(), re.M))
            else:
                faults.append(f"{file} is not there")
        faults += [f"{name} is told and not read" for name in sorted(told - read) if read]
        return not faults, "\n".join(faults)

    @staticmethod
    def checkov(folder):
        done = subprocess.run(
            [pathlib.Path(sys.executable).parent / "checkov", "-d", folder, "--framework", "terraform", "--skip-download", "--quiet", "--compact", "-o", "json"],
            capture_output=True, text=True,
        )
        report = json.loads(done.stdout)
        failed = [f"{fault['check_id']} {fault['resource']}: {fault['check_name']}" for fault in report["results"]["failed_checks"]]
        summary = report["summary"]
        return not failed and not summary["parsing_errors"] and summary["passed"] > 0, "\n".join(failed) or str(summary)


def gcloud_lines(shell):
    """Each gcloud command of a text of shell, with a word in place of what stands for a value."""
    inner = re.compile(r"\$\(((?:[^()']|'[^']*')*)\)")
    while found := inner.search(shell):
        shell = shell[: found.start()] + "x1" + shell[found.end() :] + "\n" + found.group(1)
    lines = re.findall(r"gcloud (?:[^|;\"'\n]|'[^']*'|\"[^\"]*\")*", shell)
    words = (re.sub(r"[A-Z]{2,}\w*", "x1", line.split(" -- ")[0].split("#")[0]).replace("'", "").strip() for line in lines)
    return sorted({line for line in words if len(line.split()) > 3})


def guide(suite):
    """The guide's commands are commands: each gcloud line by gcloud's linter, each file that it names is there."""
    text = (SOURCES / "README.md").read_text()
    written = {"terraform/terraform.tfvars", "terraform/lambda/terraform.tfvars", "terraform/lambda/function.zip"}
    paths = set(re.findall(r"(?<![\w/.-])(?:functions|terraform|\.ci)/[\w./-]+", text)) - written
    suite.equal(f"the {len(paths)} files that the guide names are there", sorted(path for path in paths if not (ROOT / path.rstrip(".")).exists()), [])
    lines = gcloud_lines("\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S) + re.findall(r"`(gcloud [^`]+)`", text)))
    if not shutil.which("gcloud"):
        print(f"left out: the {len(lines)} gcloud lines of the guide are not linted, for there is no gcloud here", flush=True)
        return
    with tempfile.NamedTemporaryFile("w", suffix=".json") as commands:
        json.dump([{"command_string": line} for line in lines], commands)
        commands.flush()
        done = subprocess.run(["gcloud", "meta", "lint-gcloud-commands", f"--commands-file={commands.name}"], capture_output=True, text=True)
    found = json.loads(done.stdout) if done.returncode == 0 else [{"command_string": "gcloud", "success": False, "error_message": done.stderr[-500:]}]
    faults = [f"{one['command_string']}: {one['error_message'][:300]}" for one in found if not one["success"]]
    suite.check(f"{len(lines)} gcloud lines of the guide are commands of gcloud", len(found) == len(lines) > 15 and not faults, "\n".join(faults))


def tests_of(said):
    counted = re.search(r"(\d+) passed, (\d+) failed", said)
    return int(counted.group(1)) if counted else 0


def own_checks(suite, terraform, folder):
    """What is there passes every check."""
    for name, check in terraform.checks.items():
        passes, said = check(folder)
        detail = f"{tests_of(said)} runs" if passes and name.startswith("test") else "" if passes else said[-3000:]
        suite.check(name, passes, detail)
    skips = [(file, *found) for file in folder.rglob("*.tf") for found in SKIP.findall(file.read_text())]
    unreasoned = [f"{file.name} {code}" for file, code, reason in skips if len(reason.split()) < 5]
    suite.equal(f"each of {len(skips)} skips of checkov gives its reason", unreasoned, [])
    suite.equal("no lock file of the stand-in is committed", [str(file) for file in SOURCES.rglob(".terraform.lock.hcl")], [])


def planted(suite, terraform, bench):
    """Each mistake is caught by its check."""
    for number, mistake in enumerate(MISTAKES):
        folder = bench.copy(SOURCES, "terraform")
        file = folder / mistake.file
        text = file.read_text()
        name = f"mistake {number + 1}, {mistake.name}: caught by {mistake.caught_by}"
        if text.count(mistake.right) == 0:
            suite.check(name, False, f"{mistake.file} has no {mistake.right!r} any more")
            continue
        file.write_text(text.replace(mistake.right, mistake.wrong, 1))
        passes, said = terraform.caught_by(mistake.caught_by, folder)
        flat = " ".join(said.replace("│", " ").split())
        suite.check(name, not passes and mistake.says in flat, "" if not passes and mistake.says in flat else f"passes {passes}: {said[-1500:]}")


def main(work):
    suite, begin = Suite(), time.monotonic()
    shutil.rmtree(work, ignore_errors=True)
    bench = Workbench(work, SOURCES)
    suite.equal("the schemas are those of the providers' versions that the files ask for", {name: version.split(".")[0] for name, version in bench.versions.items()}, {"google": "8", "aws": "6"})
    terraform = Terraform(bench)
    own_checks(suite, terraform, bench.copy(SOURCES, "terraform"))
    guide(suite)
    planted(suite, terraform, bench)
    print(f"{time.monotonic() - begin:.0f} s", flush=True)
    suite.finish()


if __name__ == "__main__":
    main(sys.argv[1])
