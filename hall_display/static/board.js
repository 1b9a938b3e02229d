/* The board's one script. Written for the browsers of old televisions: no modules, no arrow functions.

   The page is a snapshot with a seq. Changes come by socket, or by asking where sockets don't get through; the next
   seq is applied, an older one ignored, and whenever something may be missing the page says so and fetches anew. */

(function () {
  "use strict";

  var stage = document.getElementById("board");
  var live = document.getElementById("live");
  var words = JSON.parse(document.getElementById("words").textContent);

  var HALL = stage.getAttribute("data-hall");
  var LANG = stage.getAttribute("data-lang");
  var PART = stage.getAttribute("data-part");
  var ZONE_MS = figure("data-zone-minutes") * 60000;
  var SILENCE_MS = figure("data-silence-s") * 1000;
  var DWELL_MS = figure("data-dwell-s") * 1000;
  var PAGE_MS = figure("data-page-s") * 1000;
  var POLL_MS = 2000;
  var ASK_AGAIN_MS = 3000;
  var QUIET_MS = 6000;
  var LATE_MS = 20000;
  var SPEECH_MS = 25000;
  var OLD_CALL_MS = 2 * 3600000;
  var ROWS_LIVE = 4;
  var ROWS_STALE = 3;
  var QUEUES_ON_PAGE = 6;

  function figure(name) {
    return Number(stage.getAttribute(name));
  }

  function byId(id) {
    return document.getElementById(id);
  }

  function each(list, act) {
    Array.prototype.slice.call(list).forEach(act);
  }

  function toggle(element, name, on) {
    if (on) {
      element.classList.add(name);
    } else {
      element.classList.remove(name);
    }
  }

  function write(element, text) {
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }

  function fill(sentence, places) {
    return sentence.replace(/\{(\w+)\}/g, function (_, name) {
      return places[name];
    });
  }

  /* City time: the city's clock may run fast in a demo, so its pace is taken from two heartbeats that agree. */

  function real() {
    return window.performance && performance.now ? performance.now() : Date.now();
  }

  var city = { at: Date.parse(stage.getAttribute("data-now")), read: real(), pace: 1, measured: 1 };

  function cityNow() {
    return city.at + (real() - city.read) * city.pace;
  }

  function setCity(iso) {
    var at = Date.parse(iso);
    if (isNaN(at)) {
      return;
    }
    var now = real();
    if (now - city.read > 3000) {
      var pace = (at - city.at) / (now - city.read);
      if (Math.abs(pace - city.measured) < 0.2 * pace) {
        city.pace = Math.abs(pace - 1) < 0.1 ? 1 : pace;
      }
      city.measured = pace;
    } else if (city.pace !== 1 && Math.abs(at - cityNow()) < 1000 * city.pace) {
      return;
    }
    city.at = at;
    city.read = now;
  }

  function two(n) {
    return (n < 10 ? "0" : "") + n;
  }

  function local(ms) {
    return new Date(ms + ZONE_MS);
  }

  function clockTime(ms) {
    var at = local(ms);
    return two(at.getUTCHours()) + ":" + two(at.getUTCMinutes());
  }

  function age(ms) {
    var minutes = Math.floor((cityNow() - ms) / 60000);
    return minutes < 1 ? words.now : fill(words.ago, { n: minutes });
  }

  function showClock() {
    var at = local(cityNow());
    write(byId("clock"), clockTime(cityNow()));
    write(byId("date"), fill(words.date, {
      month: at.getUTCMonth() + 1,
      day: at.getUTCDate(),
      month_name: words.months[at.getUTCMonth()]
    }));
    write(byId("weekday"), words.weekdays[at.getUTCDay()]);
    var shift = at.getUTCHours() % 4;
    [1, 2, 3].forEach(function (n) {
      toggle(stage, "shift-" + n, n === shift);
    });
  }

  /* What is known: the log's position, when it was last confirmed, whether that is still good. */

  var known = {
    epoch: figure("data-epoch"),
    seq: figure("data-seq"),
    heard: real(),
    heardWall: Date.now(),
    heardCity: cityNow(),
    stale: false,
    asked: 0,
    refused: false
  };

  function moveTo(epoch, seq) {
    known.epoch = epoch;
    known.seq = seq;
    stage.setAttribute("data-epoch", epoch);
    stage.setAttribute("data-seq", seq);
  }

  function heard() {
    known.heard = real();
    known.heardWall = Date.now();
    known.heardCity = cityNow();
  }

  function silence() {
    return Math.max(real() - known.heard, Date.now() - known.heardWall);
  }

  function goStale() {
    if (known.stale) {
      return;
    }
    known.stale = true;
    hush();
    line = [];
    stage.classList.add("stale");
    byId("slip").classList.remove("brighten");
    byId("band").hidden = false;
    write(byId("band-title"), fill(words.stale, { time: clockTime(known.heardCity) }));
    write(byId("link-word"), words.lost);
    showAll();
  }

  function goFresh() {
    known.stale = false;
    stage.classList.remove("stale");
    byId("band").hidden = true;
    write(byId("link-word"), words.live);
  }

  /* A screen that hangs in one zone shows what stands there, and what stands in none. */

  function elsewhere(kind, name) {
    if (!PART) {
      return false;
    }
    var zones = JSON.parse(byId("zones").textContent);
    return Object.keys(zones).some(function (code) {
      return code !== PART && zones[code][kind].indexOf(name) >= 0;
    });
  }

  function voiceHere() {
    var zone = PART && JSON.parse(byId("zones").textContent)[PART];
    return zone ? zone.voice : { languages: ["zh"], rate: 0.9, volume: 1 };
  }

  /* What the server says, by whichever way. */

  function broken() {
    goStale();
    askSnapshot();
  }

  function takeSnapshot(snapshot) {
    var first = lastCall();
    live.innerHTML = snapshot.html;
    byId("notice").innerHTML = snapshot.notice;
    moveTo(snapshot.epoch, snapshot.seq);
    heard();
    goFresh();
    startSlip(first);
    showAll();
  }

  function takeChange(change) {
    if (known.stale || change.hall !== HALL) {
      return;
    }
    if (change.epoch !== known.epoch) {
      broken();
      return;
    }
    if (change.seq <= known.seq) {
      return;
    }
    if (change.seq !== known.seq + 1) {
      broken();
      return;
    }
    moveTo(change.epoch, change.seq);
    heard();
    Object.keys(change.fragments).forEach(function (key) {
      place(key, change.fragments[key]);
    });
    if (change.call) {
      offer(itemOf(parsed(change.fragments["slip-" + change.call.call]), change.seq));
    }
    if (change.refetch) {
      askSnapshot();
    }
    showAll();
  }

  /* Waits come without a number, the latest wins: whole rows, as the server draws them. */

  function takeEstimate(estimate) {
    if (known.stale || estimate.hall !== HALL || estimate.epoch !== known.epoch) {
      return;
    }
    Object.keys(estimate.fragments).forEach(function (key) {
      place(key, estimate.fragments[key]);
    });
    showQueues();
  }

  function takeBeat(beat) {
    if (beat.hall !== HALL) {
      return;
    }
    setCity(beat.at);
    if (known.stale) {
      return;
    }
    if (beat.epoch !== known.epoch || beat.seq > known.seq) {
      broken();
      return;
    }
    heard();
  }

  function parsed(html) {
    var holder = document.createElement("div");
    holder.innerHTML = html;
    return holder.firstElementChild;
  }

  function place(key, html) {
    if (key === "recent" || key === "idle" || key === "notice") {
      byId(key).innerHTML = html;
    } else if (key.indexOf("queue-") === 0) {
      each(byId("queues").children, function (row) {
        if (row.getAttribute("data-queue") === key.slice(6)) {
          row.parentNode.replaceChild(parsed(html), row);
        }
      });
    }
  }

  /* The ways: a socket first, asking while there is none. */

  var socket = null;
  var polling = false;
  var polledAt = 0;

  function ask(whole) {
    var wanted = { hall: HALL, lang: LANG };
    if (!whole) {
      wanted.epoch = known.epoch;
      wanted.after = known.seq;
    }
    known.asked = real();
    known.refused = false;
    socket.emit("watch", wanted);
  }

  function askSnapshot() {
    if (socket && socket.connected) {
      ask(true);
    } else {
      poll(true);
    }
  }

  function connect() {
    if (!window.io) {
      return;
    }
    socket = window.io("/display", {
      transports: ["websocket"],
      reconnectionDelay: 500,
      reconnectionDelayMax: 3000,
      timeout: 5000
    });
    socket.on("connect", function () {
      ask(known.stale);
    });
    socket.on("snapshot", function (snapshot) {
      if (snapshot.hall === HALL) {
        takeSnapshot(snapshot);
      }
    });
    socket.on("change", takeChange);
    socket.on("estimate", takeEstimate);
    socket.on("heartbeat", takeBeat);
    socket.on("problem", function () {
      known.refused = true;
    });
    each(["connect_error", "disconnect"], function (end) {
      socket.on(end, comeBack);
    });
  }

  /* A line that the server ended or refused is not opened again by itself. */
  function comeBack() {
    if (!socket.active) {
      setTimeout(function () {
        socket.connect();
      }, ASK_AGAIN_MS);
    }
  }

  function poll(whole) {
    if (polling) {
      return;
    }
    polling = true;
    polledAt = real();
    var from = whole || known.stale ? "" : "&epoch=" + known.epoch + "&after=" + known.seq;
    var request = new XMLHttpRequest();
    request.open("GET", "/board/" + encodeURIComponent(HALL) + "/changes?lang=" + LANG + from);
    request.timeout = 5000;
    request.onload = function () {
      polling = false;
      if (request.status === 200) {
        takeAnswer(JSON.parse(request.responseText));
      }
    };
    request.onerror = request.ontimeout = function () {
      polling = false;
    };
    request.send();
  }

  function takeAnswer(answer) {
    if (answer.snapshot) {
      // One that was overtaken by the socket meanwhile would take the page back.
      if (known.stale || answer.epoch !== known.epoch || answer.seq >= known.seq) {
        takeSnapshot(answer.snapshot);
      }
    } else {
      answer.changes.forEach(takeChange);
    }
    if (answer.estimate) {
      takeEstimate(answer.estimate);
    }
    if (answer.epoch !== known.epoch || answer.seq >= known.seq) {
      takeBeat(answer);
    }
  }

  function watchOver() {
    if (!known.stale && silence() > SILENCE_MS) {
      goStale();
    }
    var connected = socket && socket.connected;
    // A socket may stand open though nobody is there any more: beats come every four seconds.
    if ((!connected || silence() > QUIET_MS) && real() - polledAt > POLL_MS) {
      poll(false);
    }
    if (connected && (known.stale || known.refused) && real() - known.asked > ASK_AGAIN_MS) {
      ask(known.stale);
    }
  }

  /* The slip: each call has it for its time; two at once share it, others wait in order. */

  var slots = [];
  var line = [];

  function itemOf(row, seq) {
    return {
      call: row.getAttribute("data-call"),
      times: Number(row.getAttribute("data-times")),
      at: Date.parse(row.getAttribute("data-at")),
      number: row.getAttribute("data-number"),
      window: row.getAttribute("data-window"),
      place: row.getAttribute("data-place"),
      seq: seq,
      row: row,
      since: 0,
      told: false
    };
  }

  function startSlip(after) {
    // Calls that came while nothing was heard are still worth showing if they are fresh.
    var rows = byId("slip-rows").children;
    var found = [];
    each(rows, function (row) {
      // A first call's name is its seq; which seq a repeated one had, a snapshot does not say.
      var first = Number(row.getAttribute("data-times")) === 1;
      if (!elsewhere("windows", row.getAttribute("data-place"))) {
        found.push(itemOf(row, first ? Number(row.getAttribute("data-call")) : known.seq));
      }
    });
    byId("slip-rows").innerHTML = "";
    slots = [];
    line = [];
    if (!found.length) {
      return;
    }
    if (after) {
      found.slice(0).reverse().forEach(function (item) {
        if (item.at > after && lateness(item) < LATE_MS) {
          offer(item);
        }
      });
    }
    if (!slots.length) {
      found[0].told = true;
      enter(found[0], true);
    }
  }

  function lastCall() {
    return slots.concat(line).reduce(function (latest, item) {
      return Math.max(latest, item.at);
    }, 1);
  }

  function lateness(item) {
    return (cityNow() - item.at) / Math.max(1, city.pace);
  }

  function offer(item) {
    if (elsewhere("windows", item.place)) {
      return;
    }
    var again = slots.filter(function (slot) {
      return slot.call === item.call;
    })[0];
    if (again) {
      byId("slip-rows").removeChild(again.row);
      slots.splice(slots.indexOf(again), 1);
    }
    line = line.filter(function (other) {
      return other.call !== item.call;
    });
    line.push(item);
    turn();
  }

  function over(slot) {
    return slot.told && real() - slot.since >= DWELL_MS;
  }

  function turn() {
    if (known.stale) {
      return;
    }
    if (line.length) {
      slots.filter(over).forEach(leave);
    } else if (slots.length > 1 && over(slots[0])) {
      leave(slots[0]);
    }
    while (line.length && slots.length < 2) {
      enter(line.shift(), false);
    }
  }

  function enter(item, quietly) {
    item.since = real() - (quietly ? lateness(item) : 0);
    slots.push(item);
    byId("slip-rows").appendChild(item.row);
    if (quietly) {
      return;
    }
    item.row.classList.add("enter");
    brighten();
    write(byId("said"), fill(words.said, { number: item.number, window: item.window }));
    receipt(item, false);
    speak(item);
  }

  function leave(slot) {
    slots.splice(slots.indexOf(slot), 1);
    if (slot.row.parentNode) {
      slot.row.parentNode.removeChild(slot.row);
    }
  }

  function brighten() {
    var slip = byId("slip");
    slip.classList.remove("brighten");
    // Reading the width makes the browser see that the class was away, so that the animation begins anew.
    void slip.offsetWidth;
    slip.classList.add("brighten");
  }

  function hallClosed() {
    var idle = byId("idle").firstElementChild;
    return idle !== null && idle.getAttribute("data-closed") === "1";
  }

  function tidySlip() {
    slots.slice(0).forEach(function (slot) {
      var gone = cityNow() - slot.at > OLD_CALL_MS || (hallClosed() && over(slot));
      if (gone && !known.stale) {
        leave(slot);
      }
    });
  }

  function showSlip() {
    var slip = byId("slip");
    toggle(slip, "empty", !slots.length);
    toggle(slip, "two", slots.length === 2);
    each(slots, function (slot, index) {
      toggle(slot.row, "lower", index === 1);
    });
    if (!slots.length) {
      return;
    }
    var times = clockTime(slots[0].at);
    if (slots.length === 2 && clockTime(slots[1].at) !== times) {
      times += " " + clockTime(slots[1].at);
    }
    write(byId("slip-label"), known.stale ? fill(words.called, { time: times }) : words.calling);
    write(byId("slip-goal"), known.stale ? words.went : words.go);
  }

  /* The lists beside and below it. */

  function showRecent() {
    var left = known.stale ? ROWS_STALE : ROWS_LIVE;
    var last = null;
    each(byId("recent").children, function (row) {
      var at = Date.parse(row.getAttribute("data-at"));
      var onSlip = slots.some(function (slot) {
        return slot.call === row.getAttribute("data-call");
      });
      var near = !elsewhere("windows", row.getAttribute("data-place"));
      var shown = left > 0 && !onSlip && near && (known.stale || cityNow() - at < OLD_CALL_MS);
      toggle(row, "off", !shown);
      row.classList.remove("last");
      write(row.querySelector("time"), known.stale ? clockTime(at) : age(at));
      if (shown) {
        left -= 1;
        last = row;
      }
    });
    if (last) {
      last.classList.add("last");
    }
  }

  var page = 0;

  function queuesLabel(foretold) {
    if (known.stale) {
      return fill(words.waited, { time: clockTime(known.heardCity) });
    }
    return foretold ? words.foretold : words.waiting;
  }

  function showQueues() {
    var rows = [];
    each(byId("queues").children, function (row) {
      if (elsewhere("queues", row.getAttribute("data-queue"))) {
        toggle(row, "off", true);
      } else {
        rows.push(row);
      }
    });
    var pages = Math.ceil(rows.length / QUEUES_ON_PAGE);
    var first = pages ? (page % pages) * QUEUES_ON_PAGE : 0;
    each(rows, function (row, index) {
      toggle(row, "off", index < first || index >= first + QUEUES_ON_PAGE);
      toggle(row, "last", index === first + QUEUES_ON_PAGE - 1 || (index === rows.length - 1 && rows.length > 5));
    });
    write(byId("queues-page"), pages > 1 ? (page % pages) + 1 + " / " + pages : "");
    var foretold = !known.stale && byId("queues").querySelector(".range") !== null;
    toggle(byId("queues-range"), "off", !foretold);
    write(byId("queues-label"), queuesLabel(foretold));
  }

  /* One line stands below: the first that is for today, or for any day. */

  function showNotice() {
    var at = local(cityNow());
    var today = [at.getUTCFullYear(), two(at.getUTCMonth() + 1), two(at.getUTCDate())].join("-");
    var shown = null;
    each(byId("notice").children, function (line) {
      var day = line.getAttribute("data-day");
      if (!shown && (day === null || day === today)) {
        shown = line;
      }
      toggle(line, "off", line !== shown);
    });
  }

  function showAll() {
    tidySlip();
    showNotice();
    showSlip();
    showRecent();
    showQueues();
    showMute();
  }

  /* The voice: twice, once for each call, never late. Without one the board says that it is mute. */

  var synth = window.speechSynthesis && window.SpeechSynthesisUtterance ? window.speechSynthesis : null;
  var voice = null;
  var english = null;
  var touched = false;
  var toSay = [];
  var saying = null;
  var said = remembered();

  function remembered() {
    try {
      return JSON.parse(sessionStorage.getItem("said")) || [];
    } catch (error) {
      return [];
    }
  }

  function remember(key) {
    said.push(key);
    said = said.slice(-100);
    try {
      sessionStorage.setItem("said", JSON.stringify(said));
    } catch (error) {
      // Private mode: then it is remembered until the page is loaded anew.
    }
  }

  function findVoice() {
    var found = synth.getVoices().filter(function (each) {
      return each.localService && /^zh([-_]|$)/i.test(each.lang);
    });
    var mainland = found.filter(function (each) {
      return /^zh[-_](CN|Hans)/i.test(each.lang);
    });
    voice = mainland[0] || found[0] || null;
    english = synth.getVoices().filter(function (each) {
      return each.localService && /^en([-_]|$)/i.test(each.lang);
    })[0] || null;
    showMute();
  }

  function showMute() {
    byId("mute").hidden = Boolean(voice && touched);
    write(byId("mute-word"), voice && !touched ? words.unmute : words.mute);
  }

  function wake() {
    touched = true;
    showMute();
  }

  function speak(item) {
    if (!voice || !touched || said.indexOf(keyOf(item)) >= 0) {
      item.told = true;
      return;
    }
    toSay.push(item);
    sayNext();
  }

  function keyOf(item) {
    return [HALL, known.epoch, item.call, item.times].join("/");
  }

  function sayNext() {
    while (!saying && toSay.length) {
      var item = toSay.shift();
      if (lateness(item) > LATE_MS || said.indexOf(keyOf(item)) >= 0) {
        item.told = true;
      } else {
        say(item);
      }
    }
  }

  function say(item) {
    var spelled = item.number.split("").join(" ");
    var sentences = voiceHere().languages.map(function (language) {
      return language === "en"
        ? { text: "Number " + spelled + ", window " + item.window, english: true }
        : { text: "请 " + spelled + " 号到 " + item.window + " 号窗口办理", english: false };
    });
    var twice = sentences.concat(sentences);
    var watchdog = setTimeout(function () {
      finish(false);
    }, SPEECH_MS);
    saying = item;
    remember(keyOf(item));
    sayRest();

    function sayRest() {
      if (twice.length) {
        utter(twice.shift(), sayRest);
      } else {
        finish(true);
      }
    }

    function finish(spoken) {
      clearTimeout(watchdog);
      if (saying !== item) {
        return;
      }
      saying = null;
      item.told = true;
      if (spoken) {
        receipt(item, true);
      }
      sayNext();
    }

    function utter(sentence, then) {
      var utterance = new SpeechSynthesisUtterance(sentence.text);
      var speaks = sentence.english ? english || voice : voice;
      utterance.voice = speaks;
      utterance.lang = speaks.lang;
      utterance.rate = voiceHere().rate;
      utterance.volume = voiceHere().volume;
      utterance.onend = then;
      utterance.onerror = function () {
        finish(false);
      };
      synth.speak(utterance);
    }
  }

  function hush() {
    toSay = [];
    if (saying) {
      saying.told = true;
      saying = null;
      synth.cancel();
    }
  }

  function receipt(item, spoken) {
    window.tongbanReceipt = item.seq;
    if (socket && socket.connected) {
      socket.emit("receipt", { hall: HALL, seq: item.seq, shown: true, spoken: spoken });
    }
  }

  /* Begin. */

  if (synth) {
    findVoice();
    synth.onvoiceschanged = findVoice;
  }
  each(["click", "keydown", "touchend"], function (name) {
    document.addEventListener(name, wake);
  });
  startSlip(null);
  showClock();
  showAll();
  connect();
  setInterval(watchOver, 250);
  setInterval(function () {
    showClock();
    turn();
    showAll();
  }, 1000);
  setInterval(function () {
    page += 1;
    showQueues();
  }, PAGE_MS);
})();
