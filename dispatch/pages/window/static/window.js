// The window console. Keys act through the API; what is shown is always the server's own fragment.

import { cityClock, follow, fragmentAt } from "/assets/shared/live.js";

const HEARTBEAT = 30_000;
const REMEMBER = 6_000;
const PATIENCE = 8_000;
const SETTLE = 400;

const panel = document.getElementById("panel");
const { window: windowId, csrf, hall, epoch, seq, fragment, login } = document.body.dataset;
const words = Object.fromEntries(
  [...document.getElementById("words").content.querySelectorAll("[data-word]")].map((i) => [i.dataset.word, i.textContent]),
);
const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);

const sent = new Map();
let running = false;
let unanswered = null;
let staleSince = null;
let asked = null;
let city = null;
let newsTimer = null;
let lastNews = "";

// Times ---------------------------------------------------------------------

const two = (n) => String(n).padStart(2, "0");

function tick() {
  panel.querySelector("[data-clock]").textContent = city.hour();
  const since = panel.querySelector("[data-since]");
  if (!since) return;
  const seconds = Math.max(0, Math.floor((city.now() - new Date(since.dataset.since)) / 1000));
  const hours = Math.floor(seconds / 3600);
  since.textContent = `${hours ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

// What is shown ---------------------------------------------------------------

function dress() {
  city = cityClock(panel.firstElementChild.dataset.now);
  tick();
  dressPapers();
  showNews(lastNews);
  const band = panel.querySelector("[data-stale-band]");
  band.hidden = staleSince === null;
  if (staleSince === null) delete document.body.dataset.stale;
  else {
    document.body.dataset.stale = "yes";
    band.textContent = say("stale", { at: city.hour(staleSince) });
    for (const key of panel.querySelectorAll("[data-press]")) {
      key.disabled = true;
      const hint = key.querySelector(".key-hint");
      if (hint) hint.textContent = words.offline;
    }
  }
}

// Only parts that the server renders differently are replaced, so that a key is never taken away from under a finger.
function draw(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const fresh = template.content.firstElementChild;
  Object.assign(panel.firstElementChild.dataset, fresh.dataset);
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const { part: name } = part.dataset;
    if (sent.get(name) === part.outerHTML) continue;
    sent.set(name, part.outerHTML);
    panel.querySelector(`[data-part="${name}"]`).replaceWith(part);
  }
  dress();
}

function rememberSent() {
  for (const part of panel.querySelectorAll("[data-part]")) sent.set(part.dataset.part, part.outerHTML);
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
      const html = await fragmentAt(fragment);
      if (html === null) break;
      draw(html);
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
  const missing = keys.length - held.size;
  const line = panel.querySelector("[data-papers-count]");
  if (held.size === 0) line.textContent = line.dataset.papersCount;
  else line.textContent = say(missing ? "counted" : "complete", { all: keys.length, n: missing });
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

function post(url, body, key = randomKey()) {
  return fetch(url, {
    method: "POST",
    credentials: "same-origin",
    signal: AbortSignal.timeout(PATIENCE),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Idempotency-Key": key },
    body: JSON.stringify(body),
  });
}

// randomUUID is missing on plain http, getRandomValues is not.
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
  // A press that got no answer may have had its effect: the same press again carries the same key, and is one press.
  const once = unanswered?.question === question ? unanswered.once : randomKey();
  unanswered = { question, once };
  running = true;
  const begun = performance.now();
  tell("");
  key.classList.add("pressed");
  panel.firstElementChild.setAttribute("aria-busy", "true");
  try {
    const answer = await post(key.dataset.url, key.dataset.body ? JSON.parse(key.dataset.body) : {}, once);
    unanswered = null;
    if (answer.status === 401) {
      tell(words.left);
      location.assign(login);
    } else if (!answer.ok) tell(await sentence(answer));
  } catch {
    tell(words.lost);
  }
  await refresh();
  // The second half of a double click must not fall on what the key has become meanwhile.
  await new Promise((settled) => setTimeout(settled, Math.max(0, SETTLE - (performance.now() - begun))));
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

rememberSent();
dress();
setInterval(tick, 1_000);
setInterval(beat, HEARTBEAT);
beat();

follow(hall, {
  epoch: Number(epoch),
  seq: Number(seq),
  onChange: () => refresh(),
  onStale: ({ since }) => {
    staleSince = since.getTime();
    dress();
  },
  onFresh: () => {
    staleSince = null;
    sent.clear();
    refresh();
  },
});
