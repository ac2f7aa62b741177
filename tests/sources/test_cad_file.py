"""DXF drawings, made with ezdxf."""

import math
import sys

import ezdxf
import pytest

from cityplan.errors import InputFileError, StudyError
from cityplan.sources.files.open_source import list_layers


@pytest.fixture
def drawing(tmp_path):
    """Return a drawing and the path it is to be saved to."""
    document = ezdxf.new("R2010", units=6)
    document.blocks.new("公厕")
    return document, tmp_path / "总图.dxf"


def test_entities_become_shapes(drawing, read):
    document, path = drawing
    space = document.modelspace()
    here = {"layer": "公园"}
    space.add_line((0, 0), (3, 4), dxfattribs=here)
    space.add_lwpolyline([(0, 0), (10, 0), (10, 5)], dxfattribs=here)
    space.add_lwpolyline([(0, 0), (10, 0), (10, 5)], close=True, dxfattribs=here)
    space.add_polyline2d([(0, 0), (4, 0), (4, 4), (0, 4)], close=True, dxfattribs=here)
    space.add_circle((0, 0), 10, dxfattribs=here)
    space.add_point((1, 2, 3), dxfattribs=here)
    space.add_text("人民公园", dxfattribs={**here, "insert": (5, 6)})
    space.add_mtext(r"{\fArial;A}\P乙", dxfattribs={**here, "insert": (7, 8)})
    space.add_blockref("公厕", (9, 9), dxfattribs=here)
    hatch = space.add_hatch(dxfattribs=here)
    hatch.paths.add_polyline_path([(0, 0), (10, 0), (10, 10), (0, 10)], is_closed=True)
    hatch.paths.add_polyline_path([(4, 4), (6, 4), (6, 6), (4, 6)], is_closed=True)
    space.add_ray((0, 0), (1, 0), dxfattribs=here)
    document.saveas(path)

    layer = read(path)
    frame = layer.frame
    kinds = frame.geom_type.tolist()
    assert kinds == ["LineString", "LineString", "Polygon", "Polygon", "Polygon",
                     "Point", "Point", "Point", "Point", "Polygon"]  # fmt: skip
    assert frame.length[0] == 5
    assert frame.area[[2, 3, 9]].tolist() == [25, 16, 96]
    assert math.pi * 100 * 0.98 < frame.area[4] < math.pi * 100
    assert frame["text"].tolist()[6:8] == ["人民公园", "A\n乙"]
    assert frame["block"].iloc[8] == "公厕"
    assert not frame.geometry.has_z.any()
    assert frame.crs is None
    assert layer.rejected == {"drawing entity of a type without use": 1}
    assert "RAY (1)" in layer.notes[-1].en
    assert "states metres" in layer.notes[0].en


def test_layers_of_a_drawing(drawing, read, refuses):
    document, path = drawing
    for name in ("道路", "公园"):
        document.modelspace().add_circle((0, 0), 5, dxfattribs={"layer": name})
    document.saveas(path)
    assert list_layers(path) == [("公园", "CIRCLE", 1), ("道路", "CIRCLE", 1)]
    refuses(path, StudyError, 'for example layer = "公园"')
    assert read(path, layer="道路").frame["layer"].tolist() == ["道路"]
    refuses(path, StudyError, "no layer '绿地'", layer="绿地")


def test_old_drawings_in_gbk(tmp_path, read):
    document = ezdxf.new("R2000")
    document.encoding = "gbk"
    document.header["$DWGCODEPAGE"] = "ANSI_936"
    document.modelspace().add_text("街头绿地", dxfattribs={"layer": "文字"})
    document.saveas(tmp_path / "a.dxf", encoding="gbk")
    layer = read(tmp_path / "a.dxf")
    assert layer.frame[["layer", "text"]].to_numpy().tolist() == [["文字", "街头绿地"]]
    assert "gb" in layer.encoding


def test_what_is_no_usable_drawing(drawing, refuses, tmp_path):
    document, path = drawing
    document.saveas(path)
    refuses(path, InputFileError, "holds no features")
    document.modelspace().add_ray((0, 0), (1, 0))
    document.saveas(path)
    refuses(path, InputFileError, "has nothing usable in layer '0'")
    (tmp_path / "a.dwg").write_bytes(b"AC1032")
    refuses(tmp_path / "a.dwg", InputFileError, "save it as DXF")
    for raw in (b"", b"AC1032\0\0", b"0\nSECTION\n2\nENTITIES\n0\nLINE\n"):
        (tmp_path / "b.dxf").write_bytes(raw)
        refuses(tmp_path / "b.dxf", InputFileError, "")


def test_without_ezdxf_the_remedy_is_named(drawing, refuses, monkeypatch):
    document, path = drawing
    document.saveas(path)
    monkeypatch.setitem(sys.modules, "ezdxf", None)
    refuses(path, InputFileError, 'pip install "cityplan[cad]"')
