import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString, Point
from shapely.affinity import translate

from cityplan.spatial.rings import polygon_from_pieces

CORNERS = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
SIDES = [LineString(CORNERS[i : i + 2]) for i in range(4)]
HOLE = LineString([(40, 40), (60, 40), (60, 60), (40, 60), (40, 40)])


def pieces_of(ring, cuts):
    """Cut a closed line at some of its vertices."""
    places = list(ring.coords)[:-1]
    at = sorted({cut % len(places) for cut in cuts})
    bounds = zip(at, [*at[1:], at[0] + len(places)], strict=True)
    return [LineString([places[k % len(places)] for k in range(a, b + 1)]) for a, b in bounds]


def test_pieces_in_any_order_and_direction():
    built = polygon_from_pieces([SIDES[2], SIDES[0].reverse(), SIDES[3], SIDES[1]])
    assert built.geometry.area == 10_000
    assert (built.closed_m, built.segments) == (0, 0)


def test_missing_member_is_closed_and_counted():
    built = polygon_from_pieces(SIDES[:3])
    assert built.geometry.area == 10_000
    assert (built.closed_m, built.segments) == (100, 1)


def test_two_gaps_are_two_segments():
    built = polygon_from_pieces(
        [LineString([(0, 0), (100, 0), (100, 90)]), LineString([(90, 100), (0, 100), (0, 10)])]
    )
    assert built.geometry.area == 10_000 - 50
    assert built.segments == 2
    assert built.closed_m == pytest.approx(200**0.5 + 10)


def test_ring_mostly_invented_is_not_built():
    flat = LineString([(0, 0), (50, 1), (100, 0)])
    assert polygon_from_pieces([flat]).geometry is not None
    assert polygon_from_pieces([flat], max_added_share=0.49).geometry is None
    assert polygon_from_pieces(SIDES[:1]).geometry is None
    assert polygon_from_pieces([]).geometry is None


def test_holes_are_cut_out_whole_or_mended():
    whole = polygon_from_pieces(SIDES, [HOLE])
    assert whole.geometry.area == 10_000 - 400
    open_hole = LineString(HOLE.coords[:4])
    mended = polygon_from_pieces(SIDES, [open_hole])
    assert mended.geometry.area == 10_000 - 400
    assert (mended.closed_m, mended.segments) == (20, 1)


def test_two_rings_are_two_parts():
    other = [translate(side, 500, 0) for side in SIDES]
    built = polygon_from_pieces([*SIDES[:2], *other, *SIDES[2:]])
    assert built.geometry.geom_type == "MultiPolygon"
    assert built.geometry.area == 20_000


def test_two_broken_rings_are_not_joined_to_one():
    far = [translate(side, 1000, 0) for side in SIDES]
    built = polygon_from_pieces([*SIDES[:3], *far[:3]])
    assert len(built.geometry.geoms) == 2
    assert (built.closed_m, built.segments) == (200, 2)


def test_ring_that_crosses_itself_is_mended():
    bow = LineString([(0, 0), (100, 100), (100, 0), (0, 100), (0, 0)])
    built = polygon_from_pieces([bow])
    assert built.geometry.is_valid
    assert built.geometry.area == 5_000


cuts = st.lists(st.integers(0, 23), min_size=1, max_size=6, unique=True)


@given(cuts, st.randoms(use_true_random=False))
def test_any_cutting_gives_the_same_ring(at, random):
    ring = Point(0, 0).buffer(100, quad_segs=6)
    pieces = [p.reverse() if random.random() < 0.5 else p for p in pieces_of(ring.exterior, at)]
    random.shuffle(pieces)
    built = polygon_from_pieces(pieces)
    assert built.geometry.symmetric_difference(ring).area == pytest.approx(0, abs=1e-6)
    assert (built.closed_m, built.segments) == (0, 0)


@given(cuts, st.data())
def test_without_one_piece_one_segment_closes(at, data):
    ring = Point(0, 0).buffer(100, quad_segs=6)
    pieces = pieces_of(ring.exterior, at)
    assume(len(pieces) > 1)
    lost = pieces.pop(data.draw(st.integers(0, len(pieces) - 1)))
    assume(lost.length < 0.4 * ring.exterior.length)
    built = polygon_from_pieces(data.draw(st.permutations(pieces)))
    gap = np.hypot(*(np.array(lost.coords[0]) - lost.coords[-1]))
    assert built.segments == 1
    assert built.closed_m == pytest.approx(gap)
    assert built.geometry.is_valid
    cut_off = shapely.Polygon(lost.coords).area if len(lost.coords) > 2 else 0.0
    assert built.geometry.area == pytest.approx(ring.area - cut_off)
