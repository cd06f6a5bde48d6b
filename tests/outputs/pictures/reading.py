"""Reads pictures back: shapes in mm from path data and transforms, written without the code that draws."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import shapely

SVG = "{http://www.w3.org/2000/svg}"
_TOKEN = re.compile(r"[MLHVZmlhvz]|-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Matrix:
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0


@dataclass(frozen=True)
class Picture:
    root: ET.Element

    @property
    def title(self) -> str:
        return self.root.findtext(f"{SVG}title") or ""

    @property
    def description(self) -> str:
        return self.root.findtext(f"{SVG}desc") or ""

    @property
    def box(self) -> tuple[float, float]:
        x, y, width, height = (float(v) for v in self.root.attrib["viewBox"].split())
        assert (x, y) == (0.0, 0.0)
        return width, height

    @property
    def texts(self) -> list[str]:
        return [element.text or "" for element in self.root.iter(f"{SVG}text")]

    @property
    def plane(self) -> Matrix:
        """From mm to the picture: the transform of the only transformed group."""
        (group,) = [g for g in self.root.iter(f"{SVG}g") if "transform" in g.attrib]
        found = re.fullmatch(r"matrix\(([^)]*)\)", group.attrib["transform"])
        assert found
        return Matrix(*(float(v) for v in found[1].split()))

    def paths(self, name: str, *, in_plane: bool = True) -> list[list[list[tuple[float, float]]]]:
        """Corners of each ring of each path of a class, inside the group in mm or outside of it."""
        inside = {id(p) for g in self.root.iter(f"{SVG}g") if "transform" in g.attrib for p in g.iter()}
        return [
            rings(path.attrib["d"])
            for path in self.root.iter(f"{SVG}path")
            if path.attrib["class"] == name and (id(path) in inside) is in_plane
        ]

    def rectangles(self, name: str) -> list[tuple[float, float, float, float]]:
        """``(x0, x1, y0, y1)`` of every rectangle of a class, mm."""
        found = []
        for ring in (r for path in self.paths(name) for r in path):
            xs, ys = {x for x, _ in ring}, {y for _, y in ring}
            assert len(xs) == len(ys) == 2, ring
            found.append((min(xs), max(xs), min(ys), max(ys)))
        return found

    def area(self, name: str) -> shapely.Geometry:
        """What the paths of a class fill (even-odd), mm."""
        shape: shapely.Geometry = shapely.Polygon()
        for ring in (r for path in self.paths(name) for r in path if len(r) > 2):
            shape = shape.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
        return shape


def read(svg: str) -> Picture:
    """Parse a picture and check what holds for all of them."""
    root = ET.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert set(root.attrib) == {"class", "viewBox", "role", "font-family", "font-size"}
    assert root.attrib["role"] == "img"
    picture = Picture(root)
    width, height = picture.box
    assert width > 0 and height > 0
    assert picture.title and picture.description
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {"svg", "title", "desc", "g", "path", "text", "circle"}
        names = set(element.attrib)
        assert "id" not in names and not any(n.endswith("href") or n.startswith("on") or n == "style" for n in names)
        for value in element.attrib.values():
            assert "nan" not in value.lower() and "inf" not in value.lower() and "url(" not in value
    for value in re.findall(r"-?\d+\.\d{3,}", re.sub(r"matrix\([^)]*\)", "", svg)):
        raise AssertionError(f"more than two decimals: {value}")
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.attrib["x"]), float(text.attrib["y"])
        assert -1 <= x <= width + 1 and 0 <= y <= height, text.text
        size = float(text.attrib.get("font-size", root.attrib["font-size"]))
        if "transform" not in text.attrib:
            wide = 0.5 * size * len(text.text or "")
            share = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.attrib.get("text-anchor", "start")]
            assert x - share * wide >= -2 and x + (1 - share) * wide <= width + 2, text.text
    return picture


def rings(data: str) -> list[list[tuple[float, float]]]:
    """Corners of each subpath."""
    tokens = _TOKEN.findall(data)
    assert "".join(tokens) == re.sub(r"[\s,]", "", data)
    found: list[list[tuple[float, float]]] = []
    x = y = 0.0
    i, command = 0, ""
    while i < len(tokens):
        if tokens[i].isalpha():
            command = tokens[i]
            i += 1
            if command in "Zz":
                x, y = found[-1][0]
                continue
        relative = command.islower()
        base_x, base_y = (x, y) if relative else (0.0, 0.0)
        if command in "MmLl":
            x, y = base_x + float(tokens[i]), base_y + float(tokens[i + 1])
            i += 2
        elif command in "Hh":
            x = base_x + float(tokens[i])
            i += 1
        else:
            y = base_y + float(tokens[i])
            i += 1
        if command in "Mm":
            found.append([(x, y)])
        else:
            found[-1].append((x, y))
    return [
        [corner for k, corner in enumerate(ring) if not (k and math_same(corner, ring[0]) and k == len(ring) - 1)]
        for ring in found
    ]


def math_same(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return abs(a[0] - b[0]) < 1e-9 and abs(a[1] - b[1]) < 1e-9
