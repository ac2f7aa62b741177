import base64
import gzip
import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from cityplan.outputs.packing import Packer, pack_shapes


def unpacked(packed):
    """Read the columns back, after the description in packing.py and not its code."""
    data = gzip.decompress(base64.b64decode(packed))
    length = int.from_bytes(data[:4], "little")
    header, rest, columns = json.loads(data[4 : 4 + length]), data[4 + length :], []
    for count, width in header["columns"]:
        block, rest = rest[: count * width], rest[count * width :]
        numbers = []
        for n in range(count):
            zigzag = sum(block[plane * count + n] << (8 * plane) for plane in range(width))
            numbers.append(-(zigzag + 1) // 2 if zigzag % 2 else zigzag // 2)
        columns.append(numbers)
    assert rest == b""
    return header, columns


def rings_of(shapes):
    packer = Packer()
    header = pack_shapes(np.array(shapes, dtype=object), packer)
    _, columns = unpacked(packer.packed({}))
    x, y = np.cumsum(columns[header["x"]]), np.cumsum(columns[header["y"]])
    places = list(zip(x.tolist(), y.tolist(), strict=True))
    vertices, rings = iter(columns[header["vertices"]]), columns[header["rings"]]
    told, start = [], 0
    for count in rings:
        told.append([])
        for _ in range(count):
            end = start + next(vertices)
            told[-1].append(places[start:end])
            start = end
    assert start == len(places)
    assert header["count"] == len(shapes)
    return columns[header["dimensions"]], told


@given(st.lists(st.integers(-(2**30), 2**30), max_size=40))
def test_whole_numbers_come_back(numbers):
    packer = Packer()
    assert packer.whole(np.array(numbers, dtype=np.int64)) == 0
    header, columns = unpacked(packer.packed({"name": "明光 <b>"}))
    assert columns == [numbers]
    assert header["name"] == "明光 <b>"


def test_points_lines_and_areas_come_back_in_order():
    hole = Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    dimensions, rings = rings_of(
        [Point(117.5, -3.25), hole, LineString([(0, 0), (1, 1)]), MultiPoint([(1, 2), (3, 4)])]
    )
    assert dimensions == [0, 2, 1, 0]
    assert rings[0] == [[(117_500_000, -3_250_000)]]
    assert [len(ring) for ring in rings[1]] == [4, 4]
    assert rings[2] == [[(0, 0), (1_000_000, 1_000_000)]]
    assert rings[3] == [[(1_000_000, 2_000_000)], [(3_000_000, 4_000_000)]]


def test_outer_rings_and_holes_turn_opposite_ways():
    square = [(0, 0), (4, 0), (4, 4), (0, 4)]
    inner = [(1, 1), (2, 1), (2, 2), (1, 2)]
    for shell in (square, square[::-1]):
        for hole in (inner, inner[::-1]):
            ((outer, cut),) = rings_of([Polygon(shell, [hole])])[1]
            turns = [shapely.LinearRing(ring).is_ccw for ring in (outer, cut)]
            assert turns[0] != turns[1]
            assert turns[0] == shapely.LinearRing(rings_of([box(0, 0, 1, 1)])[1][0][0]).is_ccw


@given(st.integers(0, 2**32 - 1))
def test_places_are_kept_to_a_tenth_of_a_metre(seed):
    rng = np.random.default_rng(seed)
    corners = rng.uniform([-180, -85], [180, 85], (6, 2))
    shapes = [MultiPolygon([box(x, y, x + 0.01, y + 0.02)]) for x, y in corners.tolist()]
    for shape, (ring,) in zip(shapes, rings_of(shapes)[1], strict=True):
        kept = Polygon(np.array(ring) / 1e6)
        assert kept.hausdorff_distance(shape) <= 1e-6


def test_of_a_mixed_collection_the_areas_are_kept():
    mixed = shapely.GeometryCollection([Point(5, 5), box(0, 0, 1, 1)])
    dimensions, rings = rings_of([mixed, Point(0, 0)])
    assert dimensions == [2, 0]
    assert [len(shape) for shape in rings] == [1, 1]


def test_packed_shapes_are_far_smaller_than_geojson():
    rng = np.random.default_rng(3)
    corners = np.round(rng.uniform(0, 0.3, (5_000, 2)), 6)
    shapes = shapely.box(corners[:, 0], corners[:, 1], corners[:, 0] + 2e-4, corners[:, 1] + 1e-4)
    packer = Packer()
    pack_shapes(shapes, packer)
    plain = sum(len(text) for text in shapely.to_geojson(shapes))
    assert len(packer.packed({})) < 0.15 * plain


def test_numbers_too_large_are_refused():
    with pytest.raises(OverflowError):
        Packer().whole(np.array([1, 2**40]))


def test_detail_below_the_tolerance_is_left_out_but_no_shape_vanishes():
    packer = Packer()
    ring = Point(0, 0).buffer(100, 64)
    pin = Point(0, 0).buffer(0.4)
    holed = box(0, 0, 50, 50).difference(box(10, 10, 10.3, 10.3)).difference(box(20, 20, 40, 40))
    header = pack_shapes(
        np.array([ring, pin, holed], dtype=object),
        packer,
        to_degrees=lambda xy: xy / 1000,
        thin=2.0,
    )
    _, columns = unpacked(packer.packed({}))
    circle, dot, *square = columns[header["vertices"]]
    assert 10 < circle < 40
    assert dot >= 3
    assert square == [4, 4]
    assert columns[header["rings"]] == [1, 1, 2]
    assert header["vertices_drawn"] == circle + dot + 8
    x = np.cumsum(columns[header["x"]])[:circle]
    assert abs(x.max() - 100_000) <= 2_000
