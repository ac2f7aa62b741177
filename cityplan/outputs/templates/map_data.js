// From packed bytes to shapes: see cityplan/outputs/packing.py, which writes them.
"use strict";
(function (cp) {
  const PER_DEGREE = 1e6;

  function bytesOf(text) {
    if (Uint8Array.fromBase64) { return Uint8Array.fromBase64(text); }
    const letters = atob(text), bytes = new Uint8Array(letters.length);
    for (let n = 0; n < letters.length; n++) { bytes[n] = letters.charCodeAt(n); }
    return bytes;
  }

  // Whole numbers, their bytes split into planes and their sign in the lowest bit.
  function column(bytes, start, length, width) {
    const numbers = new Int32Array(length);
    for (let plane = 0; plane < width; plane++) {
      const from = start + plane * length, shift = 8 * plane;
      for (let n = 0; n < length; n++) { numbers[n] |= bytes[from + n] << shift; }
    }
    for (let n = 0; n < length; n++) { numbers[n] = (numbers[n] >>> 1) ^ -(numbers[n] & 1); }
    return numbers;
  }

  function running(counts) {
    const starts = new Uint32Array(counts.length + 1);
    for (let n = 0; n < counts.length; n++) { starts[n + 1] = starts[n] + counts[n]; }
    return starts;
  }

  // Web Mercator at zoom 0 (256 pixels), from the page's own corner: 32 bits are enough.
  function mercatorY(latitude) {
    const sine = Math.sin(latitude * Math.PI / 180);
    return 128 - Math.log((1 + sine) / (1 - sine)) * 64 / Math.PI;
  }

  function shapes(packed, columns, corner) {
    const starts = running(columns[packed.rings]), rings = running(columns[packed.vertices]);
    const dx = columns[packed.x], dy = columns[packed.y];
    const x = new Float32Array(dx.length), y = new Float32Array(dx.length);
    for (let n = 0, lon = 0, lat = 0; n < dx.length; n++) {
      lon += dx[n];
      lat += dy[n];
      x[n] = (lon / PER_DEGREE / 360 + 0.5) * 256 - corner.x;
      y[n] = mercatorY(lat / PER_DEGREE) - corner.y;
    }
    const made = {
      count: packed.count, dimension: columns[packed.dimensions], starts: starts, rings: rings,
      x: x, y: y, box: new Float32Array(packed.count * 4)
    };
    for (let shape = 0; shape < packed.count; shape++) {
      let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
      for (let v = rings[starts[shape]]; v < rings[starts[shape + 1]]; v++) {
        if (x[v] < west) { west = x[v]; }
        if (x[v] > east) { east = x[v]; }
        if (y[v] < north) { north = y[v]; }
        if (y[v] > south) { south = y[v]; }
      }
      made.box.set([west, north, east, south], shape * 4);
    }
    return made;
  }

  function unfold(bytes) {
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
    let start = 4 + length;
    const columns = data.columns.map(function (entry) {
      const numbers = column(bytes, start, entry[0], entry[1]);
      start += entry[0] * entry[1];
      return numbers;
    });
    const corner = {x: (data.bounds[1] / 360 + 0.5) * 256, y: mercatorY(data.bounds[2])};
    data.corner = corner;
    for (const name of Object.keys(data.ground)) {
      data.ground[name] = shapes(data.ground[name], columns, corner);
    }
    data.analyses.forEach(function (analysis, a) {
      (analysis.layers || []).forEach(function (layer, n) {
        Object.assign(layer, {
          analysis: a, number: n, shown: true, kind: null,
          shapes: shapes(layer.shapes, columns, corner), field: {}
        });
        layer.fields.forEach(function (field) {
          field.column = columns[field.column];
          layer.field[field.key] = field;
        });
      });
    });
    return data;
  }

  // The content of the page, as a promise.
  cp.unpack = function (text) {
    const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer().then(function (buffer) {
      return unfold(new Uint8Array(buffer));
    });
  };

  cp.nameOf = function (layer, shape) {
    const name = layer.field.name ? cp.cell(layer.field.name, shape) : "";
    return name || (layer.field.kind && cp.cell(layer.field.kind, shape)) || cp.t(layer.title);
  };

  function inside(s, shape, x, y) {
    let odd = false;
    for (let ring = s.starts[shape]; ring < s.starts[shape + 1]; ring++) {
      const first = s.rings[ring], end = s.rings[ring + 1];
      for (let v = first, before = end - 1; v < end; before = v++) {
        if ((s.y[v] > y) !== (s.y[before] > y) &&
            x < (s.x[before] - s.x[v]) * (y - s.y[v]) / (s.y[before] - s.y[v]) + s.x[v]) { odd = !odd; }
      }
    }
    return odd;
  }

  function nearLine(s, shape, x, y, reach) {
    for (let ring = s.starts[shape]; ring < s.starts[shape + 1]; ring++) {
      for (let v = s.rings[ring] + 1; v < s.rings[ring + 1]; v++) {
        const dx = s.x[v] - s.x[v - 1], dy = s.y[v] - s.y[v - 1];
        const along = ((x - s.x[v - 1]) * dx + (y - s.y[v - 1]) * dy) / (dx * dx + dy * dy || 1);
        const at = Math.max(0, Math.min(1, along));
        if (Math.hypot(s.x[v - 1] + at * dx - x, s.y[v - 1] + at * dy - y) <= reach) { return true; }
      }
    }
    return false;
  }

  // Whether a shape lies at a place, `reach` away at most if it is a point or line.
  cp.holds = function (s, shape, x, y, reach) {
    const at = shape * 4, box = s.box;
    if (x < box[at] - reach || x > box[at + 2] + reach || y < box[at + 1] - reach || y > box[at + 3] + reach) {
      return false;
    }
    if (s.dimension[shape] === 2) { return inside(s, shape, x, y); }
    return s.dimension[shape] === 0 || nearLine(s, shape, x, y, reach);
  };

  // A place on the shape for its pop-up and label: the middle of its widest stretch.
  cp.anchor = function (s, shape) {
    const at = shape * 4, first = s.rings[s.starts[shape]], end = s.rings[s.starts[shape + 1]];
    if (s.dimension[shape] < 2) {
      const middle = (first + end) >> 1;
      return {x: s.x[middle], y: s.y[middle], width: 0};
    }
    let best = {x: s.x[first], y: s.y[first], width: -1};
    for (const part of [0.5, 0.4, 0.6, 0.3, 0.7]) {
      const y = s.box[at + 1] + part * (s.box[at + 3] - s.box[at + 1]), cuts = [];
      for (let ring = s.starts[shape]; ring < s.starts[shape + 1]; ring++) {
        for (let v = s.rings[ring], before = s.rings[ring + 1] - 1; v < s.rings[ring + 1]; before = v++) {
          if ((s.y[v] > y) !== (s.y[before] > y)) {
            cuts.push((s.x[before] - s.x[v]) * (y - s.y[v]) / (s.y[before] - s.y[v]) + s.x[v]);
          }
        }
      }
      cuts.sort(function (a, b) { return a - b; });
      for (let n = 0; n + 1 < cuts.length; n += 2) {
        const width = cuts[n + 1] - cuts[n];
        if (width > best.width * 1.15) { best = {x: (cuts[n] + cuts[n + 1]) / 2, y: y, width: width}; }
      }
    }
    return best;
  };
})(cityplan);
