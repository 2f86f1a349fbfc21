# SPDX-License-Identifier: BSD-2-Clause
"""The generated files are those that were last reviewed (abi/golden/, docs/reference/), the generator refuses
descriptions that contradict themselves, and two runs give the same bytes.

After a change that is meant: python3 abi/generate/generate.py --update, then look at the difference.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "abi" / "generate"), str(ROOT / "tests" / "checks")]

from checklib import Tap  # noqa: E402
from interface import DescriptionError, load  # noqa: E402

GENERATOR = [sys.executable, str(ROOT / "abi" / "generate" / "generate.py")]
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}

# (what is wrong, text to replace, replacement): each must be refused.
BROKEN = [
    ("a label used twice", "label = 13\n", "label = 12\n"),
    ("a hole in the labels", "label = 46\n", "label = 47\n"),
    ("an unknown error", 'code = "delete_first"', 'code = "delete_last"'),
    ("an unknown capability kind", 'cap = "untyped"', 'cap = "typed"'),
    ("an unknown type", 'type = "rights"', 'type = "wrongs"'),
    ("an unknown object", 'object = "asid_pool"', 'object = "asid_pond"'),
]


def run(*arguments):
    return subprocess.run(
        [*GENERATOR, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=ENVIRONMENT, check=False,
    )


def refused(old, new):
    """Whether the description with `old` replaced once is refused."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (ROOT / "abi").glob("*.toml"):
            text = path.read_text(encoding="utf-8")
            if path.name == "methods.toml":
                assert old in text
                text = text.replace(old, new, 1)
            (Path(folder) / path.name).write_text(text, encoding="utf-8")
        try:
            load(Path(folder))
        except DescriptionError:
            return True
    return False


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()}


def main():
    tap = Tap()
    for what, old, new in BROKEN:
        tap.point(refused(old, new), f"refuses {what}")
    tap.point(not refused("label = 13\n", "label = 13 \n"), "self-test: accepts what is right")
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        run("--all", one)
        run("--all", two)
        tap.point(contents(one) == contents(two) and len(contents(one)) > 5, "same bytes twice")
    checked = run("--check")
    tap.point(checked.returncode == 0, "generated text is as reviewed", checked.stdout.splitlines()[:60])
    wrong = run("--no-such-option")
    tap.point(wrong.returncode == 2, "a wrong command line is told so")
    tap.done()


main()
