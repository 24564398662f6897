"""Runs Terraform on the stand-in, for whoever edits the files: `use.py WORK SOURCES ARGUMENT...` initialises a fresh
copy of SOURCES in the folder WORK, and runs `terraform ARGUMENT...` there."""

import sys

from workbench import Workbench


def main(work, sources, *arguments):
    bench = Workbench(work, sources)
    copy = bench.copy(sources, "copy")
    status, said = bench.run(copy, "init", "-no-color", "-input=false")
    if status == 0:
        status, said = bench.run(copy, *arguments)
    print(said, end="")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
