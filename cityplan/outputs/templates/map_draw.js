// Draws shapes on a canvas: simplified to the pixel, crowded points drawn together.
"use strict";
(function (cp) {
  const BATCH = 300, TINY_PX = 2, BOX_PX = 3.5, OUTLINED_PX = 5, CELL_PX = 54, CROWD = 250, CROWD_ZOOM = 16;

  // view: {pen, scale, left, top, width, height, zoom, ratio}; a place is x * scale - left.
  function seen(view, s, shape) {
    const at = shape * 4, box = s.box, room = 12;
    return box[at] * view.scale - view.left < view.width + room &&
      box[at + 2] * view.scale - view.left > -room &&
      box[at + 1] * view.scale - view.top < view.height + room &&
      box[at + 3] * view.scale - view.top > -room;
  }

  function extent(view, s, shape) {
    const at = shape * 4;
    return Math.max(s.box[at + 2] - s.box[at], s.box[at + 3] - s.box[at + 1]) * view.scale;
  }

  // Vertices closer together than a pixel are left out.
  function trace(view, s, shape, close) {
    const pen = view.pen, x = s.x, y = s.y;
    for (let ring = s.starts[shape]; ring < s.starts[shape + 1]; ring++) {
      const first = s.rings[ring], last = s.rings[ring + 1] - 1;
      let px = x[first] * view.scale - view.left, py = y[first] * view.scale - view.top;
      pen.moveTo(px, py);
      for (let v = first + 1; v <= last; v++) {
        const nx = x[v] * view.scale - view.left, ny = y[v] * view.scale - view.top;
        if (v === last || Math.abs(nx - px) > 0.8 || Math.abs(ny - py) > 0.8) {
          pen.lineTo(nx, ny);
          px = nx;
          py = ny;
        }
      }
      if (close) { pen.closePath(); }
    }
  }

  function box(view, s, shape) {
    const at = shape * 4, west = s.box[at] * view.scale - view.left, north = s.box[at + 1] * view.scale - view.top;
    view.pen.rect(west, north, (s.box[at + 2] - s.box[at]) * view.scale, (s.box[at + 3] - s.box[at + 1]) * view.scale);
  }

  function paint(view, look, outlined) {
    const pen = view.pen;
    if (look.fill) {
      pen.globalAlpha = look.opacity;
      pen.fillStyle = look.fill;
      pen.fill();
      pen.globalAlpha = 1;
      if (look.hatch && outlined) {
        pen.globalAlpha = look.hatchOpacity || 0.75;
        pen.fillStyle = cp.hatchPattern(pen, look.hatch, look.hatchColor || look.color, view.ratio);
        pen.fill();
        pen.globalAlpha = 1;
      }
    }
    if (outlined && look.weight) { stroke(view, look); }
  }

  function stroke(view, look) {
    view.pen.strokeStyle = look.color;
    view.pen.lineWidth = look.weight;
    view.pen.setLineDash(look.dash || []);
    view.pen.stroke();
    view.pen.setLineDash([]);
  }

  // Which spots of two pixels hold an area too small to be drawn: neighbours are one stroke.
  function Spots(view) {
    this.columns = Math.ceil(view.width / TINY_PX) + 1;
    this.rows = Math.ceil(view.height / TINY_PX) + 1;
    this.taken = new Uint8Array(this.columns * this.rows);
  }

  Spots.prototype.take = function (x, y) {
    const column = Math.floor(x / TINY_PX), row = Math.floor(y / TINY_PX);
    if (column >= 0 && row >= 0 && column < this.columns && row < this.rows) { this.taken[row * this.columns + column] = 1; }
  };

  Spots.prototype.paint = function (view, look) {
    view.pen.fillStyle = look.fill || look.color;
    view.pen.globalAlpha = look.opacity || 1;
    for (let row = 0; row < this.rows; row++) {
      for (let column = 0; column < this.columns; column++) {
        const first = column;
        while (this.taken[row * this.columns + column]) { column += 1; }
        if (column > first) { view.pen.fillRect(first * TINY_PX, row * TINY_PX, (column - first) * TINY_PX, TINY_PX); }
      }
    }
    view.pen.globalAlpha = 1;
  };

  function drawLines(view, s, look, wanted) {
    // Lines are thinner the farther out, or streets would run together.
    const thinner = Math.max(0.35, Math.min(1, (view.zoom - 8.5) / 6));
    const thin = Object.assign({}, look, {weight: look.weight * thinner});
    view.pen.beginPath();
    for (let shape = 0, drawn = 0; shape < s.count; shape++) {
      if (s.dimension[shape] !== 1 || (wanted && !wanted(shape)) || !seen(view, s, shape)) { continue; }
      trace(view, s, shape, false);
      if (++drawn % BATCH === 0) { stroke(view, thin); view.pen.beginPath(); }
    }
    stroke(view, thin);
  }

  // Small areas without an outline first, then the others.
  function drawAreas(view, s, look, wanted) {
    const spots = new Spots(view);
    let tiny = false;
    for (const outlined of [false, true]) {
      view.pen.beginPath();
      for (let shape = 0, drawn = 0; shape < s.count; shape++) {
        if (s.dimension[shape] !== 2 || (wanted && !wanted(shape)) || !seen(view, s, shape)) { continue; }
        const size = extent(view, s, shape);
        if (outlined !== (size > OUTLINED_PX)) { continue; }
        if (size < TINY_PX) {
          tiny = true;
          spots.take(s.box[shape * 4] * view.scale - view.left, s.box[shape * 4 + 1] * view.scale - view.top);
          continue;
        }
        if (size < BOX_PX) { box(view, s, shape); } else { trace(view, s, shape, true); }
        if (++drawn % BATCH === 0) { paint(view, look, outlined); view.pen.beginPath(); }
      }
      paint(view, look, outlined);
    }
    if (tiny && look.fill) { spots.paint(view, look); }
  }

  // The areas or lines among the shapes that are `wanted`.
  cp.drawShapes = function (view, s, look, dimension, wanted) {
    (dimension === 2 ? drawAreas : drawLines)(view, s, look, wanted);
  };

  function mark(view, look, x, y) {
    view.pen.beginPath();
    cp.markPath(view.pen, look.mark, x, y, look.radius);
    view.pen.globalAlpha = Math.max(look.opacity, 0.15);
    view.pen.fillStyle = look.fill;
    view.pen.fill();
    view.pen.globalAlpha = 1;
    view.pen.strokeStyle = look.color;
    view.pen.lineWidth = look.weight;
    view.pen.stroke();
  }

  function bubble(view, look, group) {
    const pen = view.pen;
    group.radius = 7.5 + 2.4 * Math.log10(group.count);
    pen.beginPath();
    pen.arc(group.x, group.y, group.radius, 0, 2 * Math.PI);
    pen.fillStyle = look.color;
    pen.globalAlpha = 0.82;
    pen.fill();
    pen.globalAlpha = 1;
    pen.strokeStyle = "#fff";
    pen.lineWidth = 1.2;
    pen.stroke();
    pen.fillStyle = "#fff";
    pen.font = "600 10.5px " + cp.font;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(group.count > 999 ? (group.count / 1000).toFixed(1) + "k" : group.count, group.x, group.y + 0.5);
  }

  // Points; where many are in sight, those of one cell as a circle with their number.
  cp.drawPoints = function (view, s, look, wanted) {
    const cells = new Map(), sight = [];
    for (let shape = 0; shape < s.count; shape++) {
      if (s.dimension[shape] === 0 && (!wanted || wanted(shape)) && seen(view, s, shape)) { sight.push(shape); }
    }
    const crowded = sight.length > CROWD && view.zoom < CROWD_ZOOM;
    for (const shape of sight) {
      for (let v = s.rings[s.starts[shape]]; v < s.rings[s.starts[shape + 1]]; v++) {
        const x = s.x[v] * view.scale, y = s.y[v] * view.scale;
        if (!crowded) { mark(view, look, x - view.left, y - view.top); continue; }
        const key = Math.floor(x / CELL_PX) + "/" + Math.floor(y / CELL_PX);
        const group = cells.get(key) || {count: 0, x: 0, y: 0, shape: shape};
        group.count += 1;
        group.x += x - view.left;
        group.y += y - view.top;
        cells.set(key, group);
      }
    }
    const groups = [];
    cells.forEach(function (group) {
      group.x /= group.count;
      group.y /= group.count;
      if (group.count === 1) { mark(view, look, group.x, group.y); return; }
      bubble(view, look, group);
      groups.push(group);
    });
    return groups;
  };

  // What is chosen: a white halo and a dark line around it.
  cp.drawChosen = function (view, s, shape, color) {
    view.pen.beginPath();
    if (s.dimension[shape] === 0) {
      const v = s.rings[s.starts[shape]];
      cp.markPath(view.pen, "o", s.x[v] * view.scale - view.left, s.y[v] * view.scale - view.top, 10);
    } else { trace(view, s, shape, s.dimension[shape] === 2); }
    stroke(view, {color: "#fff", weight: 6});
    stroke(view, {color: color, weight: 2.6});
  };

  // Names and figures of units, the largest first; a label that would touch another is left out.
  cp.drawLabels = function (view, labels) {
    const pen = view.pen, taken = [];
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    for (const label of labels) {
      const x = label.x * view.scale - view.left, y = label.y * view.scale - view.top;
      const lines = label.lines.concat(label.words ? [label.words(label.unit)] : []);
      pen.font = "600 12px " + cp.font;
      const width = Math.max(...lines.map(function (line) { return pen.measureText(line).width; }), 30), high = 8 * lines.length + 1;
      const box = [x - width / 2 - 5, y - high, x + width / 2 + 5, y + high];
      const clear = taken.every(function (other) {
        return box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3];
      });
      const roomy = label.width * view.scale > width * 0.45;
      if (!clear || !roomy || x < 0 || y < 0 || x > view.width || y > view.height) { continue; }
      taken.push(box);
      pen.strokeStyle = "rgba(255,255,255,.92)";
      pen.lineWidth = 3.5;
      pen.fillStyle = cp.data.colors.ink;
      lines.forEach(function (line, n) {
        const middle = y + 16 * n - 8 * (lines.length - 1);
        pen.font = (n < label.lines.length ? "600 12px " : "12px ") + cp.font;
        pen.strokeText(line, x, middle);
        pen.fillText(line, x, middle);
      });
    }
  };
})(cityplan);
