"""What staff did is kept with its time and its account, and of an address only a part."""

from sqlalchemy import select

from askfirst.store.tables import staff_acts
from reports.acts import Act, StaffActs


async def test_an_act_is_kept_without_the_whole_address(garden):
    ledger, clock = garden.parts.ledger, garden.clock
    acts = StaffActs(ledger, clock)
    await acts.note(Act.SIGNED_IN, "owner@example.org", address="192.0.2.77")
    await acts.note(Act.SITE_DELETED, "owner@example.org", "0123456789abcdef")

    async with ledger.read() as connection:
        rows = [
            tuple(row)[1:]
            for row in await connection.execute(select(staff_acts).order_by(staff_acts.c.id))
        ][-2:]
    assert rows == [
        (clock(), "owner@example.org", "signed_in", "", "192.0.2.0"),
        (clock(), "owner@example.org", "site_deleted", "0123456789abcdef", ""),
    ]
