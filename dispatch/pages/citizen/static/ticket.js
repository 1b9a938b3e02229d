// A ticket in the hand: follows its hall and fetches its own slip again when something may have changed for it.

import { cityClock, follow, fragmentAt } from "/assets/shared/live.js";

const QUIET_KINDS = new Set(["WindowOpened", "WindowPaused", "WindowClosed"]);
const SPREAD = 600;
const OWN_WAIT = 15_000;
const LONG_SPREAD = 5_000;

const holder = document.getElementById("ticket");
const band = document.getElementById("stale");
const { hall, epoch, seq, fragment, now } = holder.dataset;
const city = cityClock(now);
let last = null;
let refreshing = null;
let again = false;
let planned = null;
let wire = null;

const slip = () => holder.querySelector(".ticket");

async function refresh() {
  if (refreshing) {
    again = true;
    return;
  }
  const before = slip().dataset.state;
  refreshing = fragmentAt(fragment);
  const html = await refreshing;
  refreshing = null;
  if (html !== null && html !== last) {
    last = html;
    holder.innerHTML = html;
    const after = slip().dataset;
    if (after.state === "called" && before !== "called") navigator.vibrate?.([300, 150, 300]);
    document.title = after.spoken;
    if (after.over) wire.stop();
  }
  if (again) {
    again = false;
    refresh();
  }
}

// A whole hall of phones must not ask in the same millisecond; the one being called asks at once.
function changed(change) {
  if (QUIET_KINDS.has(change.kind)) return;
  const mine = change.call && change.call.number === slip().dataset.number;
  if (mine) refresh();
  // A new number comes before this one only with priority, so that may take its time.
  else plan(Math.random() * (change.kind === "TicketIssued" ? LONG_SPREAD : SPREAD));
}

function plan(delay) {
  planned ??= setTimeout(() => {
    planned = null;
    refresh();
  }, delay);
}

function stale({ since }) {
  band.textContent = band.dataset.words.replace("{at}", city.hour(since.getTime()));
  band.hidden = false;
  holder.dataset.stale = "yes";
}

function fresh() {
  band.hidden = true;
  delete holder.dataset.stale;
  refresh();
}

if (!slip().dataset.over) {
  wire = follow(hall, { epoch: Number(epoch), seq: Number(seq), onChange: changed, onStale: stale, onFresh: fresh });
  // One's own wait goes on shrinking though nothing happens.
  setInterval(() => slip().dataset.state === "waiting" && plan(Math.random() * SPREAD), OWN_WAIT);
}
