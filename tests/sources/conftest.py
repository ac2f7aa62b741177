"""Reading as a user does: a path and what the study file says of it."""

import re
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from online_server import FakeOverpass, serving

from cityplan.errors import CityplanError
from cityplan.sources.files.open_source import read_raw
from cityplan.sources.layer_source import LayerSource
from cityplan.text import Text

TOY = Path(__file__).parent.parent.parent / "sample_data" / "toy"

WHAT = Text(en="layer 'parks'", zh="图层“公园”")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def read():
    """Return a function that reads a source; a warning of any library fails the test."""

    def read(path, **fields):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return read_raw(LayerSource(path=path, **fields), what=WHAT)

    return read


@pytest.fixture
def refuses(read, capfd):
    """Return a check that reading fails with one sentence in each language, and no other noise."""

    def check(path, kind, says, **fields):
        with pytest.raises(kind) as caught:
            read(path, **fields)
        assert isinstance(caught.value, CityplanError)
        text = caught.value.text
        assert says in text.en
        assert Path(path).name in text.en
        assert Path(path).name in text.zh
        assert CHINESE.search(re.sub("“[^”]*”", "", text.zh))
        assert "\n" not in text.en + text.zh
        assert capfd.readouterr() == ("", "")

    return check


@pytest.fixture
def parks():
    """Return three parks with Chinese names and titles."""
    return gpd.GeoDataFrame(
        {"名称": ["人民公园", "解放路街头绿地", "滨河公园"], "面积": [1.5, 0.25, 12.0]},
        geometry=[shapely.box(x, 3.6e6, x + 50, 3.6e6 + 40) for x in (5e5, 5.1e5, 5.2e5)],
        crs="EPSG:4548",
    )


@pytest.fixture
def write_shapefile():
    """Return a function that writes a Shapefile and then spoils what it says of its encoding."""

    def write(frame, path, encoding, *, cpg=None, language=0):
        frame.to_file(path, encoding=encoding)
        path.with_suffix(".cpg").unlink()
        if cpg is not None:
            path.with_suffix(".cpg").write_text(cpg)
        table = path.with_suffix(".dbf")
        raw = bytearray(table.read_bytes())
        raw[29] = language
        table.write_bytes(raw)
        return path

    return write


class OldZipInfo(zipfile.ZipInfo):
    """A member whose name is written in GBK, as Chinese Windows does."""

    def _encodeFilenameFlags(self):  # noqa: N802 - zipfile's name
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


@pytest.fixture
def pack():
    """Return a function that zips the files of a Shapefile into a folder of the archive."""

    def pack(archive, shapefile, folder, *, old_names=False):
        with zipfile.ZipFile(archive, "a") as target:
            for file in sorted(shapefile.parent.glob(f"{shapefile.stem}.*")):
                name = f"{folder}/{file.name}" if folder else file.name
                info = OldZipInfo(name) if old_names else zipfile.ZipInfo(name)
                target.writestr(info, file.read_bytes())
        return archive

    return pack


# --- online services, on this machine ----------------------------------------


@pytest.fixture
def waits(monkeypatch):
    """Let waits take no time; return how long they were to be."""
    seconds = []
    monkeypatch.setattr("time.sleep", seconds.append)
    return seconds


@pytest.fixture
def server(waits, monkeypatch):  # noqa: ARG001 - nothing here waits
    """Yield a stand-in for Nominatim and Overpass that holds the toy city."""
    monkeypatch.setenv("NO_PROXY", "*")  # it is on this machine, whatever proxy there is
    with serving() as fake:
        fake.on_query = FakeOverpass(TOY / "toy.osm")
        yield fake


@pytest.fixture
def fetch(server, tmp_path):
    """Return a function that fetches from the stand-in into a folder."""
    from cityplan.sources.osm_online import Online
    from cityplan.sources.osm_online import fetch as fetch_city

    def fetch(place=None, *, out="out", cache="cache", **options):
        online = Online(
            overpass_url=f"{server.url}/api",
            nominatim_url=f"{server.url}/",
            cache=tmp_path / cache,
            **options.pop("online", {}),
        )
        if place is None:
            options.setdefault("boundary", TOY / "boundary.geojson")
        return fetch_city(place, out=tmp_path / out, online=online, **options)

    return fetch


@pytest.fixture
def fetch_refuses(fetch, tmp_path, capfd):
    """Return a check that fetching fails with a sentence in each language, leaving nothing."""

    def check(place=None, *, kind, says, **options):
        before = set(tmp_path.iterdir()) | {tmp_path / "cache"}
        with pytest.raises(kind) as caught:
            fetch(place, **options)
        assert isinstance(caught.value, CityplanError)
        text = caught.value.text
        for word in (says,) if isinstance(says, str) else says:
            assert word in text.en
        assert text.en.endswith((".", "?"))
        assert CHINESE.search(re.sub("“[^”]*”", "", text.zh))
        assert "\n" not in text.en + text.zh
        assert set(tmp_path.iterdir()) <= before
        assert capfd.readouterr() == ("", "")
        return text

    return check
