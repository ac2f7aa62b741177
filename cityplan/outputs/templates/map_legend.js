// What units are shaded with, and the legend that follows the analysis that is open.
"use strict";
(function (cp) {
  const make = cp.make, t = cp.t, w = cp.w;
  const LABEL_LENGTH = 15;
  let anchors = null;

  cp.measureShown = function () {
    const open = cp.data.analyses[cp.state.open];
    return open ? open.measures[cp.state.measure[cp.state.open]] : null;
  };

  cp.verdictOf = function (measure, value) {
    if (!measure.judged) { return "no_target"; }
    if (value === null || value === undefined) { return "cannot_tell"; }
    return (measure.target.less ? value <= measure.target.floor : value >= measure.target.floor) ? "met" : "not_met";
  };

  cp.gapOf = function (measure, value) {
    if (!measure.judged || value === null || value === undefined) { return null; }
    const short = measure.target.less ? value - measure.target.floor : measure.target.floor - value;
    return Math.max(0, short);
  };

  cp.valueWords = function (measure, value) {
    return cp.figure(value, measure.unit, measure.target ? measure.target.floor : undefined);
  };

  cp.gapWords = function (measure, value) {
    const gap = cp.gapOf(measure, value);
    if (gap === null) { return ""; }
    return gap === 0 ? "0" : cp.figure(gap, Object.assign({}, measure.unit, {suffix: measure.unit.gapSuffix}), 0);
  };

  // The main measure of every analysis that is judged and known per unit.
  cp.mainMeasures = function () {
    return cp.data.analyses.filter(function (analysis) { return !analysis.skipped; }).map(function (analysis) {
      return {analysis: analysis, measure: analysis.measures[analysis.main]};
    }).filter(function (main) { return main.measure.shades; });
  };

  cp.missedBy = function (unit) {
    return cp.mainMeasures().filter(function (main) {
      return cp.verdictOf(main.measure, main.measure.shades.values[unit]) === "not_met";
    }).length;
  };

  function missedShading() {
    const counts = cp.data.units.map(function (name, unit) { return cp.missedBy(unit); });
    if (!cp.mainMeasures().some(function (main) { return main.measure.judged; })) { return null; }
    const used = Array.from(new Set(counts)).sort(), ramp = cp.data.colors.missed;
    return {
      title: w("targets_missed"),
      values: counts,
      index: counts.map(function (count) { return used.indexOf(count); }),
      classes: used.map(function (count) {
        return {label: count ? String(count) : w("none_missed"), color: ramp[Math.min(count, ramp.length - 1)], hatch: ""};
      }),
      words: function (unit) { return String(counts[unit]); }
    };
  }

  // {title, classes, index, words(unit)} of the measure shown, null where units are not shaded.
  cp.shading = function () {
    const open = cp.state.open, measure = cp.measureShown();
    if (open < 0) { return cp.state.missed || (cp.state.missed = missedShading()); }
    if (!measure || !measure.shades) { return null; }
    return {
      title: t(measure.title), classes: measure.shades.classes, index: measure.shades.index,
      words: function (unit) { return cp.valueWords(measure, measure.shades.values[unit]); }
    };
  };

  function cut(text) { return text.length > LABEL_LENGTH ? text.slice(0, LABEL_LENGTH - 1) + "…" : text; }

  // A name on one line, or on two broken between words.
  function labelLines(name) {
    if (name.length <= LABEL_LENGTH) { return [name]; }
    const space = name.lastIndexOf(" ", LABEL_LENGTH);
    return space < 0 ? [cut(name)] : [name.slice(0, space), cut(name.slice(space + 1))];
  }

  cp.unitLabels = function () {
    const units = cp.data.ground.units, shading = cp.shading();
    if (!anchors) {
      anchors = cp.data.units.map(function (name, unit) {
        return Object.assign(cp.anchor(units, unit), {unit: unit, lines: labelLines(name)});
      }).sort(function (a, b) { return b.width - a.width; });
    }
    return anchors.map(function (anchor) {
      return Object.assign({words: shading ? shading.words : null}, anchor);
    });
  };

  function unitClasses(shading) {
    const counts = shading.classes.map(function (_, n) {
      return shading.index.filter(function (index) { return index === n; }).length;
    });
    return make("div", {class: "cp-classes"},
      make("h4", null, t(cp.data.words.units) + " · " + shading.title),
      make("ul", null, shading.classes.map(function (entry, n) {
        const look = {fill: entry.color, opacity: 1, color: cp.data.colors.outline, weight: 1, dash: [], hatch: entry.hatch};
        return make("li", null, cp.swatch(look, 2), make("span", null, t(entry.label)),
          make("span", {class: "cp-number"}, w(counts[n] === 1 ? "unit_count" : "units_count", {count: counts[n]})));
      })));
  }

  function kindChoice(layer) {
    const field = layer.field.kind;
    if (!field || field.words.length < 2) { return null; }
    const counts = new Array(field.words.length).fill(0);
    field.column.forEach(function (kind) { counts[kind] += 1; });
    const order = counts.map(function (_, kind) { return kind; }).sort(function (a, b) { return counts[b] - counts[a]; });
    return make("select", {
      class: "cp-kinds", "aria-label": t(cp.data.words.kind) + " · " + t(layer.title),
      onchange: function (event) {
        layer.kind = event.target.value === "" ? null : Number(event.target.value);
        cp.canvas.redraw();
      }
    }, make("option", {value: ""}, w("kinds_all")), order.map(function (kind) {
      return make("option", {value: kind, selected: layer.kind === kind},
        t(field.words[kind]) + " (" + cp.count(counts[kind]) + ")");
    }));
  }

  function layerEntry(layer, grouped) {
    const role = t(cp.data.roles[layer.role]), title = t(layer.title);
    const own = grouped || title === role ? title : [make("b", null, role), " " + title];
    return make("li", null,
      make("label", null,
        make("input", {
          type: "checkbox", checked: layer.shown, "data-layer": layer.analysis + "-" + layer.number,
          onchange: function (event) { layer.shown = event.target.checked; cp.canvas.redraw(); }
        }),
        cp.swatch(layer.look, layer.dimension),
        make("span", null, own),
        make("span", {class: "cp-number"}, cp.count(layer.total))),
      kindChoice(layer));
  }

  // The layers, the topmost first; several of one role stand below its name.
  function layerEntries(layers) {
    return layers.slice().reverse().map(function (layer, n, shown) {
      const same = shown.filter(function (other) { return other.role === layer.role; });
      const head = same.length > 1 && same[0] === layer;
      return [
        head ? make("li", {class: "cp-role"}, t(cp.data.roles[layer.role])) : null,
        layerEntry(layer, same.length > 1)
      ];
    });
  }

  function groundEntries() {
    const colors = cp.data.colors;
    return [
      cp.data.unitsCover ? null : [{fill: colors.paper, opacity: 1, color: colors.outline, weight: 1, dash: []}, 2, w("outside_units")],
      [{fill: colors.builtUp, opacity: 1, color: "#b08d4a", weight: 1.1, dash: [2, 2]}, 2, t(cp.data.builtUp)],
      [{color: colors.ink, weight: 2, dash: []}, 1, t(cp.data.words.boundary)]
    ].filter(Boolean).map(function (entry) {
      return make("li", null, make("div", {class: "cp-entry"}, cp.swatch(entry[0], entry[1]), make("span", null, entry[2])));
    });
  }

  cp.legend = function () {
    const open = cp.data.analyses[cp.state.open], shading = cp.shading(), layers = open ? open.layers : [];
    const crowded = layers.some(function (layer) { return layer.dimension === 0 && layer.total > 250; });
    return make("section", {class: "cp-legend", "aria-label": w("legend")},
      make("h3", null, w("legend")),
      shading ? unitClasses(shading) : null,
      make("ul", {class: "cp-layers"}, layerEntries(layers), groundEntries()),
      crowded ? make("p", {class: "cp-note"}, w("crowded")) : null);
  };
})(cityplan);
