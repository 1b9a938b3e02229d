// A kiosk on its own: the clock runs, counts follow the hall, and after a minute without a touch it goes back to the start.

import { cityClock, follow, freshen } from "/assets/shared/live.js";

const QUIET = 60_000;
const COUNTDOWN = 15;
const REFRESH = 2_000;
const COUNTING = new Set([
  "TicketIssued", "TicketCalled", "TicketCancelled", "TicketExpired", "HallConfigured", "snapshot",
  "OutageBegan", "OutageEnded", "IntakeStopped", "IntakeResumed", "QueuePaused", "QueueResumed",
  "HallClosedEarly", "HallReopened", "DayEnded", "HallDaySet",
]);

const body = document.body;
const { home, hall, epoch, seq, now, start } = body.dataset;
const city = cityClock(now);
setInterval(() => { document.querySelector("[data-clock]").textContent = city.hour(); }, 1_000);

// Back to the start -------------------------------------------------------

const idle = document.getElementById("idle");
const left = idle.querySelector("[data-left]");
let quietTimer = null;
let countTimer = null;

function touched() {
  clearTimeout(quietTimer);
  clearInterval(countTimer);
  idle.hidden = true;
  quietTimer = setTimeout(countDown, QUIET);
}

function countDown() {
  let seconds = COUNTDOWN;
  left.textContent = seconds;
  idle.hidden = false;
  idle.querySelector("button").focus();
  countTimer = setInterval(() => {
    seconds -= 1;
    left.textContent = seconds;
    if (seconds <= 0) location.replace(home);
  }, 1_000);
}

// The start page in its first dress has nothing to go back to.
if (start !== "yes" || location.search.replace("?lang=zh", "") !== "") {
  for (const kind of ["pointerdown", "keydown", "wheel"]) addEventListener(kind, touched, { passive: true });
  touched();
}

// The ID card: a reader types the number like a keyboard, faster than any hand --------

const TYPED_WITHIN = 120;
const card = document.getElementById("card");
let typed = "";
let typedAt = 0;

if (card) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.timeStamp - typedAt > TYPED_WITHIN) typed = "";
    typedAt = event.timeStamp;
    if (/^[0-9xX]$/.test(event.key)) typed += event.key;
    if (event.key !== "Enter" || typed.length !== 18) return;
    event.preventDefault();
    card.elements.number.value = typed;
    card.elements.by.value = "reader";
    typed = "";
    card.requestSubmit();
  });
}

// The paper: is it out? ---------------------------------------------------

const PAPER = 1_500;
const paper = document.querySelector("[data-paper]");
if (paper?.dataset.paper === "printing") {
  setInterval(async () => {
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-paper]");
    if (fresh && fresh.dataset.paper !== "printing") location.reload();
  }, PAPER);
}

// Live counts ---------------------------------------------------------------

const band = document.getElementById("stale");
let waiting = null;

function refresh() {
  waiting = null;
  if (document.querySelector("[data-live]")) freshen();
}

function later() {
  if (waiting === null) waiting = setTimeout(refresh, REFRESH);
}

follow(hall, {
  epoch: Number(epoch),
  seq: Number(seq),
  onChange: (change) => COUNTING.has(change.kind) && later(),
  onEstimate: later,
  onStale: () => {
    band.textContent = band.dataset.words;
    band.hidden = false;
    body.dataset.stale = "yes";
  },
  onFresh: () => {
    band.hidden = true;
    delete body.dataset.stale;
    later();
  },
});
