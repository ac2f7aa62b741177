// The panel of one analysis: its figure, its target, its measures.
"use strict";
(function (cp) {
  const make = cp.make, t = cp.t, w = cp.w;

  // Value, range and target on one line; the words beside it say the same.
  cp.bar = function (measure) {
    const numbers = measure.numbers, target = measure.target, value = numbers[1];
    if (value === null || !target) { return null; }
    const most = measure.unit.suffix[0] === "%" ? 1 : 0;
    const end = most || 1.15 * Math.max(value, target.floor, target.high || 0, numbers[2] || 0) || 1;
    const at = function (number) { return Math.max(0, Math.min(100, 100 * number / end)) + "%"; };
    const box = make("div", {class: "cp-bar cp-" + measure.verdict, "aria-hidden": "true"});
    const part = function (name, from, to) {
      const node = make("span", {class: "cp-bar-" + name});
      node.style.left = at(from);
      if (to !== undefined) { node.style.width = 100 * Math.max(0, Math.min(to, end) - from) / end + "%"; }
      box.append(node);
    };
    part("value", 0, value);
    if (numbers[0] !== null && numbers[2] !== null) { part("range", numbers[0], numbers[2]); }
    if (target.high) { part("band", target.floor, target.high); }
    part("target", target.floor);
    return box;
  };

  cp.notes = function (title, texts) {
    if (!texts.length) { return null; }
    return make("details", {class: "cp-notes"}, make("summary", null, title),
      texts.map(function (text) { return make("p", null, text); }));
  };

  cp.about = function () {
    const size = (cp.data.bytes / 1e6).toFixed(1);
    return [
      t(cp.data.size).replace("{size}", size),
      t(cp.data.builtUp) + t(cp.data.words.colon) + t(cp.data.basis),
      cp.data.notes.map(t), cp.data.credits
    ].flat();
  };

  cp.targetTitle = function (target) { return w(target.kind === "reference" ? "reference" : "target"); };

  function facts(measure) {
    const target = measure.target;
    const rows = [
      [w("value"), t(measure.value)],
      [w("range"), t(measure.range)],
      [target ? cp.targetTitle(target) : "", target ? t(target.words) : ""],
      [w("gap"), measure.judged ? t(measure.gap) : ""],
      [w("basis"), t(measure.basis)],
      [w("note"), measure.note ? t(measure.note) : ""],
      [w("source"), target ? target.source : ""]
    ].filter(function (row) { return row[1]; });
    return make("dl", {class: "cp-facts"}, rows.map(function (row) { return [make("dt", null, row[0]), make("dd", null, row[1])]; }));
  }
  cp.facts = facts;

  // The mark of a measure that is not verified, unless the words before it say so already.
  cp.unverified = function (measure, said) {
    return measure.verified || (said || "").includes(w("unverified")) ? null : make("span", {class: "cp-tag"}, w("unverified"));
  };

  function shadeChoice(analysis, number) {
    const options = analysis.measures.map(function (measure, n) { return [measure, n]; })
      .filter(function (entry) { return entry[0].shades; });
    if (!options.length) { return null; }
    return make("label", {class: "cp-shade"}, make("span", null, w("shade_by")),
      make("select", {
        id: "cp-measure",
        onchange: function (event) { cp.state.measure[number] = Number(event.target.value); cp.show("cp-measure"); }
      }, options.map(function (entry) {
        return make("option", {value: entry[1], selected: cp.state.measure[number] === entry[1]}, t(entry[0].title));
      })));
  }

  function allMeasures(analysis) {
    const head = ["measure", "value", "target", "verdict"].map(function (key) { return make("th", {scope: "col"}, w(key)); });
    return make("details", {class: "cp-notes cp-all"},
      make("summary", null, w("all_measures", {count: analysis.measures.length})),
      make("div", {class: "cp-scroll", tabindex: 0, role: "group", "aria-label": w("measures")},
        make("table", null, make("thead", null, make("tr", null, head)),
          make("tbody", null, analysis.measures.map(function (measure) {
            return make("tr", null,
              make("th", {scope: "row"}, t(measure.title), " ", cp.unverified(measure)),
              make("td", null, t(measure.value)),
              make("td", null, measure.target ? t(measure.target.words) : ""),
              make("td", null, measure.judged ? cp.badge(measure.verdict) : ""));
          })))));
  }

  function detail(analysis, number) {
    const measure = analysis.measures[cp.state.measure[number]], main = analysis.measures[analysis.main];
    return [
      make("section", {class: "cp-lead"},
        make("div", {class: "cp-card-head"}, make("h2", null, t(analysis.title)), cp.badge(main.verdict)),
        make("p", {class: "cp-finding"}, cp.unbroken(t(analysis.finding)), " ", cp.unverified(main, t(analysis.finding))),
        t(analysis.worst) ? make("p", {class: "cp-card-worst"}, cp.unbroken(t(analysis.worst))) : null),
      make("section", {class: "cp-measure", "aria-label": w("measure")},
        shadeChoice(analysis, number),
        make("div", {class: "cp-card-figure"}, make("b", null, t(measure.value)),
          measure.target ? make("span", null, w("target") + " " + t(measure.target.words)) : null,
          measure.judged && measure !== main ? cp.badge(measure.verdict) : null,
          cp.unverified(measure, measure.target ? t(measure.target.words) : "")),
        cp.bar(measure), facts(measure)),
      cp.legend(),
      allMeasures(analysis),
      cp.notes(w("notes"), analysis.notes.map(t)),
      cp.notes(w("about_page"), cp.about())
    ];
  }

  cp.panel = function () {
    const number = cp.state.open, analysis = cp.data.analyses[number];
    return number < 0 ? cp.overview() : detail(analysis, number);
  };
})(cityplan);
