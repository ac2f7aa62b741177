"""The toy city three times in one extract."""

import pytest
from toy_batches import STEP, TOY, bounds_of, shifted_copies, toy_rows, write_list


@pytest.fixture(scope="session")
def toys(tmp_path_factory):
    """Return an extract of three toy cities in a row, and the boxes of the cities."""
    folder = tmp_path_factory.mktemp("toys")
    steps = [(STEP * n, 0.0) for n in range(3)]
    extract = shifted_copies(TOY / "toy.osm", folder / "toys.osm.pbf", steps)
    west, south, east, north = bounds_of(TOY / "toy.osm")
    boxes = [(west + step, south, east + step, north) for step, _ in steps]
    return extract, boxes


@pytest.fixture
def toy_list(toys, tmp_path):
    """Return a list of the three toy cities."""
    return write_list(tmp_path / "cities.csv", toy_rows(toys[1]))


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory):
    """Return a cache folder for the batches that do not test it."""
    return tmp_path_factory.mktemp("cache")
