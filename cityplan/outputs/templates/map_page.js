// Starts the page: state, map, tabs, language and print.
"use strict";
(function (cp) {
  const make = cp.make, t = cp.t, w = cp.w, OVERVIEW = -1;

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
    if (cp.canvas && cp.canvas._map) {
      cp.leaflet.invalidateSize({animate: false});
      cp.canvas.redraw();
    }
    if (focusId) { document.getElementById(focusId).focus(); }
  };

  function controls() {
    const map = cp.leaflet, zoom = L.control.zoom({position: "topright"}).addTo(map);
    const all = L.DomUtil.create("a", "leaflet-control-zoom-all", zoom.getContainer());
    all.textContent = "⤢";
    all.href = "#";
    all.setAttribute("role", "button");
    L.DomEvent.disableClickPropagation(all).on(all, "click", L.DomEvent.stop).on(all, "click", whole);
    cp.nameControls = function () {
      cp.titled(zoom._zoomInButton, w("zoom_in"));
      cp.titled(zoom._zoomOutButton, w("zoom_out"));
      cp.titled(all, w("zoom_all"));
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
    cp.leaflet.on("click", cp.clicked).on("popupclose", function () {
      cp.state.chosen = null;
      cp.canvas.redraw();
    });
    if (window.matchMedia("(hover: hover)").matches) { cp.hover(); }
    document.getElementById("cp-lang").addEventListener("click", function () {
      cp.lang = 1 - cp.lang;
      cp.state.missed = null;
      cp.leaflet.closePopup();
      speak();
      cp.nameControls();
    });
    document.addEventListener("keydown", function (event) { if (event.key === "Escape") { cp.leaflet.closePopup(); } });
    document.getElementById("cp-print").addEventListener("click", function () { window.print(); });
    window.addEventListener("beforeprint", function () { printing(true); });
    window.addEventListener("afterprint", function () { printing(false); });
    window.matchMedia("print").addEventListener("change", function (event) { printing(event.matches); });
  }
})(cityplan);
