// The list beside the map: gaps or units, sorted, filtered, walked by keyboard.
"use strict";
(function (cp) {
  const make = cp.make, t = cp.t, w = cp.w, PAGE = 200;

  function gapLayers() {
    const open = cp.data.analyses[cp.state.open];
    return open ? open.layers.filter(function (layer) { return layer.role === "gap"; }) : [];
  }

  // A column: {key, title, number, value(row) to sort by, text(row), node(row) if it is not plain text}
  function gapColumns(layers) {
    const keys = new Map();
    layers.forEach(function (layer) {
      layer.fields.forEach(function (field) { if (field.key !== "name" && field.key !== "kind") { keys.set(field.key, field); } });
    });
    const columns = [{
      key: "name", title: w("place"), text: function (row) { return cp.nameOf(row.layer, row.shape); }
    }];
    const kinds = new Set(layers.flatMap(function (layer) { return layer.field.kind ? layer.field.kind.words.map(t) : []; }));
    if (kinds.size > 1) {
      columns.push({key: "kind", title: w("kind"), text: function (row) { return row.layer.field.kind ? cp.cell(row.layer.field.kind, row.shape) : ""; }});
    }
    const order = ["unit", "people", "weight", "lacks"];
    const rank = function (key) { return (order.indexOf(key) + 99) % 99 + (order.includes(key) ? 0 : 99); };
    Array.from(keys.values()).sort(function (a, b) { return rank(a.key) - rank(b.key); }).forEach(function (field) {
      const own = function (row) { return row.layer.field[field.key]; };
      columns.push({
        key: field.key, title: t(field.title), number: !field.words,
        value: field.words ? null : function (row) { return own(row) ? cp.numberOf(own(row), row.shape) : null; },
        text: function (row) { return own(row) ? cp.cell(own(row), row.shape) : ""; }
      });
    });
    return columns;
  }

  function measureColumn(measure, title) {
    const value = function (row) { return measure.shades.values[row.shape]; };
    return {
      key: measure.id, title: title, number: true, value: value,
      text: function (row) { return cp.valueWords(measure, value(row)); },
      node: function (row) {
        const verdict = cp.verdictOf(measure, value(row)), style = cp.data.verdicts[verdict];
        return [cp.valueWords(measure, value(row)), measure.judged
          ? make("span", {class: "cp-mark cp-" + verdict, title: t(style.word), role: "img", "aria-label": t(style.word)}, style.mark) : null];
      }
    };
  }

  function unitColumns() {
    const columns = [{key: "name", title: w("unit"), text: function (row) { return cp.data.units[row.shape]; }}];
    const measure = cp.measureShown();
    if (cp.state.open < 0) {
      const missed = function (row) { return cp.missedBy(row.shape); };
      columns.push({key: "missed", title: w("targets_missed"), number: true, value: missed, text: function (row) { return String(missed(row)); }});
      cp.mainMeasures().forEach(function (main) { columns.push(measureColumn(main.measure, t(main.analysis.title))); });
    } else if (measure && measure.shades) {
      columns.push(measureColumn(measure, t(measure.title)));
      if (measure.judged) {
        const value = function (row) { return measure.shades.values[row.shape]; };
        columns.push(
          {key: "target", title: w("target"), text: function () { return t(measure.target.words); }},
          {key: "gap", title: w("gap"), number: true, value: function (row) { return cp.gapOf(measure, value(row)); },
            text: function (row) { return cp.gapWords(measure, value(row)); }},
          {key: "verdict", title: w("verdict"), text: function (row) { return t(cp.data.verdicts[cp.verdictOf(measure, value(row))].word); }});
      }
    }
    return columns;
  }

  function content() {
    const dock = cp.state.dock, layers = gapLayers();
    if (dock.which === "gaps" && layers.length) {
      const rows = layers.flatMap(function (layer) {
        return Array.from({length: layer.shapes.count}, function (_, shape) { return {layer: layer, shape: shape}; });
      });
      const columns = gapColumns(layers), unit = columns.find(function (column) { return column.key === "unit"; });
      const elsewhere = unit && rows.some(function (row) { return unit.text(row) !== columns[0].text(row); });
      return {columns: columns.filter(function (column) { return column !== unit || elsewhere; }), rows: rows};
    }
    return {columns: unitColumns(), rows: cp.data.units.map(function (_, unit) { return {layer: null, shape: unit}; })};
  }

  // The heaviest gaps first, units by the worst, until a reader chooses.
  function sorting(columns) {
    const dock = cp.state.dock, has = function (key) { return columns.find(function (column) { return column.key === key; }); };
    if (dock.sort && has(dock.sort.key)) { return dock.sort; }
    const measure = cp.measureShown();
    if (has("people") || has("weight")) { return {key: has("people") ? "people" : "weight", down: true}; }
    if (has("missed")) { return {key: "missed", down: true}; }
    if (has("gap")) { return {key: "gap", down: true}; }
    if (measure && has(measure.id)) { return {key: measure.id, down: true}; }
    const figure = columns.find(function (column) { return column.number; });
    return figure ? {key: figure.key, down: true} : {key: "name", down: false};
  }

  function sorted(rows, columns, sort) {
    const column = columns.find(function (entry) { return entry.key === sort.key; });
    const keyed = rows.map(function (row) { return [column.value ? column.value(row) : column.text(row), row]; });
    const compare = new Intl.Collator(cp.lang ? "zh" : "en", {numeric: true}).compare;
    keyed.sort(function (a, b) {
      if (a[0] === null || b[0] === null) { return (a[0] === null) - (b[0] === null); }
      const order = column.value ? a[0] - b[0] : compare(a[0], b[0]);
      return sort.down ? -order : order;
    });
    return keyed.map(function (entry) { return entry[1]; });
  }

  function same(a, b) { return Boolean(a && b) && a.layer === b.layer && a.shape === b.shape; }

  function rowOf(row, columns) {
    const chosen = same(row, cp.state.chosen);
    return make("tr", {class: chosen ? "cp-chosen" : null, onclick: function (event) { choose(row, event.currentTarget); }},
      columns.map(function (column, n) {
        const cell = column.node ? column.node(row) : column.text(row);
        return n === 0
          ? make("th", {scope: "row"}, make("button", {type: "button", "data-row": true, "aria-pressed": String(chosen)}, make("bdi", null, cell)))
          : make("td", {class: column.number ? "cp-figure" : null}, column.number ? cell : make("bdi", null, cell));
      }));
  }

  function choose(row, node) {
    const table = node.closest("table");
    table.querySelectorAll(".cp-chosen").forEach(function (other) {
      other.classList.remove("cp-chosen");
      other.querySelector("[data-row]").setAttribute("aria-pressed", "false");
    });
    node.classList.add("cp-chosen");
    node.querySelector("[data-row]").setAttribute("aria-pressed", "true");
    cp.choose(row.layer, row.shape);
  }

  function walk(event) {
    const buttons = Array.from(event.currentTarget.querySelectorAll("[data-row]")), at = buttons.indexOf(document.activeElement);
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1}[event.key];
    if (at < 0 || to === undefined || !buttons[to]) { return; }
    event.preventDefault();
    buttons[to].focus();
  }

  function heading(column, sort) {
    const current = sort.key === column.key;
    return make("th", {scope: "col", class: column.number ? "cp-figure" : null, "aria-sort": current ? (sort.down ? "descending" : "ascending") : null},
      make("button", {
        type: "button", title: w("sort_by", {column: column.title}), "data-sort": column.key,
        onclick: function () {
          cp.state.dock.sort = {key: column.key, down: current ? !sort.down : Boolean(column.number)};
          fillTable();
          document.querySelector('[data-sort="' + CSS.escape(column.key) + '"]').focus();
        }
      }, column.title, make("span", {"aria-hidden": "true"}, current ? (sort.down ? "\u00a0↓" : "\u00a0↑") : "")));
  }

  function fillTable() {
    const dock = cp.state.dock, all = content(), sort = sorting(all.columns), wanted = dock.filter.trim().toLowerCase();
    const rows = sorted(all.rows.filter(function (row) {
      return !wanted || all.columns.some(function (column) { return column.text(row).toLowerCase().includes(wanted); });
    }), all.columns, sort);
    const shown = rows.slice(0, dock.limit), more = rows.length > shown.length;
    document.getElementById("cp-rows").textContent = w("rows_shown", {shown: cp.count(shown.length), total: cp.count(all.rows.length)});
    cp.fill(document.getElementById("cp-table"), [
      make("table", {onkeydown: walk},
        make("caption", {class: "cp-hidden"}, dockTitle()),
        make("thead", null, make("tr", null, all.columns.map(function (column) { return heading(column, sort); }))),
        make("tbody", null, shown.map(function (row) { return rowOf(row, all.columns); }))),
      rows.length ? null : make("p", {class: "cp-note cp-inset"}, w("rows_none")),
      more ? make("button", {type: "button", class: "cp-more", onclick: function () { dock.limit += PAGE; fillTable(); }}, w("rows_more")) : null
    ]);
  }

  function dockTitle() {
    const open = cp.data.analyses[cp.state.open];
    return (open ? t(open.title) : w("overview")) + " · " + w(cp.state.dock.which === "gaps" ? "gaps" : "by_unit");
  }

  function switcher() {
    const total = gapLayers().reduce(function (sum, layer) { return sum + layer.shapes.count; }, 0);
    const choices = [["gaps", w("gaps"), total], ["units", w("by_unit"), cp.data.units.length]];
    return make("div", {class: "cp-switch", role: "group", "aria-label": w("list")}, choices.map(function (choice) {
      return choice[2] ? make("button", {
        type: "button", "aria-pressed": String(cp.state.dock.which === choice[0]), "data-list": choice[0],
        onclick: function () {
          Object.assign(cp.state.dock, {which: choice[0], sort: null, limit: PAGE});
          cp.showDock();
          document.querySelector('[data-list="' + choice[0] + '"]').focus();
        }
      }, choice[1] + " ", make("span", {class: "cp-number"}, cp.count(choice[2]))) : null;
    }));
  }

  // Called when another analysis opens.
  cp.resetDock = function () {
    Object.assign(cp.state.dock, {which: gapLayers().length ? "gaps" : "units", sort: null, filter: "", limit: PAGE});
  };

  cp.showDock = function () {
    const dock = cp.state.dock, section = document.getElementById("cp-dock");
    section.hidden = !gapLayers().length && cp.data.units.length < 2;
    section.classList.toggle("cp-folded", dock.folded);
    section.setAttribute("aria-label", dockTitle());
    cp.fill(section, [
      make("div", {class: "cp-dock-head"},
        switcher(),
        make("input", {
          type: "search", class: "cp-filter", placeholder: w("filter"), "aria-label": w("filter"), value: dock.filter,
          oninput: function (event) { dock.filter = event.target.value; dock.limit = PAGE; fillTable(); }
        }),
        make("span", {id: "cp-rows", class: "cp-number", role: "status"}),
        make("button", {
          type: "button", class: "cp-fold", "aria-expanded": String(!dock.folded), "aria-controls": "cp-table",
          onclick: function () {
            dock.folded = !dock.folded;
            cp.showDock();
            cp.leaflet.invalidateSize({animate: false});
            section.querySelector(".cp-fold").focus();
          }
        }, w(dock.folded ? "list_show" : "list_hide"))),
      make("div", {id: "cp-table", class: "cp-table", tabindex: 0, role: "group", "aria-label": dockTitle()})
    ]);
    fillTable();
  };
})(cityplan);
