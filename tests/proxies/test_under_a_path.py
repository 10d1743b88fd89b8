"""Behind a real proxy that serves it under a path, a server answers visitors and staff there."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import msgspec
import pytest

from benchmarks.load.serving import askfirst_command, free_port, serving
from tests.factories import CHROME, a_view
from tests.proxies.conftest import NGINX_FRAME, OWNER, Place, proxy, set_up
from tests.reports.reading import Reading

CADDY = """\
{{
    admin off
    log {{
        output discard
    }}
}}
http://:{port} {{
    bind 127.0.0.1
    %s /askfirst/* {{
        reverse_proxy 127.0.0.1:{server}
    }}
    handle {{
        respond "the website" 200
    }}
}}
"""
NGINX = """\
    upstream askfirst {{ server 127.0.0.1:{server}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "the website"; }}
        location /askfirst/ {{
            proxy_pass http://askfirst%s;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
"""
WAYS = {
    "caddy-passes": ("caddy", CADDY % "handle"),
    "caddy-strips": ("caddy", CADDY % "handle_path"),
    "nginx-passes": ("nginx", NGINX_FRAME % (NGINX % "")),
    "nginx-strips": ("nginx", NGINX_FRAME % (NGINX % "/")),
}


@pytest.fixture(scope="module", params=[0, 1], ids=["alone", "worker"])
def under_path(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Place, int]]:
    """Yield a server that is told to lie under a path, and the port of the proxy to come."""
    base, port, outside = tmp_path_factory.mktemp("place"), free_port(), free_port()
    settings = {
        "ASKFIRST_TRUSTED_PROXIES": "127.0.0.1",
        "ASKFIRST_PUBLIC_URL": f"http://127.0.0.1:{outside}/askfirst",
        "ASKFIRST_WORKERS": str(request.param),
    }
    command, said = askfirst_command(base / "data", port), base / "said"
    with serving(command, port, said, **settings) as server:
        link = f"http://127.0.0.1:{outside}/askfirst/setup#code="
        yield Place(port, set_up(server.address, said, hosts="127.0.0.1")), outside
        assert link in said.read_text()


@pytest.fixture(params=WAYS)
def outside(
    request: pytest.FixtureRequest, under_path: tuple[Place, int], tmp_path: Path
) -> Iterator[Place]:
    """Yield the same server as browsers reach it: by the proxy's port."""
    name, text = WAYS[request.param]
    place, port = under_path
    with proxy(name, place.port, tmp_path, text=text, port=port):
        yield Place(port, place.key)


def test_a_visitor_is_asked_and_recorded_under_the_path(outside: Place):
    origin = f"http://127.0.0.1:{outside.port}"
    headers = {"Origin": origin, "User-Agent": CHROME, "Content-Type": "text/plain"}
    with httpx2.Client(base_url=f"{origin}/askfirst", headers=headers, timeout=60) as visitor:
        assert visitor.get("/tag.js").status_code == 200
        asked = visitor.get(f"/wording/{outside.key}.json").json()
        wish = {
            "site": outside.key,
            "choice": "accept",
            "purposes": ["statistics"],
            "version": asked["version"],
            "notice": asked["hash"],
            "language": "en",
            "method": "banner",
            "gpc": False,
        }
        said = visitor.post("/consent", content=msgspec.json.encode(wish))
        body = {
            "site": outside.key,
            "token": said.json()["token"],
            "events": [a_view(url=f"{origin}/shop")],
        }
        # One after the other by the proxy's kept connections: events between pages.
        for _ in range(3):
            assert visitor.post("/event", content=msgspec.json.encode(body)).status_code == 202
            assert visitor.get(f"/policy/{outside.key}").status_code == 200

    assert said.status_code == 200
    assert "Path=/;" in said.headers["set-cookie"]
    assert httpx2.get(f"{origin}/askfirstx").text == "the website"


def test_staff_signs_in_and_reads_under_the_path(outside: Place):
    origin = f"http://127.0.0.1:{outside.port}"
    same = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    with httpx2.Client(base_url=origin, headers=same, timeout=60, follow_redirects=True) as owner:
        form = owner.get("/askfirst/")
        assert form.url.path == "/askfirst/sign-in"
        page = owner.post("/askfirst/sign-in", data={**Reading(form.text).fields, **OWNER})
        assert page.url.path == f"/askfirst/sites/{outside.key}"
        tags = Reading(page.text).tags
        addresses = [g[name] for _, g in tags for name in ("href", "src", "action") if name in g]
        ours = [one for one in addresses if one.startswith("/")]
        assert all(one.startswith("/askfirst/") for one in ours)
        styles = [one for one in ours if re.search(r"\.(css|js|svg)\?v=", one)]
        assert len(styles) >= 4
        assert [owner.get(one).status_code for one in styles] == [200] * len(styles)
        install = owner.get(f"/askfirst/sites/{outside.key}/install").text
        assert f"{origin}/askfirst/tag.js" in install
