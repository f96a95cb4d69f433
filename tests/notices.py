"""What NOTICE must tell of the SPARQL editor: ``make notices`` prints each package that its files hold, with licence and holders.

The packages are those that the editor's own source map names; licence and holders are read from their ``package.json`` and
licence files, as npm installs them for that version of the editor.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

EDITOR: Final = "@zazuko/yasgui@4.6.2"
_PACKAGE: Final = re.compile(r"node_modules/((?:@[^/]+/)?[^/]+)")
_HOLDER: Final = re.compile(r"^[\s*/]*((?:Portions )?Copyright\b.*?)\s*(?:\*/)?$", re.MULTILINE | re.IGNORECASE)
_TEMPLATE: Final = re.compile(
    r"copyright (?:notice|owner|holder|license|statement|law)|\[yyyy\]|copyrights? in|copyright and related rights|and/or",
    re.IGNORECASE,
)


def main(folder: Path) -> None:
    """Print the list, one package a line, in the order of their names."""
    command = ["npm", "install", "--prefix", str(folder), "--no-save", "--ignore-scripts", "--silent", EDITOR]
    subprocess.run(command, check=True, timeout=300)
    modules = folder / "node_modules"
    names = held(modules / "@zazuko" / "yasgui" / "build" / "yasgui.min.js.map")
    for name in names:
        sys.stdout.write(f"{line(modules / name)}\n")


def held(source_map: Path) -> list[str]:
    """The names of the packages that a file was made of."""
    sources = json.loads(source_map.read_text())["sources"]
    return sorted({found[-1] for source in sources if (found := _PACKAGE.findall(source))})


def line(package: Path) -> str:
    """Name, version, licence and holders; where no licence file names one, the author of ``package.json``."""
    about = json.loads((package / "package.json").read_text())
    texts = [file.read_text(errors="replace") for file in sorted(package.iterdir()) if _is_licence(file)]
    holders = [found for text in texts for found in _HOLDER.findall(text) if not _TEMPLATE.search(found)]
    author = about.get("author") or "nobody"
    named = author if isinstance(author, str) else author.get("name", "nobody")
    told = "; ".join(dict.fromkeys(holders)) or f"no holder in a licence file; author: {named}"
    return f"{about['name']} {about['version']} | {about.get('license', about.get('licenses'))} | {told}"


def _is_licence(file: Path) -> bool:
    return file.is_file() and bool(re.match(r"(un)?licen[cs]e|copying|notice", file.name, re.IGNORECASE))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main(Path(place))
