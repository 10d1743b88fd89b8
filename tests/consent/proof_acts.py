"""What the tests of the proof do: publish, say yes, and check the chain."""

from consent.policy.wording import wording
from consent.proof.chain import walk


async def whole(room):
    async with room.deps.ledger.read() as connection:
        return (await walk(connection)).fault is None


async def publish(room, asks_again=False, **changes):
    """Publish changed facts with the words in force, and show them."""
    content = room.deps.book.policy(room.site).content
    texts = {
        tag: await room.deps.book.texts(room.deps.book.policy(room.site), tag) for tag in ("en",)
    }
    await room.deps.book.publish(
        room.site, {**content, **changes, "texts": texts}, asks_again=asks_again
    )
    await show(room)


async def show(room):
    room.site = room.deps.book.get(room.site.key)
    policy = room.deps.book.policy(room.site)
    room.shown = await wording(room.deps.book, policy, room.site, "en")


async def say(room, **changes):
    answer = await room.post("/consent", room.yes(**changes))
    return answer.status_code, answer.json()


def claims(room, token):
    return room.deps.tokens.read(token)
