// Pop-ups: what is known of a shape or a unit, and how a reader gets to them.
"use strict";
(function (cp) {
  const make = cp.make, t = cp.t, w = cp.w, CLOSE_ZOOM = 17;

  cp.titled = function (button, title) {
    button.title = title;
    button.setAttribute("aria-label", title);
  };

  function rows(pairs) {
    return make("dl", null, pairs.filter(function (pair) { return pair[1]; }).map(function (pair) {
      return [make("dt", null, pair[0]), make("dd", null, make("bdi", null, pair[1]))];
    }));
  }

  function unitPopup(unit) {
    const measure = cp.measureShown(), name = cp.data.units[unit];
    const list = cp.state.open < 0
      ? cp.mainMeasures().map(function (main) { return main.measure; })
      : cp.data.analyses[cp.state.open].measures.filter(function (other) { return other.judged && other !== measure && other.shades; });
    const pairs = list.map(function (other) { return [t(other.title), cp.valueWords(other, other.shades.values[unit])]; });
    if (measure && measure.shades) {
      const value = measure.shades.values[unit];
      pairs.unshift(
        [t(measure.title), cp.valueWords(measure, value)],
        [measure.target ? cp.targetTitle(measure.target) : "", measure.target ? t(measure.target.words) : ""],
        [w("gap"), cp.gapWords(measure, value)],
        [w("verdict"), measure.judged ? t(cp.data.verdicts[cp.verdictOf(measure, value)].word) : ""],
        [w("basis"), t(measure.basis)]);
    }
    return [make("p", {class: "cp-kind"}, w("unit")), make("h3", null, make("bdi", null, name)), rows(pairs)];
  }

  function shapePopup(layer, shape) {
    const open = cp.data.analyses[layer.analysis], main = open.measures[open.main];
    const fields = layer.fields.filter(function (field) { return field.key !== "name" && field.key !== "kind"; });
    const kind = layer.field.kind ? cp.cell(layer.field.kind, shape) : t(layer.title);
    return [
      make("p", {class: "cp-kind"}, t(cp.data.roles[layer.role]) + " · " + kind),
      make("h3", null, make("bdi", null, cp.nameOf(layer, shape))),
      rows(fields.map(function (field) { return [t(field.title), cp.cell(field, shape)]; })),
      make("div", {class: "cp-city"}, make("p", null, w("city") + " · " + t(main.title)), cp.facts(main))
    ];
  }

  function popup(layer, shape, latlng) {
    const content = make("div", {class: "cp-popup"}, layer ? shapePopup(layer, shape) : unitPopup(shape));
    const opened = L.popup({maxWidth: 320, minWidth: 230, maxHeight: 300, closeButton: true, autoPanPaddingTopLeft: [20, 60], autoPanPaddingBottomRight: [20, 20]})
      .setLatLng(latlng).setContent(content).openOn(cp.leaflet);
    Object.entries({tabindex: "0", role: "group", "aria-label": layer ? cp.nameOf(layer, shape) : cp.data.units[shape]}).forEach(function (entry) {
      opened.getElement().querySelector(".leaflet-popup-content").setAttribute(entry[0], entry[1]);
    });
    const button = opened.getElement().querySelector(".leaflet-popup-close-button");
    if (button) { cp.titled(button, w("close")); }
    cp.state.chosen = {layer: layer, shape: shape};
    cp.canvas.redraw();
  }

  // Moves the map to a shape, opens its analysis if it is not open, and its pop-up.
  cp.choose = function (layer, shape) {
    if (layer && layer.analysis !== cp.state.open) { cp.open(layer.analysis); }
    if (layer && (!layer.shown || layer.kind !== null)) {
      layer.shown = true;
      layer.kind = null;
      cp.show();
    }
    const s = layer ? layer.shapes : cp.data.ground.units, spot = cp.anchor(s, shape);
    cp.leaflet.fitBounds(cp.boundsOf(s, shape), {maxZoom: CLOSE_ZOOM, padding: [70, 70], animate: false});
    popup(layer, shape, cp.latLng(spot));
    document.getElementById("cp-map").scrollIntoView({block: "nearest"});
  };

  cp.clicked = function (event) {
    const found = cp.canvas.under(event.latlng);
    if (!found) { return; }
    if (found.bubble) {
      cp.leaflet.setView(event.latlng, Math.min(cp.leaflet.getZoom() + 2, CLOSE_ZOOM), {animate: false});
      return;
    }
    popup(found.layer, found.shape, event.latlng);
  };

  // The name of what lies under the pointer.
  cp.hover = function () {
    const tip = L.tooltip({direction: "top", offset: [0, -8], opacity: 1, className: "cp-tip"});
    let waiting = null;
    cp.leaflet.on("mousemove", function (event) {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(function () {
        const found = cp.canvas.under(event.latlng);
        document.getElementById("cp-map").classList.toggle("cp-pointer", Boolean(found));
        if (!found || found.bubble) { tip.remove(); return; }
        const shading = cp.shading(), name = found.layer ? cp.nameOf(found.layer, found.shape) : cp.data.units[found.shape];
        const text = found.layer || !shading ? name : name + " · " + shading.words(found.shape);
        tip.setLatLng(event.latlng).setContent(make("bdi", null, text));
        if (!cp.leaflet.hasLayer(tip)) { tip.addTo(cp.leaflet); }
      });
    }).on("mouseout", function () { cancelAnimationFrame(waiting); tip.remove(); });
  };
})(cityplan);
