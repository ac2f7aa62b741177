// Marks and hatches, the same on the map and in the legend.
"use strict";
(function (cp) {
  const HATCH = 8;

  // Corners of a mark of radius 1; null is a circle.
  function polygon(sides, turn, inner) {
    const corners = [];
    for (let n = 0; n < sides * (inner ? 2 : 1); n++) {
      const angle = turn + 2 * Math.PI * n / (sides * (inner ? 2 : 1));
      const radius = inner && n % 2 ? inner : 1;
      corners.push([radius * Math.cos(angle), radius * Math.sin(angle)]);
    }
    return corners;
  }
  const UP = -Math.PI / 2, B = 0.34;
  const MARKS = {
    "^": polygon(3, UP), "v": polygon(3, -UP), "<": polygon(3, Math.PI), ">": polygon(3, 0),
    "s": polygon(4, Math.PI / 4), "D": polygon(4, 0), "h": polygon(6, UP), "*": polygon(5, UP, 0.45),
    "P": [[-B, -1], [B, -1], [B, -B], [1, -B], [1, B], [B, B], [B, 1], [-B, 1], [-B, B], [-1, B], [-1, -B], [-B, -B]]
  };

  cp.markPath = function (path, mark, x, y, radius) {
    const corners = MARKS[mark], size = mark === "*" ? radius * 1.35 : radius * 1.15;
    if (!corners) {
      path.moveTo(x + radius, y);
      path.arc(x, y, radius, 0, 2 * Math.PI);
      return;
    }
    corners.forEach(function (corner, n) {
      if (n) { path.lineTo(x + corner[0] * size, y + corner[1] * size); }
      else { path.moveTo(x + corner[0] * size, y + corner[1] * size); }
    });
    path.closePath();
  };

  // matplotlib's letters for hatches, as lines and dots of a tile.
  function hatchLines(hatch) {
    const h = HATCH, lines = [];
    if (hatch.includes("/") || hatch.includes("x")) { lines.push([-2, 2, 2, -2], [0, h, h, 0], [h - 2, h + 2, h + 2, h - 2]); }
    if (hatch.includes("\\") || hatch.includes("x")) { lines.push([-2, h - 2, 2, h + 2], [0, 0, h, h], [h - 2, -2, h + 2, 2]); }
    if (hatch.includes("|") || hatch.includes("+")) { lines.push([h / 2, 0, h / 2, h]); }
    if (hatch.includes("-") || hatch.includes("+")) { lines.push([0, h / 2, h, h / 2]); }
    return lines;
  }

  const patterns = {};
  cp.hatchPattern = function (context, hatch, color, ratio) {
    const key = [hatch, color, ratio].join();
    if (!patterns[key]) {
      const tile = document.createElement("canvas"), size = Math.round(HATCH * ratio);
      tile.width = tile.height = size;
      const pen = tile.getContext("2d");
      pen.scale(size / HATCH, size / HATCH);
      pen.strokeStyle = pen.fillStyle = color;
      pen.lineWidth = 1;
      pen.beginPath();
      hatchLines(hatch).forEach(function (line) { pen.moveTo(line[0], line[1]); pen.lineTo(line[2], line[3]); });
      pen.stroke();
      pen.beginPath();
      if (hatch.includes(".")) { pen.arc(HATCH / 2, HATCH / 2, 1.1, 0, 7); pen.fill(); }
      if (hatch.includes("o")) { pen.arc(HATCH / 2, HATCH / 2, 2.2, 0, 7); pen.stroke(); }
      patterns[key] = context.createPattern(tile, "repeat");
      if (patterns[key].setTransform) { patterns[key].setTransform(new DOMMatrix([HATCH / size, 0, 0, HATCH / size, 0, 0])); }
    }
    return patterns[key];
  };

  // A small picture of a look for the legend, drawn by the same code as the map.
  cp.swatch = function (look, dimension) {
    const ratio = 2, width = 30, height = 18;
    const canvas = cp.make("canvas", {class: "cp-swatch", width: width * ratio, height: height * ratio, "aria-hidden": "true"});
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.strokeStyle = look.color;
    pen.fillStyle = look.fill;
    pen.lineWidth = Math.min(look.weight, 3);
    pen.beginPath();
    if (dimension === 1) {
      pen.lineWidth = Math.max(pen.lineWidth, 1.6);
      pen.setLineDash(look.dash);
      pen.moveTo(1, height / 2);
      pen.lineTo(width - 1, height / 2);
      pen.stroke();
      return canvas;
    }
    if (dimension === 0) { cp.markPath(pen, look.mark, width / 2, height / 2, Math.min(look.radius, 6)); }
    else { pen.rect(2, 2, width - 4, height - 4); pen.setLineDash(look.dash); }
    pen.globalAlpha = look.opacity;
    pen.fill();
    pen.globalAlpha = 1;
    if (dimension === 2 && look.hatch) {
      pen.fillStyle = cp.hatchPattern(pen, look.hatch, look.color, ratio);
      pen.fill();
    }
    pen.stroke();
    return canvas;
  };
})(cityplan);
