// Language, numbers and elements. All text reaches the page through textContent,
// so that names in the data are never markup.
"use strict";
var cityplan = {};
(function (cp) {
  cp.lang = 0;  // 0 English, 1 Chinese: the position in every pair of texts

  // A pair of texts in the language shown; a plain text stays as it is.
  cp.t = function (pair) { return Array.isArray(pair) ? pair[cp.lang] : pair || ""; };

  // A fixed word or sentence, its {places} filled.
  cp.w = function (key, places) {
    return cp.t(cp.data.words[key]).replace(/\{(\w+)\}/g, function (whole, name) {
      return places && name in places ? places[name] : whole;
    });
  };

  // make("p", {class: "x", onclick: f}, "text", child, ...)
  cp.make = function (tag, attributes) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) { made.addEventListener(name.slice(2), value); }
      else if (value !== null && value !== false) { made.setAttribute(name, value === true ? "" : value); }
    }
    made.append(...Array.prototype.slice.call(arguments, 2).flat(Infinity).filter(function (child) {
      return child !== null && child !== undefined && child !== false && child !== "";
    }));
    return made;
  };

  // A sentence whose figures stay on one line with their sign and their unit.
  const FIGURE = /((?:[≥≤] )?\d[\d,.]*(?:–\d[\d,.]*)?(?:%| (?:个\/km²|km\/km²|km²|m²|per km²|个百分点|percentage points))?)/;
  cp.unbroken = function (text) {
    return text.split(FIGURE).map(function (part, n) { return n % 2 ? cp.make("span", {class: "cp-unbroken"}, part) : part; });
  };

  cp.fill = function (node, children) {
    node.replaceChildren(...children.flat(Infinity).filter(Boolean));
    return node;
  };

  cp.count = function (number) { return number.toLocaleString("en-US"); };

  const formats = [];
  function fixed(number, decimals) {
    const places = Math.max(0, decimals);
    if (!formats[places]) {
      formats[places] = new Intl.NumberFormat("en-US", {minimumFractionDigits: places, maximumFractionDigits: places});
    }
    return formats[places].format(number);
  }

  // A number with its unit, written as every other output writes it: decimals are added
  // until it can be told from the figure it is compared with.
  cp.figure = function (value, unit, against) {
    if (value === null || value === undefined) { return "—"; }
    let decimals = unit.whole && !Number.isInteger(value) ? 1 : unit.decimals;
    const told = function () { return fixed(value * unit.scale, decimals); };
    if (against !== undefined && Math.abs(value - against) > 1e-9 * Math.abs(against)) {
      while (told() === fixed(against * unit.scale, decimals) && decimals < 6) { decimals += 1; }
    }
    return told().replace(/^-/, "−") + cp.t(unit.suffix);
  };

  // The text of a column in one row; empty where nothing is known.
  cp.cell = function (field, row) {
    if (field.words) { return cp.t(field.words[field.column[row]]); }
    const number = cp.numberOf(field, row);
    if (number === null) { return ""; }
    const text = field.fixed ? fixed(number, field.decimals) : Number(number.toPrecision(6)).toLocaleString("en-US", {maximumFractionDigits: 6});
    return text + cp.t(field.suffix);
  };

  cp.numberOf = function (field, row) {
    const whole = field.column[row];
    return whole === field.unknown ? null : whole / Math.pow(10, field.decimals);
  };

  cp.badge = function (verdict) {
    const style = cp.data.verdicts[verdict];
    return cp.make("span", {class: "cp-badge cp-" + verdict},
      cp.make("span", {"aria-hidden": "true"}, style.mark), " " + cp.t(style.word));
  };
})(cityplan);
