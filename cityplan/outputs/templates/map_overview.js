// The overview of all analyses: how many measures stand how, the plan, a card for each analysis.
"use strict";
(function (cp) {
  const make = cp.make, t = cp.t, w = cp.w;
  const GRAVEST_FIRST = ["not_met", "cannot_tell", "met", "no_target"];

  function judged(analysis) {
    return (analysis.measures || []).filter(function (measure) { return measure.judged; });
  }

  function mark(verdict) {
    return make("span", {class: "cp-" + verdict, "aria-hidden": "true"}, cp.data.verdicts[verdict].mark + " ");
  }

  function counts(measures) {
    return make("ul", {class: "cp-counts"}, GRAVEST_FIRST.slice(0, 3).map(function (verdict) {
      const number = measures.filter(function (measure) { return measure.verdict === verdict; }).length;
      return make("li", {class: "cp-" + verdict}, make("b", null, number),
        make("span", null, mark(verdict), t(cp.data.verdicts[verdict].word)));
    }));
  }

  // The clauses of the plan as one bar, and in words below it.
  function plan() {
    const told = cp.data.plan;
    if (!told) { return null; }
    const parts = told.parts.filter(function (part) { return part.clauses; });
    return make("section", {class: "cp-plan", "aria-label": w("plan")},
      make("h3", null, t(told.title)),
      make("p", {class: "cp-note"}, t(told.total)),
      make("div", {class: "cp-plan-bar", "aria-hidden": "true"}, parts.map(function (part) {
        const node = make("span", {class: "cp-plan-" + part.key});
        node.style.flexGrow = part.clauses;
        return node;
      })),
      make("ul", null, parts.map(function (part) {
        return make("li", null, make("i", {class: "cp-plan-" + part.key, "aria-hidden": "true"}),
          t(part.word), " ", make("b", null, part.clauses));
      })));
  }

  // Other judged measures of the analysis that are missed or open: they count above, too.
  function others(analysis) {
    return judged(analysis).filter(function (measure) {
      return measure !== analysis.measures[analysis.main] && measure.verdict !== "met";
    }).map(function (measure) {
      return make("span", {class: "cp-card-other"}, mark(measure.verdict),
        t(measure.title) + t(cp.data.words.colon), make("b", null, cp.unbroken(t(measure.value))), " ",
        make("span", {class: "cp-note"}, w("target") + " ", cp.unbroken(t(measure.target.words))));
    });
  }

  function card(analysis, number) {
    if (analysis.skipped) {
      return make("li", {class: "cp-card cp-skipped"}, make("h3", null, t(analysis.title)), make("p", {class: "cp-finding"}, t(analysis.finding)));
    }
    const measure = analysis.measures[analysis.main], target = measure.target;
    return make("li", {class: "cp-card"},
      make("button", {type: "button", "data-open": number, onclick: function () { cp.open(number, true); }},
        make("span", {class: "cp-card-head"}, make("span", {class: "cp-card-title"}, t(analysis.title)), cp.badge(measure.verdict)),
        make("span", {class: "cp-card-figure"}, make("b", null, t(measure.value)),
          target ? make("span", null, w("target") + " " + t(target.words)) : null),
        cp.bar(measure),
        make("span", {class: "cp-finding"}, cp.unbroken(t(analysis.finding))),
        t(analysis.worst) ? make("span", {class: "cp-card-worst"}, cp.unbroken(t(analysis.worst))) : null,
        others(analysis)));
  }

  // The cards, what is missed before what is met; skipped analyses stay last.
  function cards() {
    const graveness = function (analysis) {
      return analysis.skipped ? GRAVEST_FIRST.length : GRAVEST_FIRST.indexOf(analysis.measures[analysis.main].verdict);
    };
    return cp.data.analyses.map(function (analysis, number) { return [analysis, number]; })
      .sort(function (a, b) { return graveness(a[0]) - graveness(b[0]) || a[1] - b[1]; })
      .map(function (entry) { return card(entry[0], entry[1]); });
  }

  cp.overview = function () {
    const measures = cp.data.analyses.flatMap(judged);
    return [
      make("section", {class: "cp-lead"},
        make("div", {class: "cp-card-head"}, make("h2", null, w("overview")),
          make("span", {class: "cp-note"}, w("measures_judged") + t(cp.data.words.colon) + measures.length)),
        counts(measures)),
      plan(),
      make("ul", {class: "cp-cards"}, cards()),
      cp.legend(),
      cp.shading() ? make("p", {class: "cp-note cp-inset"}, w("targets_missed") + t(cp.data.words.colon) + w("targets_missed_note")) : null,
      cp.notes(w("about_page"), cp.about())
    ];
  };
})(cityplan);
