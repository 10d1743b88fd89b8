"""E-mail addresses and tokens in a path are masked; words, slugs, dates and versions are not."""

import random
import string
import uuid
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.web.masking import masked, without_emails
from tests.effort import least_seconds

LEFT = """
    /
    /articles/tying-the-bowline-and-other-knots/
    /2026/11/27/this-is-a-slug-2024.html
    /how-to-use-python-3-11-in-2024-for-data
    /wiki/List_of_people_from_New_York_City_2020
    /wiki/HowToUseThisReallyLongTitleName
    /wiki/Donaudampfschifffahrtsgesellschaftskapitaen
    /Rechtsschutzversicherung2024Vergleich
    /rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz
    /lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilas
    /megszentsegtelenithetetlensegeskedeseitekert
    /hottentottententententoonstelling
    /muvaffakiyetsizlestiricilestiriveremeyebileceklerimizdenmissinizcesine
    /vadlaheidarvegavinnuverkfaerageymsluskurslyklakippuhringurinn
    /ELECTROENCEPHALOGRAPHISCHE
    /FINAL-SALES-TABLE-CHAIR-2024
    /DIN4102-DIN8580-DIN1045
    /html4-html5-xhtm1-xhtm2
    /GTX1080-GTX1660-RTX3090
    /EDDM-LSZH-LOWW-EKCH-ENGM
    /XBTUSD-XRPUSD-LTCUSD
    /NVDA-MSFT-AAPL-GOOG-AMZN
    /wifi-hdmi-usb3-1080-4000
    /ddr4-3200-32gb-16gb
    /2024-1200-3400-5600-7800
    /top10-rechtsschutzversicherungen-2024-im-vergleich
    /ISO27001AndSOC2ComplianceGuide
    /IPv4ToIPv6MigrationGuideForRFC6177
    /Web3AndNFTsIn2024WhatYouNeedToKnow
    /MacBookPro16M3Max2023Review
    /getElementsByTagNameNS
    /parseHTMLDocumentFromXMLHttpRequest
    /java.util.concurrent.ConcurrentHashMap
    /p/ps5-xbox-x1x-4k-hdr10-8k-60fps
    /p/iphone-15-pro-max-256gb-vs-s24-ultra-5g
    /p/iphone15promax256gb-black-titanium
    /p/samsung-ue55tu8000-4k-uhd-tv-2020
    /p/lenovo-82h803bkge-15-6-i5-16gb
    /p/hp-15s-fq5021ng-15-6-i7-1255u-16gb-512gb
    /p/intel-core-i9-14900k-vs-amd-ryzen-9-7950x3d
    /p/canon-ef-70-200mm-f-2-8l-is-iii-usm
    /p/schraube-din-912-m8x40-a2-70-100-stueck
    /dp/B08N5WRWNW/ref=sr_1_1
    /flights-fra-jfk-2024-12-24-2025-01-02
    /chess/1-e4-e5-2-nf3-nc6-3-bb5-a6-4-ba4-nf6
    /t20worldcup2024final-highlights
    /season-1-episode-12-s01e12-720p-x264
    /archive/2026-11-27T10-15-00Z
    /archive/20261127T101500Z
    /img/IMG_20240101_123456789_HDR.jpg
    /img/Screenshot_2024-01-01-12-34-56-789.png
    /img/logo@2x.png
    /npm/react@17.0.2/index.js
    /npm/left@7.1.0.rc1/x
    /gh/someone/thing@1.0.beta-2/x.js
    /npm/query@3.7.1.min.js
    /img/icon@2x-dark.webp
    /fonts/sans@latin.woff2
    /lib@esm.es2015/x
    /audio/song@home.mp3
    /@somebody/status/1234567890123456789
    /isbn/978-3-16-148410-0
    /CVE-2024-12345-remote-code-execution
    /draft-ietf-httpbis-rfc6265bis-14
    /x86_64-unknown-linux-gnu-gcc-13
    /commit/1a2b3c4
    /building-a-website-with-go-5c4f3b2a1d0e
    /deadbeef/feedface
    /watch/dQw4w9WgXcQ
    /%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82-%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82-2024
    /%E6%97%A5%E6%9C%AC%E8%AA%9E%E3%81%AE%E3%83%9A%E3%83%BC%E3%82%B8
    /caf%C3%A9-%C3%A0-40-minutes
""".split()  # noqa: SIM905 - one a line


@pytest.mark.parametrize("path", LEFT)
def test_what_is_words_numbers_or_dates_stays(path: str):
    assert masked(path) == path


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/reset/0123456789abcdef", "/reset/:token"),
        ("/reset/MQ/c2wyz1-0123456789abcdef0123456789abcdef/", "/reset/MQ/c2wyz1-:token/"),
        ("/o/507f1f77bcf86cd799439011/edit", "/o/:token/edit"),
        ("/f/report-d41d8cd98f00b204e9800998ecf8427e.pdf", "/f/report-:token.pdf"),
        ("/o/3F2504E0-4F89-11D3-9A0C-0305E82C3301", "/o/:token"),
        ("/a-title-3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/a-title-:token"),
        ("/s/V1StGXR8_Z5jdHi6B-myT", "/s/:token"),
        ("/o/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/o/:token"),
        ("/o/cjld2cjxh0000qzrmn831i7rn", "/o/:token"),
        ("/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit", "/d/:token/edit"),
        ("/pay/cs_test_a1Yz3kQ8mNp5Rt7VwXb2Cd4Ef6Gh", "/pay/:token"),
        ("/in/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N", "/in/:token"),
        ("/x;jsessionid=1A2B3C4D5E6F7A8B9C0D1A2B3C4D5E6F", "/x;jsessionid=:token"),
        ("/t/Zm9v%2BYmFy%2Fa1Xk93mQvT2LpZ8w%3D%3D", "/t/:token"),
        ("/t/%2FPtjjkDlm33zuJLFtHUkGtWGWXblszlG", "/t/:token"),
        ("/post-about-sailing-k3j9x2m4p0q8z7w1", "/post-about-sailing-:token"),
        ("/n/12345678901234567890", "/n/:token"),
        ("/u/me@example.org/edit", "/u/:email/edit"),
        ("/u/me%40example.org", "/u/:email"),
        ("/u/me%2540example.org", "/u/:email"),
        ("/u/First.Last+news@mail.example.co.uk", "/u/:email"),
        ("/u/email=me@example.org;x", "/u/email=:email;x"),
        ("/to/mailto:me@example.org", "/to/mailto::email"),
        ("/u/%D0%B8%D0%BC%D1%8F@example.org", "/u/:email"),
        ("/u/me@b%C3%BCcher.example", "/u/:email"),
        ("/u/erika@пример.бел", "/u/:email"),
        ("/u/erika@b%C3%BCcher.%D1%81%D1%80%D0%B1/x", "/u/:email/x"),
        ("/u/花子@例え.みんな", "/u/:email"),
        ("/u/花子@例え。みんな", "/u/:email"),
        ("/u/erika@xn--e1afmkfd.xn--90ais", "/u/:email"),
        ("/u/erika%2540b.%25d1%2581%25d1%2580%25d0%25b1", "/u/:email"),
        ("/u/d'arc@example.fr", "/u/:email"),
        ("/u/d%27arc@example.fr", "/u/:email"),
        ("/u/d%2527arc%2540example.fr", "/u/:email"),
        ("/u/you&me@example.org", "/u/:email"),
        ("/u/a!b#c$d*e^f`g{h|i}j@example.org/x", "/u/:email/x"),
        ("/u/50%25@example.org", "/u/:email"),
        ("/u/me@example.org@example.com", "/u/:email"),
        ("/go/https://me:secret@example.org/", "/go/https://example.org/"),
        ("/go/https%3A%2F%2Fme:secret%40example.org%2F", "/go/https%3A%2F%2Fexample.org%2F"),
        ("/to/me,you@example.org", "/to/me,:email"),
        ("/go/x%2F0123456789abcdef%2Fx", "/go/x%2F:token%2Fx"),
        ("/go/x%C3123456789abcdef0", "/go/x%C3:token"),
        ("/go/x:%2F%2Fshop.example%2Fme@example.org", "/go/x:%2F%2Fshop.example%2F:email"),
    ],
)
def test_addresses_and_tokens_are_masked(path: str, shown: str):
    assert masked(path) == shown


LETTERS = string.ascii_letters
KINDS = {
    "base64url of 16 bytes": (LETTERS + string.digits + "-_", 22),
    "base64url of 32 bytes": (LETTERS + string.digits + "-_", 43),
    "nanoid": (LETTERS + string.digits + "-_", 21),
    "base62": (LETTERS + string.digits, 24),
    "base36": (string.ascii_lowercase + string.digits, 25),
    "base32 of Crockford": ("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 26),
    "letters": (LETTERS, 32),
    "hexadecimal": ("0123456789abcdef", 32),
}


@pytest.mark.parametrize("kind", KINDS)
def test_of_random_tokens_at_least_97_of_100_are_masked(kind: str):
    letters, length = KINDS[kind]
    chance = random.Random(kind)
    tokens = ["".join(chance.choices(letters, k=length)) for _ in range(400)]
    shown = [masked(f"/reset/{token}/new") for token in tokens]
    assert shown.count("/reset/:token/new") >= 388


GROUPED = {
    "letters and digits": (LETTERS + string.digits, 95),
    "capitals and digits": (string.ascii_uppercase + string.digits, 88),
    "small letters and digits": (string.ascii_lowercase + string.digits, 88),
    "letters": (LETTERS, 93),
}


@pytest.mark.parametrize("kind", GROUPED)
@pytest.mark.parametrize(("groups", "size"), [(4, 5), (5, 4), (3, 8)])
def test_most_random_tokens_in_groups_are_masked(kind: str, groups: int, size: int):
    letters, least = GROUPED[kind]
    chance = random.Random(f"{kind}{groups}")
    keys = [["".join(chance.choices(letters, k=size)) for _ in range(groups)] for _ in range(400)]
    shown = [masked(f"/key/{'-'.join(key)}/new") for key in keys]
    assert shown.count("/key/:token/new") >= least * 4


@given(st.lists(st.text(string.ascii_uppercase, min_size=4, max_size=4), min_size=1, max_size=8))
def test_groups_of_capitals_alone_are_codes_and_stay(groups: list[str]):
    path = "/" + "-".join(groups)
    assert masked(path) == path


@pytest.mark.parametrize("letters", [string.ascii_lowercase, string.ascii_uppercase])
def test_most_random_letters_of_one_case_are_masked(letters: str):
    chance = random.Random(letters)
    tokens = ["".join(chance.choices(letters, k=24)) for _ in range(400)]
    shown = [masked(f"/reset/{token}/new") for token in tokens]
    assert shown.count("/reset/:token/new") >= 376


@given(st.uuids())
def test_a_uuid_is_masked_in_each_spelling(one: uuid.UUID):
    assert masked(f"/o/{one}/") == "/o/:token/"
    assert masked(f"/o/{str(one).upper()}") == "/o/:token"
    assert one.hex not in masked(f"/o/{one.hex}") or one.hex.isalpha()


LABEL = st.text("abcäñж字", min_size=1, max_size=40)
NAMES = st.text(string.ascii_letters + string.digits, min_size=1, max_size=20)


@given(NAMES, NAMES, st.sampled_from(["org", "co.uk", "museum"]))
def test_no_email_address_is_left(name: str, domain: str, top: str):
    assert masked(f"/u/{name}@{domain}.{top}/x") == "/u/:email/x"


SIGNS = string.digits + "!#$&'*+-^_`{|}~äñ"
LOCAL = st.text(string.ascii_letters + SIGNS, min_size=1) | st.text("ж字" + SIGNS, min_size=1)
TOPS = ["рф", "公司", "भारत", "السعودية", "한국", "xn--p1ai", "xn--fiqs8s", "museum"]


@given(LOCAL, LABEL, st.sampled_from(TOPS), st.booleans())
def test_no_international_address_is_left(local: str, domain: str, top: str, escaped: bool):
    address = f"{local}@{domain}.{top}"
    told = without_emails(f"/u/{quote(address) if escaped else address}/x")
    assert told == "/u/:email/x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Mail for me@example.org: 100% read", "Mail for :email: 100% read"),
        ("„me@example.org“ (you@пример.бел)", "„:email“ (:email)"),
        ("at 40 % of @somebody, page@2x.png", "at 40 % of @somebody, page@2x.png"),
        ("写信给news@shop.example谢谢", "写信给:email谢谢"),
        ("写信给news@shop.example。谢谢", "写信给:email。谢谢"),
        ("문의news@shop.example바로", "문의:email바로"),
        ("news@shop.exampleöffnet", ":emailöffnet"),
    ],
)
def test_text_around_an_address_stays(text: str, shown: str):
    assert without_emails(text) == shown


@pytest.mark.parametrize(
    "address",
    [
        "müller@shop.example",
        "花子.sato@shop.example",
        "имя1990@shop.example",
        "佐々木@shop.example",
        "sato@佐々木.example",
        "a@b.dé",
        "a@größe.example",
    ],
)
def test_of_an_address_with_letters_of_its_language_nothing_is_left(address: str):
    assert without_emails(f"to {address}, now") == "to :email, now"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/to/anna@shop.example-2031", "/to/:email-2031"),
        ("/to/anna@shop.example2031", "/to/:email2031"),
        ("/to/anna@shop.example.7", "/to/:email.7"),
        ("/to/anna@shop.example.pdf", "/to/:email.pdf"),
        ("/to/anna@3x.example", "/to/:email"),
        ("/to/anna@js.example", "/to/:email"),
        ("/to/anna@shop.jsx", "/to/:email"),
        ("/to/anna@shop_front.example", "/to/:email"),
        (f"/to/anna@{'a.' * 30}example", "/to/:email"),
        ("/to/anna\uff20shop\uff0eexample", "/to/:email"),
        ("/to/anna\ufe6bshop.example", "/to/:email"),
        ("/to/anna%EF%BC%A0shop%EF%BC%8Eexample", "/to/:email"),
        ("/to/anna%25ef%25bc%25a0shop.example", "/to/:email"),
    ],
)
def test_an_address_is_masked_whatever_follows_and_however_it_is_written(text: str, shown: str):
    assert without_emails(text) == masked(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://anna:a%2Fb@shop.example/", "https://shop.example/"),
        ("https://anna:a%3Fb%23c@intra/", "https://intra/"),
        ("https://anna:a@b@intra/x", "https://intra/x"),
        ("https://anna%40shop.example:word@intra/", "https://intra/"),
        ("//anna:word@intra/", "//intra/"),
        ("//anna:token7@intra/", "//intra/"),
        ("//anna:email-7@intra/", "//intra/"),
        (r"https:\\anna:word@intra/", r"https:\\intra/"),
        ("https%3A%2F%2Fanna:a%252Fb%40intra%2F", "https%3A%2F%2Fintra%2F"),
        ("https%253A%252F%252Fanna:word%2540intra%252F", "https%253A%252F%252Fintra%252F"),
    ],
)
def test_a_web_address_loses_its_whole_user_and_password(text: str, shown: str):
    assert without_emails(f"see {text}") == f"see {shown}"


@pytest.mark.parametrize(
    "text",
    [
        "/a//b@c",
        "https://a.example/b:c@d",
        "see //a/b:c@d",
        "10:30@b",
        "https://a.example%2F%40name",
        "https://a.example%2F@name%2Fb:c",
        "https%3A%2F%2Fa.example%252F@name",
    ],
)
def test_what_is_no_user_of_a_web_address_stays(text: str):
    assert without_emails(text) == text


@given(st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=15), max_size=8))
def test_words_are_never_masked(words: list[str]):
    path = "/" + "-".join(words)
    assert masked(path) == path


@given(st.text("/aB1-_.@%402BF3Dx", max_size=60) | st.text(max_size=60))
def test_masking_again_changes_nothing(path: str):
    assert masked(masked(path)) == masked(path)


REPEATED = (
    *(
        "a",
        "0a",
        "1",
        "aB1",
        "eyJ",
        "0a1-",
        "aB1aB1aB1-",
        "a.",
        "%",
        "%25",
        "%2B",
        "%C3",
        "%E4",
        "é",
    ),
    *("a%2B", "+@", "e@a.", "a@é.", "@a.b", "@a.1.", "\u5b57a", "%EF%BC%A0", "\u3002"),
    *("://a@", "://a:", "//a:", "//", "%2F%2Fa:", "%252F%252Fa:"),
)


@pytest.mark.parametrize("end", ["", "@"])
@pytest.mark.parametrize("part", REPEATED)
def test_a_long_text_takes_time_in_proportion_to_its_length(part: str, end: str):
    def seconds(length: int) -> float:
        text = f"/{part * (length // len(part))}{end}"
        return least_seconds(lambda: masked(text), goes=3)

    assert seconds(16_000) < 40 * seconds(1_600) + 0.01  # 100 times as long where the square counts
