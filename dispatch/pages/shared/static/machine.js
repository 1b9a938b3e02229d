/* A browser that is a paired machine says every few seconds that it lives. Old televisions run this too.

   The cookie that scripts may read holds what the calls must bring; token and nonce are in cookies they cannot read.
   The key of a call is kept until it was answered: a call whose answer was lost is made again under the same key, so
   that it is not taken for a second machine. A shell around the page (of a kiosk) may set window.tongbanHardware =
   {paper: "ok", faults: []}; a board sets window.tongbanReceipt to the call it showed last. */
(function () {
  "use strict";

  var EVERY_MS = 20000;
  var KEY = "tongban_beat";
  var LAST = "tongban_beat_at";
  var hint = /(?:^|; )tongban_machine=([^;]+)/.exec(document.cookie);
  if (!hint) {
    return;
  }

  function kept(name, value) {
    try {
      if (value === undefined) {
        return localStorage.getItem(name);
      }
      if (value === null) {
        localStorage.removeItem(name);
      } else {
        localStorage.setItem(name, value);
      }
    } catch (error) {
      // Without a memory a lost answer may cost a new pairing; there is nothing better to do.
    }
    return null;
  }

  function draw() {
    var bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    return Array.prototype.map
      .call(bytes, function (each) {
        return ("0" + each.toString(16)).slice(-2);
      })
      .join("");
  }

  function say() {
    var told = { state: document.hidden ? "hidden" : "showing", at: new Date().toISOString() };
    var hardware = window.tongbanHardware;
    if (hardware) {
      told.paper = hardware.paper;
      told.faults = hardware.faults;
    }
    if (window.tongbanReceipt) {
      told.receipt = window.tongbanReceipt;
    }
    return JSON.stringify(told);
  }

  function beat() {
    var last = Number(kept(LAST));
    if (!kept(KEY) && Date.now() - last < EVERY_MS / 2 && Date.now() >= last) {
      return; // another page of this machine has just done so
    }
    var key = kept(KEY) || draw();
    kept(KEY, key);
    kept(LAST, String(Date.now()));
    var request = new XMLHttpRequest();
    request.open("POST", "/api/v1/devices/heartbeat");
    request.setRequestHeader("Content-Type", "application/json");
    request.setRequestHeader("X-CSRF-Token", decodeURIComponent(hint[1]));
    request.setRequestHeader("Idempotency-Key", key);
    request.timeout = 10000;
    request.onload = function () {
      if (request.status === 200) {
        kept(KEY, null);
      } else if (request.status === 401) {
        kept(KEY, null);
        document.cookie = "tongban_machine=; Max-Age=0; path=/";
        location.replace("/pair?kind=" + kindHere());
      }
    };
    request.send(say());
  }

  function kindHere() {
    var first = location.pathname.split("/")[1];
    return first === "board" || first === "kiosk" || first === "pad" ? first : "";
  }

  beat();
  setInterval(beat, EVERY_MS);
})();
