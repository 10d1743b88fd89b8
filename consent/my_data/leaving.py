"""Stopping, erasing and restricting for every id of a person, also of the browsers that joined."""

from collections.abc import Awaitable, Callable

from askfirst.store.ledger.visitor_links import linked_ids
from consent.choice.decisions import finished
from consent.dependencies import Dependencies
from consent.my_data.person import Person
from consent.rights.erasure_receipt import ErasureReceipt
from consent.rights.parts import Part
from consent.rights.restriction import May
from consent.rights.withdrawal import Ending, count_withdrawal, withdraw_all

Change = Callable[..., Awaitable[None]]
"""Changes something of a site's visitor under all linked ids: restricts, or lifts that."""


class Leaving:
    """Reaches all ids of a person, where a token reaches those of its own yes."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def stop(self, person: Person) -> None:
        """Withdraw every yes of the person that still holds, and count each."""
        site_id = person.site.id
        with self._deps.withdrawn.marked_before_commit(self._deps.clock) as mark:
            async with self._deps.ledger.write() as connection:
                ids = set(person.ids)
                for one in person.visitors:
                    ids |= set(await linked_ids(connection, site_id, one))
                versions = await withdraw_all(
                    connection, site_id, sorted(ids), mark, Ending("form")
                )
        for version in versions:
            count_withdrawal(self._deps.tallies, self._deps.counts, site_id, version)

    async def erase(self, person: Person) -> list[ErasureReceipt]:
        """Erase everything of the person; return the receipt of each group of linked ids."""
        erase, site_id = self._deps.eraser.erase, person.site.id
        return [await finished(erase(site_id, one)) for one in person.visitors]

    async def erase_part(self, person: Person, part: Part) -> list[ErasureReceipt]:
        """Erase a part; return the receipts of the groups that had it, else an empty one.

        Where only hidden pages would be left, these go too, by the same receipt.
        """
        erase, site_id = self._deps.eraser.erase_part, person.site.id
        found = [await finished(erase(site_id, one, part)) for one in person.visitors]
        return [one for one in found if one.rows] or found[:1]

    async def change(self, person: Person, change: Change, may: May) -> None:
        """Restrict or lift, for every group of linked ids; see `Restrictions`."""
        for one in person.visitors:
            await change(person.site.id, one, may=may)
