// What console and strip have in common: keys act through the API, and what is shown is always the server's own
// fragment. A press that got no answer is sent again under the same name, so that it is one press.

import { follow, fragmentAt } from "/assets/shared/live.js";
import { keymapOf, meaningOf, plain } from "/assets/window/keymap.js";
import { serverTime } from "/assets/window/servertime.js";

const HEARTBEAT = 20_000;
const ASLEEP = 60_000;
const REMEMBER = 6_000;
const PATIENCE = 8_000;
const SETTLE = 400;
const DIGITS_TOGETHER = 1_200;

const panel = document.getElementById("panel");
const sheet = document.getElementById("sheet");
const { window: windowId, csrf, hall, epoch, seq, fragment, login } = document.body.dataset;
const keymap = keymapOf(JSON.parse(document.body.dataset.keymap));
const words = Object.fromEntries(
  [...document.getElementById("words").content.querySelectorAll("[data-word]")].map((i) => [i.dataset.word, i.textContent]),
);
const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const whole = () => panel.firstElementChild;

const sent = new Map();
let own = {};
let running = false;
let unanswered = null;
let staleSince = null;
let asked = null;
let city = null;
let newsTimer = null;
let lastNews = "";
let beatAt = performance.now();

// Times ---------------------------------------------------------------------

const two = (n) => String(n).padStart(2, "0");

function tick() {
  for (const clock of panel.querySelectorAll("[data-clock]")) clock.textContent = city.hour();
  for (const since of panel.querySelectorAll("[data-since]")) {
    const seconds = city.since(since.dataset.since);
    const hours = Math.floor(seconds / 3600);
    since.textContent = `${hours ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  }
  const undo = panel.querySelector("[data-undo]");
  if (!undo) return;
  const left = city.left(undo.dataset.until);
  if (left === 0) undo.remove();
  else undo.querySelector("[data-left]").textContent = left;
}

// What is shown ---------------------------------------------------------------

function dress() {
  city = serverTime(whole().dataset.now, Number(whole().dataset.speed));
  tick();
  countPapers();
  showNews(lastNews);
  dressStale();
}

// A long list within a card shows its own row.
function showOwnRow() {
  const row = panel.querySelector(".course .now");
  const card = row?.closest(".card");
  if (card) card.scrollTop = row.offsetTop + row.offsetHeight - card.clientHeight;
}

function dressStale() {
  const band = panel.querySelector("[data-stale-band]");
  band.hidden = staleSince === null;
  if (staleSince === null) {
    delete document.body.dataset.stale;
    return;
  }
  document.body.dataset.stale = "yes";
  band.textContent = say("stale", { at: city.hour(staleSince) });
  for (const key of panel.querySelectorAll("[data-press]")) {
    key.disabled = true;
    const hint = key.querySelector(".key-hint");
    if (hint) hint.textContent = words.offline;
  }
}

// Only parts that the server renders differently are replaced, so that a key is never taken away from under a finger.
function draw(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const fresh = template.content.firstElementChild;
  Object.assign(whole().dataset, fresh.dataset);
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const { part: name } = part.dataset;
    if (sent.get(name) === part.outerHTML) continue;
    sent.set(name, part.outerHTML);
    panel.querySelector(`[data-part="${name}"]`).replaceWith(part);
    if (name === "work") showOwnRow();
  }
  dress();
}

function rememberSent() {
  for (const part of panel.querySelectorAll("[data-part]")) sent.set(part.dataset.part, part.outerHTML);
}

// What is drawn anew keeps the focus of whoever works by keys.
function focusedKey() {
  for (const [name, value] of Object.entries(document.activeElement?.dataset ?? {})) {
    if (name === "press" || name === "paper") return `[data-${name}="${value}"]`;
  }
  return null;
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
      const focused = focusedKey();
      const html = await fragmentAt(fragment);
      if (html === null) break;
      draw(html);
      if (focused) panel.querySelector(focused)?.focus();
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

// Papers: ticked here, kept by the server, the same on every screen of this window -----------

let ticking = Promise.resolve();

function papers() {
  const list = panel.querySelector("[data-papers]");
  if (!list) return { all: 0, held: [], count: 0 };
  if (list.dataset.of) return { all: Number(list.dataset.of), count: Number(list.dataset.held) };
  const keys = [...list.querySelectorAll("[data-paper]")];
  const held = keys.filter((key) => key.getAttribute("aria-pressed") === "true").map((key) => Number(key.dataset.paper));
  return { all: keys.length, held, count: held.length };
}

function countPapers() {
  const line = panel.querySelector("[data-papers-count]");
  if (!line) return;
  const { all, count } = papers();
  const word = count === 0 ? "given" : count === all ? "complete" : "counted";
  line.textContent = say(word, { all, n: count === 0 ? all : all - count });
}

function togglePaper(key) {
  const list = key.closest("[data-papers]");
  key.setAttribute("aria-pressed", String(key.getAttribute("aria-pressed") !== "true"));
  countPapers();
  const body = { held: papers().held, claim: Number(list.dataset.claim) };
  const url = `/api/v1/tickets/${list.dataset.papers}/papers`;
  ticking = ticking.then(async () => {
    try {
      const answer = await post(url, body);
      if (!answer.ok) tell(await sentence(answer));
    } catch {
      tell(words.lost);
    }
    await refresh();
  });
}

// Only a clerk who has begun to tick papers off is asked about the missing ones.
function missingPapers() {
  const { all, count } = papers();
  return count === 0 ? 0 : all - count;
}

// Keys -------------------------------------------------------------------------

function post(url, body, key = randomKey()) {
  return fetch(url, {
    method: "POST",
    credentials: "same-origin",
    signal: AbortSignal.timeout(PATIENCE),
    headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang, "X-CSRF-Token": csrf, "Idempotency-Key": key },
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

function press(key) {
  if (running || key.disabled) return;
  const mine = own[key.dataset.press];
  if (mine) {
    mine();
    return;
  }
  if (key.dataset.ends && !sure(key)) return;
  if (key.dataset.sheet) openSheet(key.dataset.sheet);
  else if (key.dataset.url) act(key, stepsOf(key), key.dataset.press);
}

// Missing papers are asked about once; the same key again is the answer.
function sure(key) {
  const missing = missingPapers();
  const question = `${key.dataset.press} ${whole().dataset.ticket}`;
  if (!missing || asked === question) {
    asked = null;
    return true;
  }
  asked = question;
  tell(say("ask", { n: missing, key: key.dataset.letter }));
  return false;
}

function stepsOf(key, body = JSON.parse(key.dataset.body ?? "{}")) {
  return [[key.dataset.url, body], ...JSON.parse(key.dataset.also ?? "[]")];
}

async function act(key, steps, name) {
  if (running) return false;
  const question = `${name} ${JSON.stringify(steps)}`;
  // A press that got no answer may have had its effect: the same press again carries the same key, and is one press.
  const once = unanswered?.question === question ? unanswered.once : randomKey();
  unanswered = { question, once };
  asked = null;
  running = true;
  const begun = performance.now();
  tell("");
  key.classList.add("pressed");
  whole().setAttribute("aria-busy", "true");
  let done = false;
  try {
    done = await sendAll(steps, once);
    unanswered = null;
    if (done && name === "undo") tell(words.undone);
  } catch {
    tell(words.lost);
  }
  await refresh();
  // The second half of a double click must not fall on what the key has become meanwhile.
  await new Promise((settled) => setTimeout(settled, Math.max(0, SETTLE - (performance.now() - begun))));
  running = false;
  whole().removeAttribute("aria-busy");
  for (const pressed of document.querySelectorAll(".pressed")) pressed.classList.remove("pressed");
  return done;
}

async function sendAll(steps, once) {
  for (const [index, [url, body]] of steps.entries()) {
    const answer = await post(url, body, `${once}-${index}`);
    if (answer.status === 401) {
      tell(words.left);
      location.assign(login);
      return false;
    }
    if (!answer.ok) {
      tell(await sentence(answer));
      return false;
    }
    if (answer.status === 204 && url.includes("/call")) tell(words.nobody);
  }
  return true;
}

// Sheets: a question of a key, answered by one more -----------------------------------------------

let typed = "";
let typedAt = 0;

async function openSheet(name) {
  if (sheet.open || running) return;
  running = true;
  const html = await fragmentAt(`/window/${encodeURIComponent(windowId)}/sheet/${name}`);
  running = false;
  if (html === null) {
    await refresh();
    return;
  }
  tell("");
  sheet.innerHTML = html;
  typed = "";
  sheet.showModal();
  const first = ["[data-likely]", ".choice", "[data-send]"].map((one) => sheet.querySelector(one)).find(Boolean);
  first?.focus();
}

function closeSheet() {
  if (sheet.open) sheet.close();
  sheet.replaceChildren();
}

async function choose(choice) {
  const body = JSON.parse(choice.dataset.body);
  if ("send" in choice.dataset) body.items = itemsChosen();
  if ("send" in choice.dataset && body.items.length === 0) return;
  const done = await act(choice, stepsOf(choice, body), choice.dataset.press);
  if (done || lastNews) closeSheet();
}

function itemsChosen() {
  return [...sheet.querySelectorAll("[data-items] [data-item]")]
    .map((row) => ({ item: row.dataset.item, count: Number(row.querySelector("input").value) }))
    .filter(({ count }) => count > 0);
}

function addItem(select) {
  const code = select.value;
  const list = sheet.querySelector("[data-items]");
  if (!code) return;
  let row = list.querySelector(`[data-item="${CSS.escape(code)}"]`);
  if (!row) {
    row = document.createElement("li");
    row.dataset.item = code;
    const name = document.createElement("span");
    name.textContent = select.selectedOptions[0].textContent;
    const count = Object.assign(document.createElement("input"), { type: "number", min: 0, max: 50, value: 1 });
    count.setAttribute("aria-label", name.textContent);
    row.append(name, count);
    list.append(row);
  }
  select.value = "";
  row.querySelector("input").focus();
}

function keyInSheet(event) {
  const field = event.target.closest("input, select");
  const meaning = plain(event);
  if (meaning === "Escape") return closeSheet();
  if (field) {
    if (meaning === "Enter" && field.tagName === "INPUT") {
      event.preventDefault();
      const send = sheet.querySelector("[data-send]");
      if (send) choose(send);
    }
    return;
  }
  const choices = [...sheet.querySelectorAll(".choice")];
  const at = choices.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[meaning];
  if (step && choices.length) {
    event.preventDefault();
    choices[(at + step + choices.length) % choices.length].focus();
    return;
  }
  if (meaning === sheet.firstElementChild.dataset.again) {
    event.preventDefault();
    const likely = sheet.querySelector("[data-likely], [data-send]");
    if (likely) choose(likely);
    return;
  }
  if (meaning.length === 1) typeInSheet(event, meaning);
}

function typeInSheet(event, meaning) {
  const now = performance.now();
  typed = /\d/.test(meaning) && now - typedAt < DIGITS_TOGETHER ? typed + meaning : meaning;
  typedAt = now;
  const choice =
    sheet.querySelector(`.choice[data-key="${CSS.escape(typed)}"]`) ?? sheet.querySelector(`.choice[data-key="${CSS.escape(meaning)}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.focus();
  if ("instant" in choice.dataset) choose(choice);
}

sheet.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-press]");
  if (choice) choose(choice);
  // Beside the sheet is outside of it.
  else if (event.target === sheet) closeSheet();
});
sheet.addEventListener("change", (event) => event.target.matches("[data-add]") && addItem(event.target));
sheet.addEventListener("close", () => sheet.replaceChildren());

// Call by number ---------------------------------------------------------------------------------

function openNumber() {
  const form = panel.querySelector("[data-number]");
  const field = form.querySelector("input");
  form.hidden = false;
  if (!field.disabled) field.focus();
}

function closeNumber(field) {
  field.value = "";
  field.blur();
  const form = field.closest("[data-number]");
  if (form.classList.contains("strip-number")) form.hidden = true;
}

panel.addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.target.querySelector("input");
  const wanted = field.value.trim().toUpperCase();
  if (!wanted) return;
  act(field, [[field.dataset.url, { ticket: wanted }]], "call-number").then((done) => done && closeNumber(field));
});

// Presses ----------------------------------------------------------------------------------------

panel.addEventListener("click", (event) => {
  const paper = event.target.closest("[data-paper]");
  if (paper) togglePaper(paper);
  const key = event.target.closest("[data-press]");
  if (key) press(key);
});

addEventListener("keydown", (event) => {
  if (event.repeat || event.isComposing) return;
  if (sheet.open) {
    keyInSheet(event);
    return;
  }
  const field = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (field) {
    if (event.key === "Escape") closeNumber(field);
    return;
  }
  const meaning = meaningOf(event, keymap);
  if (meaning === null) return;
  if (meaning === "#") {
    event.preventDefault();
    openNumber();
    return;
  }
  // Enter on a key that has the focus presses that key.
  if (meaning === "Enter" && event.target.closest?.("button, a")) return;
  const key = panel.querySelector(`[data-letter="${CSS.escape(meaning.toUpperCase())}"]`);
  if (!key) return;
  event.preventDefault();
  press(key);
});

// The wire, and the sign that somebody sits here ---------------------------------------------------

async function beat() {
  const { state, lapsed } = whole().dataset;
  const silent = performance.now() - beatAt;
  // After a sleep the lease may be gone: that has to be seen before a sign of life makes it good.
  if (silent > ASLEEP) await refresh();
  if (state === "closed" || lapsed || whole().dataset.lapsed) return;
  try {
    const answer = await post(`/api/v1/windows/${encodeURIComponent(windowId)}/heartbeat`, {});
    if (answer.ok) beatAt = performance.now();
  } catch {
    // The wire's silence will say so.
  }
}

function goStale(ms) {
  staleSince ??= city.ago(ms);
  dressStale();
}

function goFresh() {
  staleSince = null;
  sent.clear();
  return refresh();
}

/** Begin. `mine` are presses that the page answers itself, by their names. */
export function begin(mine = {}) {
  own = mine;
  rememberSent();
  dress();
  showOwnRow();
  setInterval(tick, 1_000);
  setInterval(beat, HEARTBEAT);
  beat();
  addEventListener("offline", () => goStale(0));
  addEventListener("online", goFresh);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
  // Coming back by the browser's own key shows the page as it was left.
  addEventListener("pageshow", (event) => event.persisted && goFresh());
  follow(hall, {
    epoch: Number(epoch),
    seq: Number(seq),
    onChange: () => refresh(),
    onSpoken: () => refresh(),
    onStale: ({ ms }) => goStale(ms),
    onFresh: goFresh,
  });
  panel.inert = false; // a press before this line would have been lost
}
