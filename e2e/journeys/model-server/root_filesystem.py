"""Makes the root filesystem of the model server's image: this interpreter, the packages it needs, and nothing else.

    root_filesystem.py DESTINATION

Run it with the interpreter that trained the models: scikit-learn's stored models want the version that stored them.
Leaves out tests and whatever a server never imports, keeps compiled modules so that a pod starts fast; about 280 MB, most
of it scipy and numpy.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, distribution, files
from pathlib import Path

NEEDED = ["scikit-learn", "skops", "PyYAML"]
SOURCES = ["server.py", "artifact.py", "inference.py", "metrics.py"]
UNUSED_STDLIB = ["test", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "pydoc_data", "site-packages",
                 "dist-packages", "distutils", "venv", "_tkinter*"]  # fmt: skip
LEFT_OUT = re.compile(r"(^|/)(tests?|include|_examples?|datasets/(data|images|descr))/|\.(pxd|pyx|pyi|h|hpp|a|tp)$")


def closure(names: list[str]) -> list[str]:
    """The distributions and what they require, without extras and without what is not installed here."""
    found: dict[str, None] = {}
    todo = list(names)
    while todo:
        name = todo.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in found:
            continue
        try:
            requires = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        found[key] = None
        todo += [re.match(r"[\w.-]+", line).group() for line in requires if "extra ==" not in line]
    return list(found)


def use_compiled(root: Path) -> None:
    """Marks compiled modules as valid whatever the time of their source: an image fixes all times, and a pod that had to
    compile everything again would take three times as long to start."""
    hash_based_and_unchecked = (1).to_bytes(4, "little")
    for compiled in root.rglob("*.pyc"):
        content = compiled.read_bytes()
        compiled.write_bytes(content[:4] + hash_based_and_unchecked + content[8:])


def copy_packages(target: Path) -> None:
    for name in closure(NEEDED):
        for file in files(name) or []:
            if ".." in file.parts or LEFT_OUT.search(file.as_posix()):
                continue
            destination = target / file
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file.locate(), destination)


def shared_libraries(binaries: list[Path], root: Path) -> dict[str, Path]:
    """Libraries that the loader finds outside of the image, by file name; the loader itself under its full path."""
    found: dict[str, Path] = {}
    for binary in binaries:
        listing = subprocess.run(["ldd", str(binary)], capture_output=True, text=True, check=False).stdout
        for line in listing.splitlines():
            match = re.match(r"\s*(?:(\S+) => )?(/\S+) \(0x", line)
            if match is None:
                continue
            path = Path(match.group(2))
            if root.resolve() not in path.resolve().parents:
                found[str(path) if match.group(1) is None else match.group(1)] = path
    return found


def main() -> None:
    root = Path(sys.argv[1])
    here = Path(__file__).parent
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    python = root / "usr/bin" / version
    stdlib = root / "usr/lib" / version
    python.parent.mkdir(parents=True)
    shutil.copy2(os.path.realpath(sys.executable), python)
    (root / "usr/bin/python3").symlink_to(version)
    shutil.copytree(
        sysconfig.get_path("stdlib"), stdlib, ignore=shutil.ignore_patterns(*UNUSED_STDLIB, "config-*"), symlinks=False
    )
    copy_packages(root / "srv/packages")
    (root / "srv/server").mkdir()
    for source in SOURCES:
        shutil.copy2(here / source, root / "srv/server")
    for name, path in shared_libraries([python, *root.rglob("*.so"), *root.rglob("*.so.*")], root).items():
        destination = root / (name.lstrip("/") if name.startswith("/") else f"usr/lib/{name}")
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path.resolve(), destination)
    use_compiled(root)
    (root / "tmp").mkdir(mode=0o1777)


if __name__ == "__main__":
    main()
