// The layer of Leaflet that holds the canvas: what is drawn, and what lies under the pointer.
"use strict";
(function (cp) {
  const REACH_PX = 9;

  // The shapes in sight from below: of the analysis that is open.
  cp.layersShown = function () {
    const open = cp.data.analyses[cp.state.open];
    return open ? open.layers.filter(function (layer) { return layer.shown; }) : [];
  };

  cp.wanted = function (layer) {
    if (layer.kind === null) { return null; }
    return function (shape) { return layer.field.kind.column[shape] === layer.kind; };
  };

  function drawUnits(view) {
    const units = cp.data.ground.units, shading = cp.shading(), colors = cp.data.colors;
    const bare = {fill: colors.paper, opacity: 0.35, color: colors.outline, weight: 0};
    const looks = shading
      ? shading.classes.map(function (entry) {
          return {fill: entry.color, opacity: 0.88, hatch: entry.hatch, hatchColor: colors.outline, hatchOpacity: 0.3, color: colors.outline, weight: 0};
        })
      : [bare];
    looks.forEach(function (look, n) {
      cp.drawShapes(view, units, look, 2, function (unit) { return !shading || shading.index[unit] === n; });
    });
    const many = units.count > 400 && view.zoom < 13;
    cp.drawShapes(view, units, {color: "#fff", weight: many ? 0.8 : 2.4}, 2);
    cp.drawShapes(view, units, {color: colors.outline, weight: many ? 0.4 : 1}, 2);
  }

  function draw(view, renderer) {
    const ground = cp.data.ground, colors = cp.data.colors;
    if (!cp.data.tiles) { cp.drawShapes(view, ground.boundary, {fill: colors.paper, opacity: 1, weight: 0}, 2); }
    cp.drawShapes(view, ground.builtUp, {fill: colors.builtUp, opacity: 1, weight: 0}, 2);
    drawUnits(view);
    cp.drawShapes(view, ground.builtUp, {color: "#b08d4a", weight: 1.1, dash: [2, 2]}, 2);
    renderer.bubbles = [];
    for (const layer of cp.layersShown()) {
      for (const dimension of [2, 1]) { cp.drawShapes(view, layer.shapes, layer.look, dimension, cp.wanted(layer)); }
      cp.drawPoints(view, layer.shapes, layer.look, cp.wanted(layer)).forEach(function (group) {
        renderer.bubbles.push(group);
      });
    }
    cp.drawShapes(view, ground.boundary, {color: colors.ink, weight: 1.6}, 2);
    const chosen = cp.state.chosen;
    if (chosen) { cp.drawChosen(view, chosen.layer ? chosen.layer.shapes : ground.units, chosen.shape, colors.ink); }
    cp.drawLabels(view, cp.unitLabels());
  }

  cp.Canvas = L.Renderer.extend({
    options: {padding: 0.15},

    _initContainer: function () {
      this._container = cp.make("canvas", {class: "cp-canvas leaflet-zoom-animated", "aria-hidden": "true"});
      this._layers = {};  // Leaflet asks every renderer for its paths: there are none
    },

    _destroyContainer: function () { this._container.remove(); },

    _update: function () {
      if (this._map._animatingZoom && this._bounds) { return; }
      L.Renderer.prototype._update.call(this);
      this.redraw();
    },

    redraw: function () {
      const size = this._bounds.getSize(), canvas = this._container;
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      L.DomUtil.setPosition(canvas, this._bounds.min);
      canvas.width = ratio * size.x;
      canvas.height = ratio * size.y;
      canvas.style.width = size.x + "px";
      canvas.style.height = size.y + "px";
      const view = this.view();
      view.pen = canvas.getContext("2d");
      view.pen.scale(ratio, ratio);
      view.pen.lineJoin = "round";
      view.ratio = ratio;
      draw(view, this);
    },

    view: function () {
      const scale = Math.pow(2, this._map.getZoom()), size = this._bounds.getSize();
      const origin = this._map.getPixelOrigin().add(this._bounds.min);
      return {
        scale: scale, zoom: this._map.getZoom(), width: size.x, height: size.y,
        left: origin.x - cp.data.corner.x * scale, top: origin.y - cp.data.corner.y * scale
      };
    },

    // {layer, shape}, {shape} for a unit, {bubble}, or null
    under: function (latlng) {
      const view = this.view();
      const world = this._map.project(latlng, 0), x = world.x - cp.data.corner.x, y = world.y - cp.data.corner.y;
      const px = x * view.scale - view.left, py = y * view.scale - view.top;
      for (const group of this.bubbles) {
        if (Math.hypot(group.x - px, group.y - py) <= group.radius) { return {bubble: group}; }
      }
      const layers = cp.layersShown().reverse();
      for (const dimension of [0, 1, 2]) {
        for (const layer of layers) {
          const shape = smallest(layer.shapes, x, y, REACH_PX / view.scale, function (n) {
            return layer.shapes.dimension[n] === dimension && (layer.kind === null || cp.wanted(layer)(n));
          });
          if (shape >= 0) { return {layer: layer, shape: shape}; }
        }
      }
      const unit = smallest(cp.data.ground.units, x, y, 0, function () { return true; });
      return unit >= 0 ? {layer: null, shape: unit} : null;
    }
  });

  function smallest(s, x, y, reach, wanted) {
    let found = -1, least = Infinity;
    for (let shape = 0; shape < s.count; shape++) {
      const at = shape * 4;
      if (x < s.box[at] - reach || x > s.box[at + 2] + reach || !wanted(shape)) { continue; }
      if (!cp.holds(s, shape, x, y, reach)) { continue; }
      const away = s.dimension[shape] === 0
        ? Math.hypot(s.box[at] - x, s.box[at + 1] - y)
        : (s.box[at + 2] - s.box[at]) * (s.box[at + 3] - s.box[at + 1]);
      if (away < least) { least = away; found = shape; }
    }
    return found;
  }

  cp.latLng = function (place) {
    return cp.leaflet.unproject(L.point(place.x + cp.data.corner.x, place.y + cp.data.corner.y), 0);
  };

  cp.boundsOf = function (s, shape) {
    const box = s.box, at = shape * 4;
    return L.latLngBounds(cp.latLng({x: box[at], y: box[at + 1]}), cp.latLng({x: box[at + 2], y: box[at + 3]}));
  };
})(cityplan);
