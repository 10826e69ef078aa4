"""Checks that no top-level modules of a crate import each other in a circle.

What a module names as `crate::...` counts, its tests left out, and names that the crate's root re-exports count as
the module that they come from. Held for the crates that others build on.
"""

import re
import sys
from pathlib import Path

CRATES = ["provider", "web", "store"]
COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
TESTS = re.compile(r"#\[cfg\(test\)\]\s*mod ")
REEXPORT = re.compile(r"use (\w+)(?:::\w+)*::(\{[^}]*\}|\w+);")
# The names right after `crate::`: one, or those of a list.
NAMED = re.compile(r"\bcrate::(\w+|\{(?:[^{}]|\{[^{}]*\})*\})")
INNER = re.compile(r"::(?:\w+::)*(?:\w+|\*|\{[^{}]*\})")


def main() -> int:
    faults = 0
    for crate in CRATES:
        imports = imports_between_modules(Path("crates", crate, "src"))
        for circle in circles(imports):
            print(f"error: modules of {crate} import each other: {' -> '.join(circle)}")
            faults += 1
        print(f"{crate}: {len(imports)} modules")
    return 1 if faults else 0


def imports_between_modules(root: Path) -> dict[str, set[str]]:
    """Module: the modules that it imports."""
    paths = (path for path in root.rglob("*.rs") if not path.stem.endswith("tests"))
    files = {path: module_of(path.relative_to(root)) for path in paths}
    modules = {module for module in files.values() if module != "lib"}
    origins = {name: module for module, name in reexports((root / "lib.rs").read_text())}
    imports = {module: set() for module in modules}
    for path, module in files.items():
        if module == "lib":
            continue
        for name in named(path.read_text()):
            imported = name if name in modules else origins.get(name)
            if imported in modules and imported != module:
                imports[module].add(imported)
    return imports


def module_of(path: Path) -> str:
    return path.parts[0].removesuffix(".rs")


def reexports(source: str):
    for module, names in REEXPORT.findall(source):
        for name in re.findall(r"\w+", names):
            yield module, name


def named(source: str):
    code = COMMENT.sub("", TESTS.split(source)[0])
    for names in NAMED.findall(code):
        yield from re.findall(r"\w+", INNER.sub("", names))


def circles(imports: dict[str, set[str]]):
    """A circle for every module that reaches itself, each told once."""
    told = set()
    for start in sorted(imports):
        if start in told:
            continue
        way = way_back(imports, start)
        if way:
            told.update(way)
            yield way


def way_back(imports: dict[str, set[str]], start: str) -> list[str]:
    ways = [[start, following] for following in sorted(imports[start])]
    seen = set()
    for way in ways:
        last = way[-1]
        if last == start:
            return way
        if last not in seen:
            seen.add(last)
            ways += [[*way, following] for following in sorted(imports[last])]
    return []


if __name__ == "__main__":
    sys.exit(main())
