"""Control groups: the limits that Linux sets to this process, and to the groups above its own."""

from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
MINE = Path("/proc/self/cgroup")


def limits_of(
    controller: str, second: str, first: str, cgroups: Path = CGROUPS, mine: Path = MINE
) -> list[str]:
    """Return what the files of a controller say, which may be missing, of this and higher groups.

    `second` is the file's name in version 2, `first` in version 1 (the kernel's cgroup-v2 and
    cgroup-v1 documents); within a container, the own group is mostly the root of what is visible.
    """
    found = []
    for line in read(mine).splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if not controllers or controller in controllers.split(","):
            name = first if controllers else second
            roots = (cgroups / controller,) if controllers else (cgroups, cgroups / "unified")
            group = Path(path.strip("/"))
            found += [root / one / name for root in roots for one in (group, *group.parents)]
    return [read(file).strip() for file in found]


def read(file: Path) -> str:
    """Return the text of a file of the kernel, or '' where there is none."""
    try:
        return file.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
