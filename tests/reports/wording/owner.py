"""An owner who edits a site's wording through its pages."""

from html.parser import HTMLParser

import httpx2
from sqlalchemy import insert

from askfirst.store.ledger.tables import staff
from consent.policy.editing import Editing
from tests.factories import NOON
from tests.reports.garden import EMAIL, HASH, PASSWORD
from tests.reports.reading import Reading
from tests.world import World

SAME_ORIGIN = {"Origin": "http://askfirst.test"}


class Owner:
    """The owner of a world's site, signed in, before the pages of its wording."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.path = f"/sites/{world.site.key}/wording"
        self.client = httpx2.AsyncClient(
            transport=world.client._transport, base_url="http://askfirst.test"
        )

    async def sign_in(self) -> None:
        owner = {"email": EMAIL, "password_hash": HASH, "created_at": NOON}
        async with self.world.services.ledger.write() as connection:
            await connection.execute(insert(staff), [owner])
        form = {"email": EMAIL, "password": PASSWORD}
        answer = await self.client.post("/sign-in", data=form, headers=SAME_ORIGIN)
        assert answer.status_code == 303

    async def read(self, path: str = "") -> Reading:
        answer = await self.client.get(self.path + path)
        assert answer.status_code == 200, answer.text
        return Reading(answer.text)

    async def filled(self, language: str = "en") -> dict[str, str]:
        """Return every field of the form as a browser would send it."""
        page = await self.read(f"?language={language}")
        return form_of(page)

    async def write(
        self, language: str = "en", leave_out: tuple[str, ...] = (), **changes: str
    ) -> httpx2.Response:
        data = await self.filled(language)
        data |= {name.replace("__", "."): text for name, text in changes.items()}
        data = {name: text for name, text in data.items() if name not in leave_out}
        answer = await self.client.post(self.path, data=data)
        assert answer.status_code in (200, 303), answer.text
        return answer

    async def publish(self, **more: str) -> httpx2.Response:
        page = await self.read("/review")
        fields = {n: page.fields[n] for n in ("csrf", "fingerprint") if n in page.fields}
        return await self.client.post(f"{self.path}/publish", data=fields | more)

    @property
    def policy(self):
        return self.world.services.book.policy(self.world.site)


class Fields(HTMLParser):
    """Reads what a browser would send of a form: texts, ticked boxes, chosen options."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.open = ""
        self.select = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input":
            self._input(name, given)
        elif tag == "textarea":
            self.open, self.found[name] = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option":
            self._option(given)

    def _input(self, name, given):
        if given.get("type") != "checkbox" or "checked" in given:
            self.found[name] = given.get("value") or ("on" if "checked" in given else "")

    def _option(self, given):
        if "selected" in given or self.select not in self.found:
            self.open = "" if "value" in given else self.select
            self.found[self.select] = given.get("value") or ""

    def handle_data(self, data):
        if self.open:
            self.found[self.open] += data

    def handle_endtag(self, tag):
        if tag in ("textarea", "option"):
            self.open = ""


def form_of(page: Reading) -> dict[str, str]:
    reader = Fields()
    reader.feed(page.html)
    return reader.found


async def shown(owner: Owner, language: str = "en") -> dict:
    answer = await owner.client.get(f"/wording/{owner.world.site.key}.json?lang={language}")
    return answer.json()


def editing_of(owner: Owner) -> Editing:
    services = owner.world.services
    return Editing(services.ledger, services.book, services.settings, services.clock)


def changed(name: str):
    """Return a change of a draft that adds a recipient."""
    return lambda draft: draft | {"recipients": [*draft["recipients"], name]}
