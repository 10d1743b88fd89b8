"""Every page that people see is valid HTML without inline scripts and styles."""

import io
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from askfirst.errors import Unavailable
from consent.rights.own_files import Packed, Tell
from reports.sites.setup import make_setup_link
from tests.consent.accounts.hall import EMAIL, PASSWORD, SENDING, Hall, keep_mails
from tests.factories import a_view
from tests.server.test_site_deletion import signed_in, visitor_of
from tests.world import Browser, World, open_world

ROOT = Path(__file__).parents[2]
CHECKER = ROOT / "node_modules" / ".bin" / "html-validate"
WITHOUT = "node_modules/ is missing: npm ci makes it"
RULES = {
    "root": True,
    "extends": ["html-validate:recommended"],
    # Matters of taste, and roles that a table loses where narrow pages show its rows apart.
    "rules": dict.fromkeys(
        (
            "attr-quotes",
            "doctype-style",
            "no-implicit-input-type",
            "no-redundant-role",
            "no-trailing-whitespace",
            "prefer-native-element",
            "valid-id",
        ),
        "off",
    ),
}
STRANGE = "<script>\"'&amp;</script>/ü"


async def _pages(world: World) -> dict[str, str]:
    """Return every page of staff and for visitors, by its name, with something on each."""
    browser = world.browser()
    await browser.accept()
    await browser.send(a_view(path=f"/{STRANGE}"), a_view())
    await world.rows()
    other = world.browser()
    await other.refuse()
    stranger = world.browser().client
    link = await make_setup_link(world.services.ledger, world.services.clock)
    assert link
    pages = {"setup": (await stranger.get("/setup")).text, **await _own_pages(world, browser)}
    staff = await signed_in(world)
    site, visitor = world.site.key, visitor_of(browser, world)
    reports = {
        "overview": "",
        "overview by hours": "?period=today&by=hour",
        "all time": "?period=all",
        "list": "?show=pages",
        "countries": "?show=countries",
        "paths": "/paths",
        "used paths": "/paths?show=used&steps=2",
        "pages found": "/paths?find=/",
        "return": "/return",
        "visitors": "/visitors",
        "visitor": f"/visitors/{visitor}",
        "choices": "/choices",
        "records": "/records",
        "install": "/install",
        "wording": "/wording",
        "preview": "/wording/preview",
        "settings": "/settings",
        "mail": "/mail",
        "consent check": "/consent-check",
        "delete": "/delete",
    }
    public = ("policy", "choice", "receipt", "verify")
    asked = {
        **{name: f"/sites/{site}{path}" for name, path in reports.items()},
        **{name: f"/{name}/{site}" for name in public},
        "policy in Arabic": f"/policy/{site}?language=ar",
        "version": f"/policy/{site}/1",
        "sites": "/?all",
        "new site": "/sites/new",
        "account": "/account",
        "security log": "/account/log",
        "reset": "/reset",
        "not found": "/nothing",
    }
    for name, path in asked.items():
        answer = await staff.get(path, headers={"Accept": "text/html"})
        assert answer.status_code in (200, 404), (name, answer.status_code)
        pages[name] = answer.text
    csrf = re.search('name="csrf" value="([^"]+)"', pages["settings"])
    assert csrf
    forms = {
        "settings refused": (f"/sites/{site}/settings", {"name": "", "hosts": "", "time_zone": ""}),
        "site refused": ("/sites/new", {"name": "", "hosts": "", "ip_mode": "?"}),
        "find refused": (f"/sites/{site}/visitors/find", {"number": STRANGE}),
        "found": (f"/sites/{site}/visitors/find", {"number": visitor}),
        "password refused": ("/account/password", {"password_now": "x", "password_new": "y"}),
        "erase": (f"/sites/{site}/visitors/{visitor}/erase", {}),
        "review": (f"/sites/{site}/wording", {"do": "review", "language": "en"}),
        "erased": (f"/sites/{site}/visitors/{visitor}/erase", {"sure": "yes"}),
    }
    for name, (path, fields) in forms.items():
        answer = await staff.post(path, data={"csrf": csrf[1], **fields}, follow_redirects=True)
        pages[name] = answer.text
    refused = await stranger.post(
        "/sign-in", data={"email": STRANGE}, headers={"Origin": "http://askfirst.test"}
    )
    visitors = await _pages_of_accounts(world)
    return {**pages, "sign-in refused": refused.text, **visitors}


async def _pages_of_accounts(world: World) -> dict[str, str]:
    """Return the pages of a visitor's account, signed out, in and before closing."""
    hall = Hall(world)
    with pytest.MonkeyPatch.context() as patch:
        keep_mails(patch, hall.mails)
        guest = hall.guest()
        pages = {"visitor's account": await guest.see()}
        refused = await guest.do("register", email=STRANGE, new_password="short")
        pages["visitor's account refused"] = refused.text
        await guest.do("register", email=EMAIL, new_password=PASSWORD)
        link = hall.mail("confirm")["link"]
        pages["visitor's link"] = (await guest.client.get(link)).text
        await guest.open(link, password=PASSWORD)
        pages["visitor's own account"] = await guest.see()
        pages["visitor's account closing"] = (await guest.do("close")).text
    return pages


async def _own_pages(world: World, browser: Browser) -> dict[str, str]:
    """Return the pages of a visitor's file, and the page in the file without its style."""
    path, token = f"/my-data/{world.site.key}", {"token": browser.token}
    file = world.services.own_files.begin(world.site.id, ["x"], _never_made)
    assert file
    taken = await browser.client.post(path, data={**token, "do": "take"})
    with zipfile.ZipFile(io.BytesIO(taken.content)) as folder:
        in_file = folder.read("page.html").decode()
    return {
        "own file": (await browser.client.get(f"{path}/files/{file.name}")).text,
        "its progress": (await browser.client.get(f"{path}/files/{file.name}?progress")).text,
        "no own file": (await browser.client.get(f"{path}/files/x")).text,
        "in the file": re.sub("<style>.*?</style>", "", in_file, flags=re.DOTALL),
    }


async def _never_made(_tell: Tell) -> Packed:
    raise Unavailable(STRANGE)


def _complaints(folder: Path) -> list[str]:
    node = shutil.which("node")
    assert node
    (folder / ".htmlvalidate.json").write_text(json.dumps(RULES), encoding="utf-8")
    said = folder / "said.json"  # a pipe would lose what the checker has not written when it ends
    with said.open("w", encoding="utf-8") as output:
        subprocess.run(
            [node, CHECKER, "--formatter", "json", *sorted(folder.glob("*.html"))],
            cwd=folder,
            stdout=output,
            check=False,
        )
    return [
        f"{Path(file['filePath']).stem}:{one['line']}: {one['message']} ({one['ruleId']})"
        for file in json.loads(said.read_text(encoding="utf-8"))
        for one in file["messages"]
    ]


@pytest.mark.skipif(not CHECKER.exists() or not shutil.which("node"), reason=WITHOUT)
async def test_every_page_is_valid_html(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    async with open_world(tmp_path, **SENDING) as world:
        for name, text in (await _pages(world)).items():
            assert text.lstrip().startswith("<!doctype html>"), name
            assert not re.search(r"<style|<script(?![^>]* src=)|\sstyle=|\son[a-z]+=", text), name
            (folder / f"{name}.html").write_text(text, encoding="utf-8")

    assert _complaints(folder) == []
