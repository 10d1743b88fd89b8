"""The preview asks with the words of the draft, and only our own pages frame it."""

from tests.reports.wording.owner import Owner, shown


async def test_the_preview_asks_with_the_drafts_words_and_only_staff_read_them(
    owner: Owner,
) -> None:
    await owner.write(banner__title="May we note your visit?")
    page = await owner.client.get(f"{owner.path}/preview?language=ar")
    words = f"{owner.path}/draft/wording/{owner.world.site.key}.json?lang=en&layer=first"
    told = (await owner.client.get(words)).json()
    script = await owner.client.get(f"{owner.path}/draft/tag.js")
    stranger = await owner.world.client.get(words)

    assert 'lang="ar" dir="rtl"' in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert told["texts"]["title"] == "May we note your visit?"
    assert (await shown(owner))["texts"]["title"] == "May we record your visit?"
    assert (script.status_code, script.headers["location"]) == (307, "/tag.js")
    assert stranger.headers["location"].startswith("/sign-in")


async def test_no_other_page_may_be_framed(owner: Owner) -> None:
    for path in ("", "/review"):
        answer = await owner.client.get(owner.path + path)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
