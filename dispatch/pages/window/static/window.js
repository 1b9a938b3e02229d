// The window console. Keys act through the API; what is shown is always the server's own fragment.

import { follow, swap } from "/assets/shared/live.js";

const HEARTBEAT = 30_000;
const REMEMBER = 6_000;
const PATIENCE = 8_000;

const panel = document.getElementById("panel");
const { window: windowId, csrf, hall, epoch, seq, fragment, login } = document.body.dataset;
const words = Object.fromEntries(
  [...document.getElementById("words").content.querySelectorAll("[data-word]")].map((i) => [i.dataset.word, i.textContent]),
);
const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);

let running = false;
let staleSince = null;
let asked = null;
let cityAhead = 0;
let zoneMinutes = 0;
let newsTimer = null;
let lastNews = "";

// Times ---------------------------------------------------------------------

function readClock() {
  const now = panel.firstElementChild.dataset.now;
  cityAhead = new Date(now) - Date.now();
  const found = /([+-])(\d\d):(\d\d)$/.exec(now);
  zoneMinutes = found ? (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) : 0;
}

const hallHour = (moment) => new Date(moment + cityAhead + zoneMinutes * 60_000).toISOString().slice(11, 16);
const two = (n) => String(n).padStart(2, "0");

function tick() {
  panel.querySelector("[data-clock]").textContent = hallHour(Date.now());
  const since = panel.querySelector("[data-since]");
  if (!since) return;
  const seconds = Math.max(0, Math.floor((Date.now() + cityAhead - new Date(since.dataset.since)) / 1000));
  since.textContent = seconds < 3600 ? `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}` : `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

// What is shown ---------------------------------------------------------------

function dress() {
  readClock();
  tick();
  dressPapers();
  showNews(lastNews);
  const band = panel.querySelector("[data-stale-band]");
  band.hidden = staleSince === null;
  if (staleSince === null) delete document.body.dataset.stale;
  else {
    document.body.dataset.stale = "yes";
    band.textContent = say("stale", { at: hallHour(staleSince) });
    for (const key of panel.querySelectorAll("[data-press]")) {
      key.disabled = true;
      const hint = key.querySelector(".key-hint");
      if (hint) hint.textContent = words.offline;
    }
  }
}

let refreshing = null;
let again = false;

async function refresh() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  refreshing = (async () => {
    do {
      again = false;
      const focused = document.activeElement?.dataset?.press;
      if (!(await swap(panel, fragment))) break;
      dress();
      if (focused) panel.querySelector(`[data-press="${focused}"]`)?.focus();
    } while (again);
    refreshing = null;
  })();
  return refreshing;
}

function showNews(text) {
  const line = panel.querySelector("#news");
  if (line.textContent !== text) line.textContent = text;
}

function tell(text) {
  lastNews = text;
  showNews(text);
  clearTimeout(newsTimer);
  if (text) newsTimer = setTimeout(() => tell(""), REMEMBER);
}

// Papers: the clerk's own tick marks, kept while this ticket is at the window -----

const heldPapers = (ticket) => new Set(JSON.parse(sessionStorage.getItem(`papers-${ticket}`) ?? "[]"));

function dressPapers() {
  const list = panel.querySelector("[data-papers]");
  if (!list) return;
  const held = heldPapers(list.dataset.papers);
  const keys = [...list.querySelectorAll("[data-paper]")];
  for (const key of keys) key.setAttribute("aria-pressed", held.has(key.dataset.paper));
  if (held.size === 0) return;
  const missing = keys.length - held.size;
  panel.querySelector("[data-papers-count]").textContent = say(missing ? "counted" : "complete", { all: keys.length, n: missing });
}

function togglePaper(key) {
  const ticket = key.closest("[data-papers]").dataset.papers;
  const held = heldPapers(ticket);
  if (!held.delete(key.dataset.paper)) held.add(key.dataset.paper);
  sessionStorage.setItem(`papers-${ticket}`, JSON.stringify([...held]));
  dressPapers();
}

// Only a clerk who has begun to tick papers off is asked about the missing ones.
function missingPapers() {
  const list = panel.querySelector("[data-papers]");
  if (!list) return 0;
  const held = heldPapers(list.dataset.papers).size;
  return held === 0 ? 0 : list.querySelectorAll("[data-paper]").length - held;
}

// Keys -------------------------------------------------------------------------

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    signal: AbortSignal.timeout(PATIENCE),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Idempotency-Key": crypto.randomUUID?.() ?? randomKey() },
    body: JSON.stringify(body),
  });
  return answer;
}

// Pages on plain http have no randomUUID.
function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function sentence(answer) {
  try {
    const problem = await answer.json();
    return problem.detail ?? problem.title ?? words.lost;
  } catch {
    return words.lost;
  }
}

async function press(key) {
  if (running || key.disabled || !key.dataset.url) return;
  const missing = key.dataset.ends ? missingPapers() : 0;
  const question = `${key.dataset.press} ${panel.firstElementChild.dataset.ticket}`;
  if (missing && asked !== question) {
    asked = question;
    tell(say("ask", { n: missing, key: key.dataset.letter }));
    return;
  }
  asked = null;
  running = true;
  tell("");
  key.classList.add("pressed");
  panel.firstElementChild.setAttribute("aria-busy", "true");
  try {
    const answer = await post(key.dataset.url, key.dataset.body ? JSON.parse(key.dataset.body) : {});
    if (answer.status === 401) {
      tell(words.left);
      location.assign(login);
    } else if (answer.status === 204 && key.dataset.press.startsWith("next")) tell(words.nobody);
    else if (!answer.ok) tell(await sentence(answer));
  } catch {
    tell(words.lost);
  }
  await refresh();
  running = false;
  panel.firstElementChild.removeAttribute("aria-busy");
  for (const pressed of panel.querySelectorAll(".pressed")) pressed.classList.remove("pressed");
}

panel.addEventListener("click", (event) => {
  const paper = event.target.closest("[data-paper]");
  if (paper) togglePaper(paper);
  const key = event.target.closest("[data-press]");
  if (key) press(key);
});

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const key = panel.querySelector(`[data-letter="${CSS.escape(event.key.toUpperCase())}"]`);
  if (!key) return;
  event.preventDefault();
  press(key);
});

// The wire -------------------------------------------------------------------------

function beat() {
  if (panel.firstElementChild.dataset.state !== "closed") post(`/api/v1/windows/${encodeURIComponent(windowId)}/heartbeat`, {}).catch(() => {});
}

dress();
setInterval(tick, 1_000);
setInterval(beat, HEARTBEAT);
beat();

follow(hall, {
  epoch: Number(epoch),
  seq: Number(seq),
  onChange: () => running || refresh(),
  onStale: ({ since }) => {
    staleSince = since.getTime();
    dress();
  },
  onFresh: () => {
    staleSince = null;
    refresh();
  },
});
