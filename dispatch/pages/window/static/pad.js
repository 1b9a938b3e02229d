// The small screen at a window: it asks after each service, takes one answer, and gives up quietly.

import { follow, fragmentAt } from "/assets/shared/live.js";

const THANKED = 4_000;
const PATIENCE = 8_000;
const UNHAPPY = new Set(["dissatisfied", "very_dissatisfied"]);

const panel = document.getElementById("panel");
const { csrf, hall, epoch, seq, fragment, rates } = document.body.dataset;
const words = Object.fromEntries(
  [...document.getElementById("words").content.querySelectorAll("[data-word]")].map((i) => [i.dataset.word, i.textContent]),
);
let skipped = null;
let thanking = false;
let timer = null;
let chosen = null;

const asking = () => panel.querySelector("[data-asked]");

function dress() {
  clearTimeout(timer);
  chosen = null;
  const ask = asking();
  if (!ask) return;
  // A screen that is only looked at by staff takes no answers.
  for (const level of ask.querySelectorAll("button")) level.disabled = !rates;
  timer = setTimeout(refresh, Number(ask.dataset.leftS) * 1000 + 200);
}

async function refresh() {
  // Whoever would rather not say is not asked again.
  const html = await fragmentAt(skipped ? `${fragment}?skipped=${skipped}` : fragment);
  if (html === null || thanking) return;
  const ask = asking();
  // Nobody is interrupted in the middle of her answer by a change in the hall that is not about her.
  if (ask && html.includes(`data-asked="${ask.dataset.asked}"`)) return;
  panel.innerHTML = html;
  dress();
}

async function rate(level, reasons = []) {
  const ask = asking();
  const name = `rating-${ask.dataset.asked}-${csrf.slice(0, 16)}`;
  try {
    const answer = await fetch(`/api/v1/tickets/${ask.dataset.asked}/rating`, {
      method: "POST",
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE),
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Idempotency-Key": name },
      body: JSON.stringify({ level, reasons }),
    });
    // Rated before, perhaps from her phone: that is an answer too.
    if (!answer.ok && answer.status !== 409) throw new Error(answer.statusText);
  } catch {
    panel.querySelector("#said").textContent = words.lost;
    return;
  }
  thank();
}

function thank() {
  thanking = true;
  clearTimeout(timer);
  const section = document.createElement("section");
  section.className = "pad-now";
  const word = document.createElement("p");
  word.className = "pad-word";
  word.textContent = words.thanks;
  section.append(word);
  panel.replaceChildren(section);
  setTimeout(() => {
    thanking = false;
    refresh();
  }, THANKED);
}

function askWhy(level) {
  chosen = level;
  panel.querySelector(".pad-levels").hidden = true;
  panel.querySelector(".pad-reasons").hidden = false;
}

panel.addEventListener("click", (event) => {
  const key = event.target.closest("button");
  if (!key) return;
  if (key.dataset.level) {
    if (UNHAPPY.has(key.dataset.level)) askWhy(key.dataset.level);
    else rate(key.dataset.level);
  } else if (key.dataset.reason) {
    key.setAttribute("aria-pressed", String(key.getAttribute("aria-pressed") !== "true"));
  } else if ("send" in key.dataset) {
    rate(chosen, [...panel.querySelectorAll("[data-reason][aria-pressed=true]")].map((one) => one.dataset.reason).slice(0, 5));
  } else if ("skip" in key.dataset) {
    skipped = asking().dataset.asked;
    refresh();
  }
});

dress();
follow(hall, { epoch: Number(epoch), seq: Number(seq), onChange: refresh, onFresh: refresh });
