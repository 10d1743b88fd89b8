"""Serves a world whose table of columns has two more lines, and prints what is seen of them.

It is run as a process of its own, since everything derived from the table is made at its import.
"""

import asyncio
import json
import sys
from importlib import reload
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINES = """
    Column(
        "utm_id", "query.utm_id", "event", "Campaign number",
        "The words that a marked link was bought for.",
        dimension=101, by="views", listed=Listed("terms", "Terms", "sources"),
    ),
    Column(
        "panel", "agent.device", "profile", "Panel", "What kind of panel you look at.",
        dimension=102, listed=Listed("panels", "Panels", "technology", tab="Panel"),
    ),
"""
END = ')  # fmt: skip\n"""The columns, in the order'


def add_lines() -> None:
    """Import `askfirst.columns` with `LINES` at the end of the source of its table."""
    from askfirst import columns
    from askfirst.columns import dimensions, names, table

    source = (ROOT / "askfirst/columns/table.py").read_text("utf-8")
    assert source.count(END) == 1
    longer = source.replace(END, LINES.strip("\n") + "\n" + END)
    exec(compile(longer, "table.py", "exec"), table.__dict__)
    for derived in (dimensions, names, columns):
        reload(derived)


URL = "https://example.org/a?utm_source=mail&utm_id=zq-term&q=private"
AFTER = "https://example.org/b?utm_source=post&utm_id=zq-unseen"


async def seen_in(folder: Path) -> dict[str, object]:
    from askfirst.store.warehouse.batches import ARROW_SCHEMA
    from askfirst.store.warehouse.tables import TABLES
    from collector.enrichment.enrich import Enricher
    from consent.policy.editing import Editing
    from consent.policy.languages import untranslated
    from reports.overview.dimensions import GROUPS
    from tests.factories import a_view, an_entry, some_claims
    from tests.reports.wording.owner import Owner
    from tests.world import open_world

    async with open_world(folder) as world:
        services, site = world.services, world.site
        visitor = world.browser()
        told = await visitor.wording()
        german = (await world.client.get(f"/wording/{site.key}.json?lang=de")).json()
        policy = await world.client.get(f"/policy/{site.key}")
        manifest = (await world.client.get(f"/manifest/{site.key}.json")).json()
        editing = Editing(services.ledger, services.book, services.settings, services.clock)
        problems = await editing.check(await editing.draft(site))

        await visitor.accept()
        person = services.tokens.read(visitor.token).visitor_id
        await visitor.send(a_view(url=URL))
        await services.shipper.ship_all()
        rows = await services.personal_data.rows(site.id, person)
        world.clock.move(days=3)  # so that the lists are read from summaries of closed days
        while await asyncio.to_thread(
            services.warehouse.fold, site.id, site.time_zone, world.clock()
        ):
            pass
        summarised = counted(world)
        batch = Enricher({1: site}.get).batch([an_entry(url=URL)], ["v" * 22])

        owner = Owner(world)
        await owner.sign_in()
        clicks = {"Sec-Fetch-Site": "same-origin"}
        base = f"http://askfirst.test/sites/{site.key}"
        lists = {
            key: (await owner.client.get(f"{base}?show={key}")).text for key in ("terms", "panels")
        }
        overview = (await owner.client.get(f"{base}?sources=terms")).text
        page = (await owner.client.get(f"{base}/visitors/{person}", headers=clicks)).text
        csrf = (await owner.read()).fields["csrf"]
        file = await owner.client.post(
            f"{base}/visitors/{person}/export.json", data={"csrf": csrf}, headers=clicks
        )

        before = await services.personal_data.count(site.id, person)
        await visitor.erase()
        left = await services.personal_data.count(site.id, person)
        left |= {"texts": texts_of_both(world), "counts": sum(counted(world).values())}

        content = services.book.policy(site).content
        [statistics] = content["purposes"]
        kept = [c for c in statistics["columns"] if c not in ("utm_id", "panel")]
        older = {**content, "purposes": [{**statistics, "columns": kept}]}
        await services.book.publish(site, older, asks_again=False)
        other = world.browser()
        other.token = services.tokens.sign(some_claims(site_id=site.id))
        await other.send(a_view(url=AFTER))
        journal = world.journal_bytes()
        await services.shipper.ship_all()
        untold = await services.personal_data.rows(site.id, "a" * 32)
    return {
        "schema": {name: list(TABLES[name].columns) for name in ("events", "profiles")},
        "batch": batch.to_pylist()[0] | {"time": ""},
        "names": ARROW_SCHEMA.names,
        "row": {name: str(text) for name, text in rows["warehouse.events"][0].items()},
        "told": told["purposes"][0]["fields"],
        "german": german["purposes"][0]["fields"],
        "policy": policy.text,
        "manifest": manifest["purposes"][0]["fields"],
        "movable": editing.options().columns,
        "problems": [problem.sentence for problem in problems],
        "untranslated": untranslated("de"),
        "summarised": summarised,
        "cards": {name: keys for name, (_, keys) in GROUPS.items()},
        "overview": overview,
        "lists": lists,
        "page": page,
        "file": file.json()["places"]["warehouse.events"],
        "before": before,
        "left": left,
        "untold": {name: str(text) for name, text in untold["warehouse.events"][0].items()},
        "untold_in_journal": "zq-unseen" in journal.decode("latin-1"),
    }


def counted(world) -> dict[int, int]:
    """Return the views in the summaries of both dimensions, by number."""
    question = """
        SELECT dimension, CAST(sum(views) AS INTEGER) AS views FROM counts
        WHERE dimension IN (101, 102) GROUP BY dimension
    """
    frame = world.services.warehouse.answer(question)
    return dict(zip(frame["dimension"].tolist(), frame["views"].tolist(), strict=True))


def texts_of_both(world) -> int:
    """Return how many texts the dictionaries hold of both columns."""
    question = """SELECT id FROM texts WHERE "column" IN ('utm_id', 'screen')"""
    return len(world.services.warehouse.answer(question))


if __name__ == "__main__":
    add_lines()
    into = Path(sys.argv[1])
    (into / "seen.json").write_text(json.dumps(asyncio.run(seen_in(into))), "utf-8")
