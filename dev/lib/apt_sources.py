"""Read this machine's apt sources, both formats, and derive one with another suite."""

import re
from pathlib import Path

ETC = Path("/etc/apt")
OS_RELEASE = Path("/etc/os-release")
STABLE = "stable"
# Suites that are not a distribution of their own
SIDE_SUITE = re.compile(r"(-|/)(security|updates|backports|proposed)")
KEPT = ("URIs", "Signed-By", "Trusted", "Architectures")


def os_release(path=None):
    """The system's own description: ``ID``, ``VERSION_CODENAME``, ..."""
    path = path or OS_RELEASE
    if not path.is_file():
        return {}
    pairs = re.findall(r'^(\w+)="?([^"\n]*)"?$', path.read_text("utf-8"), re.M)
    return dict(pairs)


def find_source(etc=None, release=None):
    """The first Debian source for this system's own suite, as fields, or ``None``."""
    etc = etc or ETC
    release = os_release() if release is None else release
    if release.get("ID") != "debian":
        return None
    names = {release.get("VERSION_CODENAME"), "stable", "testing", "sid", "unstable"}
    for source in read_sources(etc):
        suites = [s for s in source["Suites"].split() if not SIDE_SUITE.search(s)]
        if names & set(suites) and "main" in source.get("Components", "").split():
            return source
    return None


def read_sources(etc):
    """All enabled ``deb`` sources, in apt's order."""
    files = [etc / "sources.list"]
    parts = etc / "sources.list.d"
    files += sorted(parts.glob("*.sources")) + sorted(parts.glob("*.list"))
    for path in files:
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            read = read_deb822 if path.suffix == ".sources" else read_one_line
            yield from read(text)


def read_deb822(text):
    """Sources in the stanza format."""
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if not line.startswith("#")]
        fields, key = {}, None
        for line in lines:
            if line[:1] in (" ", "\t") and key:
                fields[key] += "\n" + line
            elif ":" in line:
                key, value = line.split(":", 1)
                fields[key] = value.strip()
        types = fields.get("Types", "").split()
        if "deb" in types and fields.get("Enabled", "yes") != "no":
            fields.setdefault("Suites", "")
            yield fields


def read_one_line(text):
    """Sources in the format of one line each: ``deb [options] uri suite main``."""
    names = {"signed-by": "Signed-By", "arch": "Architectures", "trusted": "Trusted"}
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^]]*)\]\s*)?(\S+)\s+(\S+)\s*([^#]*)", line)
        if not match:
            continue
        options, uri, suite, components = match.groups()
        fields = {"URIs": uri, "Suites": suite, "Components": components.strip()}
        for option in (options or "").split():
            name, _, value = option.partition("=")
            if name.lower() in names:
                fields[names[name.lower()]] = value.replace(",", " ")
        yield fields


def render(source, suite):
    """The same source with another suite, in the stanza format."""
    lines = ["Types: deb", f"Suites: {suite}", "Components: main"]
    lines += [f"{name}: {source[name]}" for name in KEPT if source.get(name)]
    return "\n".join(lines) + "\n"
