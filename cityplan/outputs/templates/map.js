// Ties the panel to the map: which analysis and layers are shown, pop-ups, worst places.
// All text reaches the page through textContent, so names in the data are never markup.
"use strict";
var cityplan = (function () {
  function element(tag, text, className) {
    var made = document.createElement(tag);
    made.textContent = text;
    if (className) { made.className = className; }
    return made;
  }

  function rows(pairs, className) {
    var list = element("dl", "", className);
    pairs.forEach(function (pair) {
      if (pair[1]) {
        list.appendChild(element("dt", pair[0]));
        list.appendChild(element("dd", pair[1]));
      }
    });
    return list;
  }

  function popup(feature, config) {
    var values = feature.properties.v, box = element("div", "", "cp-popup");
    box.appendChild(element("p", config.kind, "cp-kind"));
    box.appendChild(element("h3", values[0]));
    box.appendChild(rows(config.fields.map(function (field, n) { return [field, values[n + 1]]; })));
    box.appendChild(rows(config.facts, "cp-facts"));
    return box;
  }

  // The shapes of all layers: base64 of gzipped JSON.
  function unpack(data) {
    var bytes = Uint8Array.from(atob(data), function (letter) { return letter.charCodeAt(0); });
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  function fill(groups, collections) {
    var next = 0;
    groups.forEach(function (group) {
      group.layers.forEach(function (entry) { entry.layer.addData(collections[next++]); });
    });
  }

  // Units lie below all other shapes, the ground below the units.
  function lower(layer, ground) {
    layer.bringToBack();
    ground.slice().reverse().forEach(function (part) { part.bringToBack(); });
  }

  function start(map, data, ground, groups, words) {
    if (typeof DecompressionStream === "undefined") {
      document.querySelector(".cp-map").appendChild(element("p", words.old_browser, "cp-old"));
      return;
    }
    unpack(data).then(function (collections) {
      fill(groups, collections);
      document.body.setAttribute("data-ready", "");
    });
    L.control.zoom({zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out}).addTo(map);
    L.control.scale({imperial: false, maxWidth: 160}).addTo(map);
    map.attributionControl.setPrefix("Leaflet");
    // Leaflet takes markup here: escape the credits, they come from the data.
    map.attributionControl.addAttribution(element("i", words.attribution).innerHTML);
    map.on("popupopen", function (event) {
      var button = event.popup.getElement().querySelector(".leaflet-popup-close-button");
      if (button) { button.setAttribute("aria-label", words.close); }
    });
    groups.forEach(function (group) {
      group.layers.forEach(function (entry) {
        entry.layer.bindPopup(function (layer) { return popup(layer.feature, entry); },
          {maxWidth: 340, minWidth: 230, maxHeight: 380});
        if (entry.below) { entry.layer.on("add", function () { lower(entry.layer, ground); }); }
      });
    });

    function all(name) { return Array.prototype.slice.call(document.querySelectorAll("[" + name + "]")); }
    function numbers(node, name) { return node.getAttribute(name).split("-").map(Number); }

    function choose(chosen) {
      groups.forEach(function (group, n) {
        if (n === chosen) { map.addLayer(group.group); } else { map.removeLayer(group.group); }
      });
      all("data-body").forEach(function (body) { body.hidden = Number(body.getAttribute("data-body")) !== chosen; });
      all("data-analysis").forEach(function (radio) { radio.checked = Number(radio.value) === chosen; });
    }

    function toggle(box) {
      var place = numbers(box, "data-layer"), group = groups[place[0]];
      var layer = group.layers[place[1]].layer;
      if (box.checked) { group.group.addLayer(layer); } else { group.group.removeLayer(layer); }
    }

    function zoomTo(button) {
      var place = numbers(button, "data-place");
      var layer = groups[place[0]].layers[place[1]].layer.getLayers()[place[2]];
      var box = document.querySelector('[data-layer="' + place[0] + "-" + place[1] + '"]');
      choose(place[0]);
      box.checked = true;
      toggle(box);
      if (layer.getBounds) {
        map.fitBounds(layer.getBounds(), {maxZoom: 17, padding: [120, 120], animate: false});
      } else {
        map.setView(layer.getLatLng(), 17, {animate: false});
      }
      // The pop-up belongs to the layer as a whole: a click tells it which shape is meant.
      layer.fire("click", {latlng: L.latLng(button.getAttribute("data-at").split(",").map(Number))}, true);
    }

    all("data-analysis").forEach(function (radio) {
      radio.addEventListener("change", function () { choose(Number(radio.value)); });
    });
    all("data-layer").forEach(function (box) {
      box.addEventListener("change", function () { toggle(box); });
    });
    all("data-place").forEach(function (button) {
      button.addEventListener("click", function () { zoomTo(button); });
    });
  }

  return {start: start};
})();
