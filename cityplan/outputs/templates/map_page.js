// Starts the page: state, map, tabs, pop-ups, language and print.
"use strict";
(function (cp) {
  const make = cp.make, t = cp.t, w = cp.w, OVERVIEW = -1, CLOSE_ZOOM = 17;

  // The Leaflet map in its place; a notebook adds its own layers to it before `start`.
  cp.map = function () {
    cp.leaflet = L.map("cp-map", {zoomControl: false, attributionControl: false, fadeAnimation: false, maxZoom: 20, zoomSnap: 0.25, zoomDelta: 1, center: [0, 0], zoom: 2});
    return cp.leaflet;
  };

  cp.start = function () {
    if (typeof DecompressionStream === "undefined") { return; }
    const packed = document.getElementById("cp-data").textContent;
    cp.unpack(packed).then(function (data) {
      data.bytes = Array.from(document.scripts).concat(Array.from(document.querySelectorAll("style")))
        .reduce(function (sum, part) { return sum + part.textContent.length; }, 0);
      begin(data);
    }).catch(function (error) {
      const failed = document.getElementById("cp-failed");
      if (failed) {
        failed.hidden = false;
        failed.append(error.message);
      }
      throw error;
    });
  };

  function begin(data) {
    const single = data.analyses.length === 1 && !data.analyses[0].skipped;
    cp.data = data;
    cp.lang = data.lang === "zh" ? 1 : 0;
    cp.state = {
      open: single ? 0 : OVERVIEW, chosen: null, missed: null,
      measure: data.analyses.map(function (analysis) { return firstShaded(analysis); }),
      dock: {which: "units", sort: null, filter: "", limit: 200, folded: window.innerHeight < 600}
    };
    if (!cp.leaflet) { cp.map(); }
    cp.canvas = new cp.Canvas();
    speak();
    controls();
    cp.leaflet.invalidateSize({animate: false});
    whole();
    cp.leaflet.addLayer(cp.canvas);
    listen();
    document.body.setAttribute("data-ready", "");
  }

  function firstShaded(analysis) {
    if (analysis.skipped || analysis.measures[analysis.main].shades) { return analysis.main; }
    const first = analysis.measures.findIndex(function (measure) { return measure.shades; });
    return first < 0 ? analysis.main : first;
  }

  function whole() {
    const bounds = cp.data.bounds;
    cp.leaflet.fitBounds([[bounds[0], bounds[1]], [bounds[2], bounds[3]]], {animate: false, padding: [14, 14]});
  }

  // Everything that is words, in the language chosen.
  function speak() {
    cp.font = getComputedStyle(document.body).fontFamily;
    document.documentElement.lang = cp.lang ? "zh-CN" : "en";
    document.title = cp.data.name + " · " + w("report");
    document.querySelector(".cp-skip").textContent = w("skip_to_map");
    document.getElementById("cp-subtitle").textContent = t(cp.data.subtitle);
    document.getElementById("cp-map").setAttribute("aria-label", w("map_of", {name: cp.data.name}));
    document.getElementById("cp-panel").setAttribute("aria-label", w("findings"));
    const print = document.getElementById("cp-print"), other = document.getElementById("cp-lang");
    print.textContent = w("print");
    other.textContent = cp.lang ? "English" : "中文";
    other.lang = cp.lang ? "en" : "zh-CN";
    print.hidden = other.hidden = false;
    tabs();
    cp.showSearch();
    cp.resetDock();
    cp.show();
  }

  function tabs() {
    const nav = document.getElementById("cp-tabs");
    nav.setAttribute("aria-label", w("analyses"));
    const entries = cp.data.analyses.map(function (analysis, n) { return [n, analysis]; }).filter(function (entry) { return !entry[1].skipped; });
    if (cp.data.analyses.length > 1) { entries.unshift([OVERVIEW, null]); }
    cp.fill(nav, entries.map(function (entry) {
      const measure = entry[1] && entry[1].measures[entry[1].main];
      const style = measure && measure.judged ? cp.data.verdicts[measure.verdict] : null;
      return make("button", {type: "button", "data-tab": entry[0], onclick: function () { cp.open(entry[0]); }},
        style ? make("span", {class: "cp-mark cp-" + measure.verdict, role: "img", "aria-label": t(style.word)}, style.mark) : null,
        make("span", null, entry[1] ? t(entry[1].title) : w("overview")));
    }));
  }

  // Opens an analysis, or the overview.
  cp.open = function (number, focus) {
    cp.state.open = number;
    cp.state.chosen = null;
    cp.leaflet.closePopup();
    cp.resetDock();
    cp.show();
    const panel = document.getElementById("cp-panel");
    panel.scrollTop = 0;
    window.scrollTo(0, 0);
    if (focus) { panel.focus({preventScroll: true}); }
  };

  cp.show = function (focusId) {
    document.body.classList.toggle("cp-inside", cp.state.open !== OVERVIEW);
    document.querySelectorAll("[data-tab]").forEach(function (tab) {
      const current = Number(tab.getAttribute("data-tab")) === cp.state.open;
      if (current) { tab.setAttribute("aria-current", "page"); } else { tab.removeAttribute("aria-current"); }
      if (current && tab.scrollIntoView) { tab.scrollIntoView({block: "nearest", inline: "nearest"}); }
    });
    cp.fill(document.getElementById("cp-panel"), cp.panel());
    cp.showDock();
    if (cp.canvas && cp.canvas._map) { cp.canvas.redraw(); }
    if (focusId) { document.getElementById(focusId).focus(); }
  };

  function titled(button, title) {
    button.title = title;
    button.setAttribute("aria-label", title);
  }

  function controls() {
    const map = cp.leaflet, zoom = L.control.zoom({position: "topright"}).addTo(map);
    const all = L.DomUtil.create("a", "leaflet-control-zoom-all", zoom.getContainer());
    all.textContent = "⤢";
    all.href = "#";
    all.setAttribute("role", "button");
    L.DomEvent.disableClickPropagation(all).on(all, "click", L.DomEvent.stop).on(all, "click", whole);
    cp.nameControls = function () {
      titled(zoom._zoomInButton, w("zoom_in"));
      titled(zoom._zoomOutButton, w("zoom_out"));
      titled(all, w("zoom_all"));
    };
    cp.nameControls();
    L.control.scale({imperial: false, maxWidth: 140}).addTo(map);
    const credits = L.control.attribution({prefix: "Leaflet"}).addTo(map);
    // Leaflet takes markup here: escape the credits, they come from the data.
    cp.data.credits.forEach(function (credit) { credits.addAttribution(make("i", null, credit).innerHTML); });
    if (cp.data.tiles) {
      cp.data.tiles.urls.forEach(function (url) {
        L.tileLayer(url, {subdomains: cp.data.tiles.subdomains, maxNativeZoom: cp.data.tiles.maxZoom, maxZoom: 20, attribution: make("i", null, t(cp.data.tiles.credit)).innerHTML}).addTo(map);
      });
    }
  }

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
    const opened = L.popup({maxWidth: 320, minWidth: 230, maxHeight: 300, closeButton: true, autoPanPadding: [20, 20]})
      .setLatLng(latlng).setContent(content).openOn(cp.leaflet);
    Object.entries({tabindex: "0", role: "group", "aria-label": layer ? cp.nameOf(layer, shape) : cp.data.units[shape]}).forEach(function (entry) {
      opened.getElement().querySelector(".leaflet-popup-content").setAttribute(entry[0], entry[1]);
    });
    const button = opened.getElement().querySelector(".leaflet-popup-close-button");
    if (button) { titled(button, w("close")); }
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

  function clicked(event) {
    const found = cp.canvas.under(event.latlng);
    if (!found) { return; }
    if (found.bubble) {
      cp.leaflet.setView(event.latlng, Math.min(cp.leaflet.getZoom() + 2, CLOSE_ZOOM), {animate: false});
      return;
    }
    popup(found.layer, found.shape, event.latlng);
  }

  // The name of what lies under the pointer.
  function hover() {
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
  }

  function resized() {
    cp.leaflet.invalidateSize({animate: false, pan: true});
    cp.canvas.redraw();
  }

  function printing(on) {
    if (document.body.classList.contains("cp-printing") === on) { return; }
    document.body.classList.toggle("cp-printing", on);
    resized();
    whole();
  }

  function listen() {
    cp.leaflet.on("click", clicked).on("popupclose", function () {
      cp.state.chosen = null;
      cp.canvas.redraw();
    });
    if (window.matchMedia("(hover: hover)").matches) { hover(); }
    document.getElementById("cp-lang").addEventListener("click", function () {
      cp.lang = 1 - cp.lang;
      cp.state.missed = null;
      cp.leaflet.closePopup();
      speak();
      cp.nameControls();
    });
    document.getElementById("cp-print").addEventListener("click", function () { window.print(); });
    window.addEventListener("beforeprint", function () { printing(true); });
    window.addEventListener("afterprint", function () { printing(false); });
    window.matchMedia("print").addEventListener("change", function (event) { printing(event.matches); });
  }
})(cityplan);
