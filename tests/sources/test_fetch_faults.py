"""Everything a service, the line or the disk can do to a fetch."""

import errno
import json
import resource
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import osmium
import pytest
import requests
from online_server import OSM_BASE, Reply, box_of_query, overpass_answer, serving

import cityplan
from cityplan.errors import FetchError, OutputError
from cityplan.sources.osm_online import Online, Watch

NODE = {"type": "node", "id": 1, "lat": 32.0, "lon": 117.0, "tags": {"amenity": "toilets"}}
TIMED_OUT = 'runtime error: Query timed out in "query" at line 4 after 180 seconds.'
NO_MEMORY = 'runtime error: Query ran out of memory in "recurse" at line 1.'
BUSY_PAGE = (
    b"<html><head><title>OSM3S Response</title></head><body><p>"
    b'<strong style="color:#FF0000">Error</strong>: runtime error: open64: 0 Success '
    b"/osm3s_osm_base Dispatcher_Client::request_read_and_idx::timeout. The server is probably "
    b"too busy to handle your request. </p></body></html>"
)
PARSE_PAGE = (
    b"<html><head><style>p {color: red}</style></head><body><p><strong>Error</strong>: "
    b"line 3: parse error: &quot;;&quot; expected</p></body></html>"
)
LOGIN_PAGE = b"<!DOCTYPE html><html><body><h1>Please log in</h1></body></html>"
XML_REMARK = (
    b'<?xml version="1.0"?><osm version="0.6"><remark> runtime error: no such table </remark></osm>'
)


@pytest.fixture
def told():
    return []


@pytest.fixture
def watch(told):
    return Watch(tell=lambda text: told.append(text.en))


def in_turn(*replies, then):
    """Answer with one reply after the other, and with ``then`` for ever after."""
    left = list(replies)
    return lambda query: left.pop(0) if left else then(query)


# --- what another try mends --------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "least_s", "says"),
    [
        (Reply(status=429), 15, "busy (HTTP 429)"),
        (Reply(status=429, headers={"Retry-After": "77"}), 77, "waiting 77 s"),
        (Reply(status=429, headers={"Retry-After": "soon"}), 15, "waiting 15 s"),
        (Reply(status=504, body=BUSY_PAGE), 15, "busy (HTTP 504)"),
        (Reply(status=502), 15, "busy (HTTP 502)"),
        (Reply(status=503, headers={"Retry-After": "5"}), 5, "waiting 5 s"),
        (Reply(BUSY_PAGE), 15, "too busy to handle"),
        (Reply(overpass_answer([], remark="runtime error: rate_limited")), 15, "rate_limited"),
        (Reply(overpass_answer([NODE])[:-9]), 15, "cut off"),
        (Reply(overpass_answer([NODE])[:-9], cut=9), 15, "cut off"),
        (Reply(b""), 15, "cut off"),
        (Reply(hang_up=True), 15, "connection broke"),
    ],
    ids=[
        "429", "429 and seconds", "429 and nonsense", "504", "502", "503", "200 and busy page",
        "200 and rate limited", "half a JSON", "half a body", "no body", "hung up",
    ],
)  # fmt: skip
def test_it_waits_and_asks_again(fetch, server, waits, told, reply, least_s, says):
    server.on_query = in_turn(reply, then=server.on_query)
    city = fetch(watch=Watch(tell=lambda text: told.append(text.en)))
    assert len(server.queries) == city.tiles + 1
    assert server.queries[0] == server.queries[1]
    assert max(waits) == least_s
    assert len(told) == 1
    assert says in told[0]
    assert cityplan.read_osm(city.folder / "extract.osm.pbf").timestamp == OSM_BASE


def test_a_date_to_come_back_is_kept_to(fetch, server, waits):
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=300), usegmt=True)
    server.on_query = in_turn(
        Reply(status=429, headers={"Retry-After": later}), then=server.on_query
    )
    fetch()
    assert 200 < max(waits) <= 300


def test_waits_grow_and_come_to_an_end(fetch_refuses, server, waits):
    server.on_query = lambda _: Reply(status=429)
    fetch_refuses(
        kind=FetchError, says=("6 tries", "HTTP 429", "--overpass-url", "what was fetched is kept")
    )
    assert len(server.queries) == 6
    assert [s for s in waits if s > 1] == [15, 30, 60, 120, 240]


def test_a_wait_of_hours_is_left_to_the_user(fetch_refuses, server):
    server.on_query = lambda _: Reply(status=429, headers={"Retry-After": "7200"})
    fetch_refuses(kind=FetchError, says=("120 minutes", "goes on where it stopped"))
    assert len(server.queries) == 1


def test_the_geocoder_is_waited_for_too(fetch, server, waits):
    answer = [{"osm_type": "way", "osm_id": 1, "display_name": "Toy", "class": "place"}]
    answer[0]["geojson"] = {
        "type": "Polygon",
        "coordinates": [[[117, 32], [117.01, 32], [117.01, 32.01], [117, 32]]],
    }
    server.on_search = in_turn(
        Reply(status=429, headers={"Retry-After": "33"}),
        Reply(b'[{"osm_ty'),
        then=lambda _: Reply(json.dumps(answer).encode()),
    )
    assert fetch("Toy").name == "Toy"
    assert [s for s in waits if s > 1] == [33, 30]


# --- what no try mends -------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(overpass_answer([NODE], remark="runtime error: disk\x1b[2J broke")), "disk [2J broke"),
        (Reply(XML_REMARK), "no such table"),
        (Reply(PARSE_PAGE), 'line 3: parse error: ";" expected'),
        (Reply(PARSE_PAGE, status=400), ("HTTP 400", 'line 3: parse error: ";" expected')),
        (Reply(b"Forbidden", status=403), ("HTTP 403", "Forbidden", "--overpass-url")),
        (Reply(b"x" * 5000, status=404), ("HTTP 404", "…", "--overpass-url")),
        (Reply(LOGIN_PAGE), ("Please log in", "--proxy")),
        (Reply(b"[]"), "something else than data"),
        (Reply(b"{}"), "something else than data"),
        (Reply(b"[" * 100_000), ("6 tries", "cut off")),
        (Reply(b"null"), "something else than data"),
        (Reply(overpass_answer([{"type": "node", "id": "1; rm"}])), "something else than data"),
        (Reply(overpass_answer([NODE | {"lat": 95}])), "something else than data"),
        (Reply(overpass_answer([NODE | {"lat": None}])), "something else than data"),
        (Reply(overpass_answer([NODE | {"id": 2**70}])), "something else than data"),
        (Reply(overpass_answer([NODE | {"tags": {"a": 1}}])), "something else than data"),
        (Reply(overpass_answer([NODE | {"tags": {"a": "x" * 2000}}])), "something else than data"),
        (Reply(overpass_answer([{"type": "area", "id": 1}])), "something else than data"),
        (Reply(overpass_answer(["node"])), "something else than data"),
        (Reply(overpass_answer([NODE], osm_base="yesterday")), "something else than data"),
        (Reply(overpass_answer([])), ("holds no data of 'Toy city'", "--overpass-url")),
    ],
    ids=[
        "200 and remark", "200 and XML", "200 and error page", "400", "403", "404", "login page",
        "a list", "no elements", "nested", "null", "id", "latitude", "no latitude", "huge id", "tag",
        "long tag", "area", "text", "date", "empty",
    ],
)  # fmt: skip
def test_it_says_what_the_server_says_and_keeps_nothing(fetch, fetch_refuses, server, reply, says):
    toy, server.on_query = server.on_query, lambda _: reply
    text = fetch_refuses(kind=FetchError, says=says)
    assert "127.0.0.1" in text.en
    assert "\x1b" not in text.en + text.zh
    if "holds no data" not in says[0]:
        assert len(server.queries) == (6 if "6 tries" in says else 1)
        server.on_query = toy
        assert fetch().reused == 0


@pytest.mark.parametrize(
    "body", [LOGIN_PAGE, b'{"error": "Unable to geocode"}', b'[{"osm_id": 1}]', b"[7]"]
)
def test_the_geocoder_s_nonsense_is_recognised(fetch_refuses, server, body):
    server.on_search = lambda _: Reply(body)
    fetch_refuses("Toy", kind=FetchError, says=("Nominatim", "--nominatim-url"))


@pytest.mark.parametrize("remark", [TIMED_OUT, NO_MEMORY])
def test_what_is_too_large_is_asked_for_in_quarters(fetch, server, told, watch, remark):
    toy, first = server.on_query, []

    def answer(query):
        first.append(query)
        if query == first[0]:
            return Reply(overpass_answer([NODE], remark=remark))
        return toy(query)

    server.on_query = answer
    city = fetch(watch=watch)
    assert city.tiles == 5
    assert remark in told[0]
    whole = box_of_query(first[0])
    assert sum(box_of_query(q).within(whole) for q in first[1:5]) == 4
    again = fetch(out="again")
    assert len(set(first)) == len(first) == 6  # nor is the large tile asked for again
    extracts = [(c.folder / "extract.osm.pbf").read_bytes() for c in (city, again)]
    assert extracts[0] == extracts[1]
    whole = fetch(out="other", cache="other", watch=watch)
    assert [str(o) for o in osmium.FileProcessor(str(whole.folder / "extract.osm.pbf"))] == [
        str(o) for o in osmium.FileProcessor(str(city.folder / "extract.osm.pbf"))
    ]


def test_what_stays_too_large_ends_with_the_remark(fetch_refuses, server):
    server.on_query = lambda _: Reply(overpass_answer([NODE], remark=TIMED_OUT))
    fetch_refuses(kind=FetchError, says=(TIMED_OUT, "not complete"))
    assert len(server.queries) == 4


# --- the line ----------------------------------------------------------------


@pytest.fixture
def closed():
    """Return the address of a port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def fetch_from(tmp_path, waits):  # noqa: ARG001 - nothing here waits
    """Return what is said when fetching from given servers fails."""

    def fetch_from(place="Toy", **addresses):
        online = Online(cache=tmp_path / "cache", **addresses)
        with pytest.raises(FetchError) as caught:
            cityplan.fetch(place, out=tmp_path / "out", online=online)
        assert not (tmp_path / "out").exists()
        return caught.value.text

    return fetch_from


def test_without_a_network_it_says_so_at_once(fetch_from, closed, waits):
    text = fetch_from(nominatim_url=closed)
    assert "Cannot reach the Nominatim server" in text.en
    assert "copy an extract (.osm.pbf) by hand" in text.en
    assert "手工拷入" in text.zh
    assert not any(waits)


def test_a_name_that_cannot_be_looked_up_is_no_network(fetch_from, monkeypatch):
    asked = []

    def no_names(host, *_, **__):
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", no_names)
    text = fetch_from(nominatim_url="https://nominatim.invalid")
    assert "nominatim.invalid" in text.en
    assert set(asked) == {"nominatim.invalid"}  # and no resolver elsewhere is asked


def test_a_line_that_breaks_later_is_waited_for(fetch_refuses, waits, monkeypatch):
    send, sent = requests.Session.send, []

    def breaking(self, request, **options):
        sent.append(request)
        if len(sent) > 1:
            raise requests.ConnectionError
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", breaking)
    fetch_refuses(kind=FetchError, says=("6 tries", "connection broke", "kept"))
    assert len(sent) == 7
    assert max(waits) == 240


def test_everything_goes_through_the_proxy_named(server, tmp_path):
    with serving() as proxy:
        proxy.on_query = server.on_query
        online = Online(
            overpass_url="http://overpass.invalid/api",
            proxy=proxy.url.replace("//", "//me:secret@"),
            cache=tmp_path / "cache",
        )
        boundary = cityplan.sample("toy") / "boundary.geojson"
        city = cityplan.fetch(boundary=boundary, out=tmp_path / "out", online=online)
        assert len(proxy.queries) == city.tiles
        assert server.asked == []
        assert all("Proxy-Authorization" in asked.headers for asked in proxy.asked)


def test_passwords_are_never_shown(fetch_from, closed):
    address = closed.replace("//", "//me:secret@")
    for addresses in (
        {"nominatim_url": address},
        {"nominatim_url": "http://me:secret@host:port"},
        {"nominatim_url": "me:secret@host"},
        {"nominatim_url": "http://nominatim.invalid", "proxy": address},
        {"nominatim_url": "http://nominatim.invalid", "proxy": address.removeprefix("http://")},
    ):
        text = fetch_from(**addresses)
        assert "secret" not in text.en + text.zh
    assert "through the proxy 127.0.0.1" in text.en


@pytest.mark.parametrize("url", ["nominatim", "ftp://host/x", "file:///etc/passwd", "http://"])
def test_an_address_that_is_none_is_refused(fetch_from, url):
    assert "--nominatim-url" in fetch_from(nominatim_url=url).en


def test_a_certificate_nobody_vouches_for(fetch_from, monkeypatch):
    def untrusted(*_, **__):
        raise requests.exceptions.SSLError

    monkeypatch.setattr(requests.Session, "send", untrusted)
    assert "REQUESTS_CA_BUNDLE" in fetch_from(nominatim_url="https://nominatim.invalid").en


# --- the disk ----------------------------------------------------------------


def test_a_full_cache_keeps_what_came_before(fetch, fetch_refuses, server, tmp_path, monkeypatch):
    import gzip

    compress, done = gzip.compress, []

    def full(data, **options):
        if done:
            raise OSError(errno.ENOSPC, "No space left on device")
        done.append(1)
        return compress(data, **options)

    monkeypatch.setattr("cityplan.sources.online.answer_cache.gzip.compress", full)
    fetch_refuses(kind=OutputError, says=("No space left on device", "kept"))
    assert len(list((tmp_path / "cache").iterdir())) == 1
    monkeypatch.undo()
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert fetch().reused == 1
    assert len(server.queries) == 3


def test_a_disk_full_of_data_leaves_nothing_half_written(fetch_refuses):
    old = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(done, total):
        if done == total:  # the answers are kept, the extract is next
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, old[1]))

    try:
        fetch_refuses(kind=OutputError, says=("Cannot write to", "kept"), watch=Watch(tiles=fill))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def test_a_cache_that_is_no_folder(fetch_refuses, tmp_path):
    (tmp_path / "cache").write_text("a file")
    fetch_refuses(kind=OutputError, says=str(tmp_path / "cache"))
