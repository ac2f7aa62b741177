"""The awkward names and the small builders that tests of the outputs share."""

from pyproj import CRS

from cityplan.model.standard import Target
from cityplan.text import Text

UTM = CRS.from_epsg(4548)
X, Y = 500_000.0, 3_630_000.0
SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd()|'/C calc'!A0"
HOSTILE = (
    SCRIPT,
    FORMULA,
    "很长的名字" * 60,
    "🚻🌳",
    "حديقة عامة",
    "a$b$ {{ 7*7 }} url(http://evil.example)",
)
UNITS = ("明东街道", "明光街道", "明南街道", "经开区 <b>A&B</b>")
BASIS = Text(en="OSM, 120 buildings by floor area.", zh="OSM，120 栋建筑，按建筑面积加权。")


def text(en, zh=None):
    return Text(en=en, zh=zh or en)


def target(measure, operator, unit, **figures):
    return Target(
        measure=measure,
        title=text(f"Title of {measure}", f"{measure} 的标题"),
        operator=operator,
        unit=unit,
        kind=figures.pop("kind", "target"),
        source=figures.pop("source", "中发[2016]6号"),
        clause=figures.pop("clause", "第17条"),
        confidence=figures.pop("confidence", "S1"),
        **figures,
    )
