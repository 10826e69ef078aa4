"""Keeps ARCHITECTURE.md true: the list of every file, and the paths that it names.

    python3 tests/harness/map.py            check
    python3 tests/harness/map.py --write    write the list anew

What only tests contain is left out.
"""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

PAGE = Path("ARCHITECTURE.md")
BEGIN = "<!-- files: tests/harness/map.py --write -->\n"
END = "<!-- /files -->\n"
WIDTH = 110
PATH = re.compile(r"`((?:[\w-]+/)+src/[\w/.-]+)`")


def main() -> int:
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    listed, after = rest.split(END)
    files = source_files()
    wanted = "```\n" + listing(files) + "```\n"
    if "--write" in sys.argv[1:]:
        PAGE.write_text(before + BEGIN + wanted + END + after)
        return 0
    faults = [f"{path} is named and does not exist" for path in named(before + after) if not exists(path)]
    if listed != wanted:
        faults.append("the list of files is out of date: python3 tests/harness/map.py --write")
    for fault in faults:
        print(f"error: {PAGE}: {fault}")
    print(f"map: {len(files)} files")
    return 1 if faults else 0


def source_files() -> list[Path]:
    tracked = subprocess.run(["git", "ls-files", "crates"], check=True, capture_output=True, text=True).stdout
    # During a merge a file may be listed more than once.
    return [path for path in map(Path, sorted(set(tracked.splitlines()))) if is_source(path)]


def is_source(path: Path) -> bool:
    is_code = path.suffix in {".rs", ".lua"} and path.parts[2] == "src"
    is_for_tests = path.parts[1] in {"model", "testing"} or {"suite", "tests"} & set(path.parts)
    return is_code and not is_for_tests and not path.stem.endswith(("tests", "suite"))


def listing(files: list[Path]) -> str:
    """A line for each folder: its files, without the ending that nearly all have."""
    folders: dict[str, list[str]] = {}
    for path in files:
        folder = "/".join(path.parts[1:-1])
        name = path.stem if path.suffix == ".rs" else path.name
        if name != "lib":
            folders.setdefault(folder, []).append(name)
    lines = []
    for folder in sorted(folders):
        names = " ".join(sorted(folders[folder], key=lambda name: (name != "mod", name)))
        lines += textwrap.wrap(f"{folder}/: {names}", WIDTH, subsequent_indent="    ", break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def named(text: str) -> list[str]:
    return PATH.findall(text)


def exists(path: str) -> bool:
    return (Path("crates") / path).exists()


if __name__ == "__main__":
    sys.exit(main())
