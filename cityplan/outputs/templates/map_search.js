// Search by name, over units and all shapes of all analyses.
"use strict";
(function (cp) {
  const make = cp.make, t = cp.t, w = cp.w, MOST = 12;
  let index = null, indexLang = -1;

  function entries() {
    if (index && indexLang === cp.lang) { return index; }
    index = cp.data.units.map(function (name, unit) { return {name: name, layer: null, shape: unit}; });
    const seen = new Set();
    cp.data.analyses.forEach(function (analysis) {
      (analysis.layers || []).forEach(function (layer) {
        if (!layer.field.name) { return; }
        for (let shape = 0; shape < layer.shapes.count; shape++) {
          const name = cp.cell(layer.field.name, shape), key = layer.analysis + "/" + layer.number + "/" + name;
          if (name && !seen.has(key)) {
            seen.add(key);
            index.push({name: name, layer: layer, shape: shape});
          }
        }
      });
    });
    index.forEach(function (entry) { entry.low = entry.name.toLowerCase(); });
    indexLang = cp.lang;
    return index;
  }

  // Names that begin with the words come first.
  function matches(words) {
    const wanted = words.trim().toLowerCase();
    if (!wanted) { return []; }
    const found = entries().filter(function (entry) { return entry.low.includes(wanted); });
    const rank = function (entry) { return (entry.low.startsWith(wanted) ? 0 : 2) + (entry.layer ? 1 : 0); };
    return found.sort(function (a, b) { return rank(a) - rank(b); });
  }

  function where(entry) {
    if (!entry.layer) { return w("unit"); }
    return t(cp.data.analyses[entry.layer.analysis].title) + " · " + t(entry.layer.title);
  }

  cp.showSearch = function () {
    let found = [], active = -1;
    const list = make("ul", {id: "cp-found", role: "listbox", "aria-label": w("search"), hidden: true});
    const status = make("p", {class: "cp-hidden", role: "status"});
    const input = make("input", {
      type: "search", role: "combobox", "aria-expanded": "false", "aria-controls": "cp-found", "aria-autocomplete": "list",
      autocomplete: "off", placeholder: w("search"), "aria-label": w("search"), oninput: update, onkeydown: keys,
      onblur: function () { setTimeout(close, 150); }, onfocus: update
    });

    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function take(entry) {
      input.value = entry.name;
      close();
      cp.choose(entry.layer, entry.shape);
    }

    function mark(position) {
      active = position;
      Array.from(list.children).forEach(function (node, n) { node.setAttribute("aria-selected", String(n === active)); });
      if (active >= 0) { input.setAttribute("aria-activedescendant", "cp-found-" + active); }
    }

    function update() {
      const all = matches(input.value);
      found = all.slice(0, MOST);
      cp.fill(list, found.map(function (entry, n) {
        return make("li", {id: "cp-found-" + n, role: "option", "aria-selected": "false", onmousedown: function (event) { event.preventDefault(); take(entry); }},
          make("bdi", null, entry.name), make("small", null, where(entry)));
      }));
      if (input.value.trim() && !found.length) { cp.fill(list, [make("li", {role: "option", "aria-disabled": "true", "aria-selected": "false"}, w("search_none"))]); }
      list.hidden = !input.value.trim();
      input.setAttribute("aria-expanded", String(!list.hidden));
      status.textContent = input.value.trim() ? w("search_found", {count: all.length}) : "";
      mark(found.length ? 0 : -1);
    }

    function keys(event) {
      if (event.key === "Escape") { close(); }
      else if (event.key === "Enter" && found[active]) { take(found[active]); }
      else if (event.key === "ArrowDown" && found.length) { mark((active + 1) % found.length); }
      else if (event.key === "ArrowUp" && found.length) { mark((active + found.length - 1) % found.length); }
      else { return; }
      event.preventDefault();
    }

    cp.fill(document.getElementById("cp-search"), [input, list, status]);
  };
})(cityplan);
