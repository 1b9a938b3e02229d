// The guide desk. What is shown is always the server's own fragment; keys act through the API.

import { cityClock, follow, fragmentAt, freshen } from "/assets/shared/live.js";
import { fits, listen } from "/assets/guide/reader.js";

const PATIENCE = 8_000;
const REMEMBER = 12_000;
const SETTLE = 400;
const SPREAD = 2_000;
const KNOWN_FOR = 20_000;

const { hall, csrf, epoch, seq, base, login } = document.body.dataset;
const stage = document.getElementById("stage");
const watch = document.getElementById("watch");
const ask = document.getElementById("ask");
const field = document.getElementById("q");
const pinned = document.getElementById("pinned");
const news = document.getElementById("news");
const words = Object.fromEntries(
  [...document.getElementById("words").content.querySelectorAll("[data-word]")].map((i) => [i.dataset.word, i.textContent]),
);
const say = (word, values = {}) => words[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);

let city = null;
let shown = { url: `${base}/home` };
let adding = null;
let pin = null;
let coming = null;
let running = false;
let unanswered = null;
let staleSince = null;
let newsTimer = null;
let planned = null;
let known = { url: null };

// Saying something -----------------------------------------------------------

function tell(text, { good = false, undo = null, printed = [] } = {}) {
  news.querySelector("[data-news]").textContent = text;
  const key = news.querySelector("[data-undo]");
  key.hidden = undo === null;
  key.dataset.undo = undo ?? "";
  const again = news.querySelector("[data-browser-print]");
  again.hidden = printed.length === 0;
  again.dataset.browserPrint = printed.join(" ");
  news.classList.toggle("has-news", text !== "");
  news.classList.toggle("trouble-news", !good);
  clearTimeout(newsTimer);
  if (text) newsTimer = setTimeout(tell, REMEMBER, "");
}

async function sentence(answer) {
  try {
    const problem = await answer.json();
    return problem.detail ?? problem.title ?? words.lost;
  } catch {
    return words.lost;
  }
}

// Waits on the keys follow what is foretold; nothing else of what somebody is filling in is touched.
function freshenWaits() {
  planned ??= setTimeout(() => {
    planned = null;
    if (!shown.form && stage.querySelector("[data-live]")) freshen(shown.url, stage);
  }, SPREAD * (0.5 + Math.random()));
}

// Asking the server ------------------------------------------------------------

async function send(url, options) {
  const answer = await fetch(url, {
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
    ...options,
    headers: { Accept: "application/json", "X-CSRF-Token": csrf, ...options.headers },
  });
  if (answer.status === 401 || answer.redirected) {
    tell(words.left);
    location.assign(login);
    throw new DOMException("signed out", "AbortError");
  }
  return answer;
}

// randomUUID is missing on plain http, getRandomValues is not.
function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A press that got no answer may have had its effect: the same press again carries the same key, and is one press.
async function post(url, body) {
  const question = `${url} ${JSON.stringify(body)}`;
  const once = unanswered?.question === question ? unanswered.once : randomKey();
  unanswered = { question, once };
  const answer = await send(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": once },
    body: JSON.stringify(body),
  });
  unanswered = null;
  return answer;
}

/** One thing at a time: a double click is one, and its second half does not fall on what the key became meanwhile. */
async function alone(work) {
  if (running || staleSince !== null) return;
  running = true;
  const begun = performance.now();
  document.body.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    if (error.message !== "signed out") tell(words.lost);
  }
  await new Promise((settled) => setTimeout(settled, Math.max(0, SETTLE - (performance.now() - begun))));
  running = false;
  document.body.removeAttribute("aria-busy");
}

// What is shown ------------------------------------------------------------------

function dressStage() {
  const section = stage.firstElementChild;
  document.body.dataset.stage = section?.dataset.kind ?? "home";
  for (const papers of stage.querySelectorAll("[data-papers]")) judge(papers);
  dressTake();
  dressStale();
  tick();
}

function draw(html) {
  stage.innerHTML = html;
  dressStage();
  for (const place of stage.querySelectorAll("[data-fill]")) fillLater(place);
}

// What takes a moment to find out comes after the rest; for a while the same answer does again.
async function fillLater(place) {
  const url = place.dataset.fill;
  if (known.url !== url || performance.now() - known.at > KNOWN_FOR) {
    const html = await fragmentAt(url);
    if (html === null) return;
    known = { url, html, at: performance.now() };
  }
  if (place.isConnected) place.innerHTML = known.html;
}

async function show(request, { keep = false } = {}) {
  const answer = await send(request.url, request.form ? { method: "POST", body: new URLSearchParams(request.form) } : {});
  if (!answer.ok) {
    tell(await sentence(answer));
    return false;
  }
  const html = await answer.text();
  const folds = keep ? [...stage.querySelectorAll(".fold:not([hidden])")].map((fold) => fold.id) : [];
  const focused = keep ? document.activeElement?.dataset?.letter : undefined;
  shown = request;
  draw(html);
  for (const id of folds) unfold(id, true);
  if (keep) {
    if (focused) stage.querySelector(`[data-letter="${CSS.escape(focused)}"]`)?.focus();
  } else {
    (stage.querySelector("[data-main]") ?? stage).focus({ preventScroll: true });
    stage.closest("main").scrollTop = 0;
  }
  return true;
}

const home = async () => {
  adding = null;
  coming = null;
  unpin();
  field.value = "";
  await show({ url: `${base}/home` });
};

async function refreshWatch() {
  const focused = document.activeElement?.closest?.("#watch") ? document.activeElement.dataset : null;
  const html = await fragmentAt(`${base}/watch`);
  if (html === null || watch.innerHTML === html) return;
  watch.innerHTML = html;
  city = cityClock(watch.querySelector("[data-now]").dataset.now);
  if (focused?.post) watch.querySelector(`[data-post="${CSS.escape(focused.post)}"]`)?.focus();
  else if (focused?.open) watch.querySelector(`[data-open="${CSS.escape(focused.open)}"]`)?.focus();
  dressStale();
  tick();
}

let refreshing = null;
let again = false;

/** Fetch again what may have changed; never what somebody is filling in. */
async function refresh() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  refreshing = (async () => {
    do {
      again = false;
      await refreshWatch();
      const busy = running || stage.querySelector(".fold:not([hidden]), details[open]");
      if (["ticket", "person", "namesakes"].includes(document.body.dataset.stage) && !busy) {
        await show(shown, { keep: true }).catch(() => {});
      }
    } while (again);
    refreshing = null;
  })();
  return refreshing;
}

const two = (n) => String(n).padStart(2, "0");

function tick() {
  document.querySelector("[data-clock]").textContent = city.hour();
  for (const since of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((city.now() - new Date(since.dataset.since)) / 1000));
    since.textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
  }
}

// Whom a number is for: kept on this page only, never in an address or a store ----------------

function pinFrom(section) {
  const { pinRef, pinKind, pinNumber, pinLabel } = section.dataset;
  pin = pinRef ? { holder: pinRef } : { person: { id_kind: pinKind, id_number: pinNumber } };
  pinned.querySelector("[data-pinned-name]").textContent = pinLabel;
  pinned.hidden = false;
}

function unpin() {
  pin = null;
  pinned.hidden = true;
}

// The sheet ------------------------------------------------------------------------------------

const kept = new Map();

function chosen() {
  return [...stage.querySelectorAll("[data-item]")].map((card) => ({
    item: card.dataset.item,
    count: Number(card.querySelector("[data-counted]").textContent),
  }));
}

function rememberSheet() {
  kept.clear();
  for (const radio of stage.querySelectorAll("input[type=radio]:checked")) kept.set(radio.name, radio.value);
}

function dressTake() {
  if (document.body.dataset.stage !== "take") return;
  coming = stage.querySelector("[data-coming]")?.dataset.coming ?? null;
  for (const radio of stage.querySelectorAll("input[type=radio]")) {
    if (kept.get(radio.name) === radio.value) radio.checked = true;
  }
  stage.querySelector("[data-name-field]").hidden = !pin?.person;
  for (const papers of stage.querySelectorAll("[data-papers]")) judge(papers);
}

function showSheet(items) {
  adding = null;
  const query = new URLSearchParams();
  for (const { item, count } of items) {
    query.append("item", item);
    query.append("count", count);
  }
  if (coming) query.append("journey", coming);
  return show({ url: `${base}/take?${query}` });
}

async function take(code) {
  const items = adding ?? [];
  if (!adding) {
    kept.clear();
    coming = null;
  }
  const known = items.find(({ item }) => item === code);
  if (known) known.count += 1;
  else items.push({ item: code, count: 1 });
  if (!(await showSheet(items)) && adding === null) items.pop();
}

function count(key) {
  const number = key.closest("[data-item]").querySelector("[data-counted]");
  number.textContent = Math.min(50, Math.max(1, Number(number.textContent) + Number(key.dataset.count)));
}

function found(papers) {
  return [...papers.querySelectorAll("[data-paper]")].map((row) => ({
    name: row.dataset.paper,
    state: row.querySelector("input:checked")?.value ?? null,
  }));
}

function resultOf(rows) {
  if (rows.some(({ state }) => state === "missing")) return "not_yet";
  return rows.some(({ state }) => state === "later") ? "later" : "pass";
}

function judge(papers) {
  const rows = found(papers);
  const line = papers.querySelector("[data-verdict]");
  const open = rows.filter(({ state }) => state === null).length;
  line.dataset.open = open;
  if (open === rows.length) line.textContent = "";
  else if (open) {
    const item = papers.closest("[data-item]")?.dataset.name ?? papers.querySelector("h3")?.textContent ?? "";
    line.textContent = `▲ ${say("papers", { item, n: open })}`;
  } else line.textContent = line.dataset[resultOf(rows)] ?? line.getAttribute(`data-${resultOf(rows)}`);
  line.dataset.result = open ? "" : resultOf(rows);
}

function precheck(papers) {
  const rows = found(papers);
  if (rows.some(({ state }) => state === null)) return null;
  return { item: papers.dataset.papers, papers: rows, result: resultOf(rows) };
}

async function issue() {
  const name = stage.querySelector("[data-name-field] input").value.trim();
  const body = {
    items: chosen(),
    priority: stage.querySelector("[name=priority]:checked").value,
    apart: true,
    prechecks: [...stage.querySelectorAll("[data-papers]")].map(precheck).filter(Boolean),
    ...(coming ? { journey: coming } : {}),
    ...(pin?.person ? { person: { ...pin.person, ...(name ? { name } : {}) } } : pin ?? {}),
  };
  const answer = await post(`/api/v1/halls/${encodeURIComponent(hall)}/guide/tickets`, body);
  if (!answer.ok) {
    tell(await sentence(answer));
    return;
  }
  const { tickets } = await answer.json();
  unpin();
  kept.clear();
  coming = null;
  await show({ url: `${base}/given?${new URLSearchParams(tickets.map(({ id }) => ["ticket", id]))}` });
  await print(tickets.map(({ id }) => id));
  refreshWatch();
}

// Paper: the hall's own printer where there is one, else the browser's -----------------------------

async function print(ids) {
  try {
    const answers = await Promise.all(ids.map((id) => send(`/api/v1/tickets/${id}/print`, { method: "POST" })));
    if (answers.every((answer) => answer.ok)) {
      tell(words.printed, { good: true, printed: ids });
      return;
    }
  } catch {
    // No printer answers: the browser's own is left.
  }
  await printHere(ids);
}

const printHere = (ids) => printSlips(`${base}/given?${new URLSearchParams(ids.map((id) => ["ticket", id]))}`);
const printWay = (journey) => printSlips(`${base}/journeys/${journey}`);

async function printSlips(url) {
  const html = await fragmentAt(url);
  if (html === null) {
    tell(words.lost);
    return;
  }
  const page = document.createElement("template");
  page.innerHTML = html;
  document.getElementById("paper").replaceChildren(page.content.querySelector("[data-slips]").content);
  tell(words.printing, { good: true });
  setTimeout(() => globalThis.print(), 50);
}

// Keys ------------------------------------------------------------------------------------------

async function act(key) {
  const answer = await post(key.dataset.post, key.dataset.body ? JSON.parse(key.dataset.body) : {});
  if (!answer.ok) {
    tell(await sentence(answer));
    await refresh();
    return;
  }
  known = { url: null };
  if ("printsWay" in key.dataset) await printWay((await answer.json()).id);
  const undo = key.dataset.undoes ? `/api/v1/tickets/${key.dataset.undoes}/undo` : null;
  tell(key.dataset.said ?? "", { good: true, undo });
  for (const fold of stage.querySelectorAll(".fold")) fold.hidden = true;
  if (key.dataset.then === "home") await home();
  else if (!("quiet" in key.dataset) && ["ticket", "person", "namesakes"].includes(document.body.dataset.stage)) {
    await show(shown, { keep: true });
  }
  await refreshWatch();
}

async function undo(url) {
  const answer = await post(url, {});
  if (answer.ok) tell(words.undone, { good: true });
  else tell(await sentence(answer));
  if (["ticket", "person", "namesakes"].includes(document.body.dataset.stage)) await show(shown, { keep: true });
  await refreshWatch();
}

async function savePrecheck(form) {
  const body = precheck(form);
  if (body === null) {
    judge(form);
    tell(form.querySelector("[data-verdict]").textContent);
    return;
  }
  const answer = await post(form.dataset.precheck, body);
  if (!answer.ok) {
    tell(await sentence(answer));
    return;
  }
  tell(words.checked, { good: true });
  unfold("fold-precheck", false);
  await show(shown, { keep: true });
}

async function unmask(form) {
  const reason = form.querySelector("[name=reason]:checked")?.value;
  if (!reason) {
    tell(words.reason);
    return;
  }
  const answer = await post(`/api/v1/persons/${form.dataset.unmask}/unmask`, { reason });
  if (!answer.ok) {
    tell(await sentence(answer));
    return;
  }
  const { name, id_number, phone } = await answer.json();
  form.querySelector("[data-unmasked]").textContent = [name, id_number, phone].filter(Boolean).join("  ");
}

function unfold(id, open) {
  const fold = document.getElementById(id);
  if (!fold) return;
  for (const other of stage.querySelectorAll(".fold")) other.hidden = other !== fold || !open;
  for (const key of stage.querySelectorAll("[data-fold]")) key.setAttribute("aria-expanded", String(open && key.dataset.fold === id));
  if (open) fold.querySelector("button, input")?.focus();
}

// Whoever swipes a card or asks right after a press waits for that press; nothing she typed is lost.
async function lookUp(form) {
  const until = performance.now() + PATIENCE;
  while (running && performance.now() < until) await new Promise((later) => setTimeout(later, 50));
  await alone(() => show({ url: `${base}/ask`, form }));
}

function press(key) {
  const data = key.dataset;
  if (key.disabled) return;
  if ("post" in data) alone(() => act(key));
  else if ("take" in data) alone(() => take(data.take));
  else if ("open" in data) alone(() => show({ url: `${base}/tickets/${encodeURIComponent(data.open)}` }));
  else if ("home" in data) alone(home);
  else if ("group" in data) alone(() => show({ url: `${base}/groups/${data.group}` }));
  else if ("byName" in data) lookUp({ name: data.byName });
  else if ("whose" in data) lookUp({ whose: data.whose });
  else if ("pin" in data) {
    pinFrom(key.closest("[data-kind]"));
    alone(() => show({ url: `${base}/home` }));
  } else if ("unpin" in data) {
    unpin();
    dressTake();
  } else if ("more" in data) {
    rememberSheet();
    adding = chosen();
    alone(async () => {
      await show({ url: `${base}/home` });
      field.focus();
    });
  } else if ("drop" in data) {
    rememberSheet();
    key.closest("[data-item]").remove();
    alone(() => showSheet(chosen()));
  } else if ("count" in data) count(key);
  else if ("issue" in data) alone(issue);
  else if ("print" in data) alone(() => print(data.print.split(" ")));
  else if ("browserPrint" in data) alone(() => printHere(data.browserPrint.split(" ")));
  else if ("way" in data) alone(() => printWay(data.way));
  else if ("fold" in data) unfold(data.fold, document.getElementById(data.fold).hidden);
  else if ("undo" in data) alone(() => undo(data.undo));
  else if ("allPresent" in data) {
    const papers = key.closest("[data-papers]");
    for (const radio of papers.querySelectorAll("input[value=present]")) radio.checked = true;
    judge(papers);
  }
}

document.addEventListener("click", (event) => {
  const key = event.target.closest("button");
  if (key && key.type === "button") press(key);
});

stage.addEventListener("change", (event) => {
  const papers = event.target.closest("[data-papers]");
  if (papers) judge(papers);
});

stage.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.dataset.precheck) alone(() => savePrecheck(form));
  else if (form.dataset.unmask) alone(() => unmask(form));
});

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  const said = field.value.trim();
  if (!said) {
    tell(words.unsaid);
    return;
  }
  lookUp({ q: said, kind: document.getElementById("kind").value }).then(() => {
    field.value = "";
    document.getElementById("kind").value = "";
  });
});

function onLine(text) {
  const number = text.toUpperCase();
  if (/^\d{17}[\dX]$/.test(number) && !fits(number)) tell(words.misread);
  else if (/^\d{10,}X?$/.test(number) && number.length !== 18) tell(words.unread);
  else lookUp({ q: text });
}

function onKey(typed) {
  const letter = typed.toUpperCase();
  if (letter === "/") {
    field.focus();
    field.select();
    return;
  }
  if (letter === "U" && news.querySelector("[data-undo]:not([hidden])")) {
    press(news.querySelector("[data-undo]"));
    return;
  }
  const own = CSS.escape(letter);
  const found = `[data-letter="${own}"], [data-letter-too="${own}"]`;
  const key = [stage, news, watch].flatMap((part) => [...part.querySelectorAll(found)]).find((each) => each.getClientRects().length);
  if (!key) return;
  if (key.matches("input, summary")) key.click();
  else press(key);
}

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  event.preventDefault();
  if (document.activeElement === field && field.value) field.value = "";
  else if (adding) {
    field.blur();
    alone(() => showSheet(adding));
  } else {
    document.activeElement?.blur();
    alone(home);
  }
});

// The wire -----------------------------------------------------------------------------------------

function dressStale() {
  const band = document.getElementById("stale-band");
  band.hidden = staleSince === null;
  document.body.toggleAttribute("data-stale", staleSince !== null);
  if (staleSince !== null) band.textContent = say("stale", { at: city.hour(staleSince) });
  for (const key of document.querySelectorAll("#stage button, #watch button, #ask button")) {
    if (staleSince !== null && !key.disabled) {
      key.disabled = true;
      key.dataset.wasAlive = "";
    } else if (staleSince === null && "wasAlive" in key.dataset) {
      key.disabled = false;
      delete key.dataset.wasAlive;
    }
  }
}

listen({ onLine, onKey });
city = cityClock(watch.querySelector("[data-now]").dataset.now);
tick();
setInterval(tick, 1_000);

follow(hall, {
  epoch: Number(epoch),
  seq: Number(seq),
  onChange: refresh,
  onEstimate: freshenWaits,
  onStale: ({ since }) => {
    staleSince = since.getTime();
    dressStale();
  },
  onFresh: () => {
    staleSince = null;
    dressStale();
    refresh();
  },
});
