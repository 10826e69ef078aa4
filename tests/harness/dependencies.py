"""Checks every dependency against deny.toml: no banned crate, no licence outside the list, no source but crates.io.

What cargo-deny would say of these, without installing it. A banned crate may be in Cargo.lock for a feature or a
platform that no one builds; so what counts is what is built, for Linux and with our own features.

It also holds the plan of the house: which crate may depend on what (WALLS below), and that every crate's tests are built
from the same dependencies, so that nothing is compiled twice (crates/dependencies).
"""

import json
import re
import subprocess
import sys
import tomllib

CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"
PLATFORM = "x86_64-unknown-linux-gnu"

DATABASES = {"rusqlite", "tokio-postgres", "deadpool-postgres", "redis", "countersign-store-sql", "countersign-store-redis"}
RUNTIMES = {"tokio", "axum", "hyper", "hyper-util", "reqwest"}
# Crate: what it must not name as an ordinary dependency (tests may).
WALLS = {
    "countersign-jose": RUNTIMES | DATABASES,
    "countersign-oauth": RUNTIMES | DATABASES,
    "countersign-store": DATABASES,
    "countersign-management": (RUNTIMES - {"tokio"}) | DATABASES | {"countersign-web", "countersign-provider"},
    "countersign-web": DATABASES | {"countersign-management", "countersign-provider", "countersign-client", "countersign"},
    "countersign-provider": DATABASES | {"countersign"},
    "countersign-client": DATABASES,
}
# Crates that no user receives: they may call the outside world as they like.
NOT_SHIPPED = {"countersign-testing", "countersign-bench", "countersign-model", "countersign-dependencies"}
# Dependency: the only crate that may name it.
SOLE_OWNERS = {"aws-lc-rs": "countersign-jose", "reqwest": "countersign-fetch"}


def main() -> int:
    with open("deny.toml", "rb") as file:
        rules = tomllib.load(file)
    packages = resolved_packages()
    faults = [fault for package in packages for fault in check(package, rules)]
    faults += banned_features(rules)
    faults += variants_of_one_crate(packages)
    for fault in faults:
        print(f"error: {fault}")
    print(f"{len(packages)} packages, {len(faults)} faults")
    return 1 if faults else 0


def resolved_packages() -> list[dict]:
    """cargo tree alone resolves features as a build does; cargo metadata knows licences and sources."""
    tree = cargo("tree", "--workspace", "--target", PLATFORM, "--prefix", "none", "--format", "{p}")
    built = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    metadata = json.loads(cargo("metadata", "--format-version", "1"))
    return [package for package in metadata["packages"] if (package["name"], "v" + package["version"]) in built]


def banned_features(rules: dict):
    """Features that deny.toml forbids and that something of the workspace, its tests included, switches on."""
    bans = {ban["crate"]: set(ban["deny"]) for ban in rules["bans"].get("features", [])}
    for built in sorted(built_features("--workspace")):
        name, *_, features = built.split(" ")
        for feature in sorted(bans.get(name, set()) & set(features.split(","))):
            yield f"{name} is built with the feature {feature}, which deny.toml bans"


def variants_of_one_crate(packages: list[dict]):
    """Dependencies that a crate's own tests would build with other features than the whole workspace's tests do."""
    shared = built_features("--workspace")
    for name in sorted(package["name"] for package in packages if package["source"] is None):
        # The list itself has no dev-dependencies that would complete its features, and an example is what a user would write.
        if name != "countersign-dependencies" and not name.startswith("countersign-example-"):
            for variant in sorted(built_features("--package", name) - shared):
                yield f"the tests of {name} build a variant of their own: {variant} (see crates/dependencies)"


def built_features(*selection: str) -> set[str]:
    tree = cargo("tree", *selection, "--edges", "normal,build,dev", "--target", PLATFORM, "--prefix", "none", "--format", "{p} {f}")
    lines = {line.removesuffix(" (*)") for line in tree.splitlines() if line}
    return {re.sub(r" \(/[^)]*\)", "", line).strip() for line in lines}


def cargo(*arguments: str) -> str:
    return subprocess.run(["cargo", *arguments, "--locked"], check=True, stdout=subprocess.PIPE, text=True).stdout


def check(package: dict, rules: dict):
    name = f"{package['name']} {package['version']}"
    for ban in rules["bans"]["deny"]:
        if package["name"] == ban["crate"]:
            yield f"{name} is banned: {ban['reason']} (cargo tree -i {package['name']} says who brings it)"
    if package["source"] is None:
        yield from breached_walls(package)
    if package["source"] not in (None, CRATES_IO):
        yield f"{name} comes from {package['source']}, not from crates.io"
    licence = package["license"]
    if licence is None:
        yield f"{name} names no licence"
    elif not allowed(licence, set(rules["licenses"]["allow"])):
        yield f"{name} has the licence {licence}, which deny.toml does not allow"


def breached_walls(package: dict):
    name = package["name"]
    for dependency in package["dependencies"]:
        if dependency["kind"] == "dev":
            continue
        if dependency["name"] in WALLS.get(name, ()):
            yield f"{name} must not depend on {dependency['name']}"
        owner = SOLE_OWNERS.get(dependency["name"], name)
        if name not in (owner, *NOT_SHIPPED):
            yield f"only {owner} may depend on {dependency['name']}, but {name} does"


def allowed(expression: str, licences: set[str]) -> bool:
    """Evaluates an SPDX expression: OR needs one side, AND both; AND binds tighter (SPDX 2.3, annex D)."""
    # An exception (WITH ...) only ever grants more than the licence itself. "A/B" is crates.io's old spelling of OR.
    expression = re.sub(r"\s+WITH\s+[\w.-]+", "", expression).replace("/", " OR ")
    tokens = re.findall(r"[()]|[\w.+-]+", expression)
    value, rest = alternatives(tokens, licences)
    return value and not rest


def alternatives(tokens: list[str], licences: set[str]) -> tuple[bool, list[str]]:
    value, rest = conjunction(tokens, licences)
    while rest[:1] == ["OR"]:
        right, rest = conjunction(rest[1:], licences)
        value = value or right
    return value, rest


def conjunction(tokens: list[str], licences: set[str]) -> tuple[bool, list[str]]:
    value, rest = term(tokens, licences)
    while rest[:1] == ["AND"]:
        right, rest = term(rest[1:], licences)
        value = value and right
    return value, rest


def term(tokens: list[str], licences: set[str]) -> tuple[bool, list[str]]:
    if tokens[:1] == ["("]:
        value, rest = alternatives(tokens[1:], licences)
        return value, rest[1:]
    return tokens[0] in licences, tokens[1:]


if __name__ == "__main__":
    sys.exit(main())
