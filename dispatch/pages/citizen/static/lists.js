// Halls in a list: their waits are asked for again and again, and go when nobody has answered for too long.

import { freshen } from "/assets/shared/live.js";

// Many phones look at one list: each asks after a moment of its own.
const EVERY = 15_000;
const SPREAD = 5_000;
const SILENCE = 45_000;

const band = document.getElementById("stale");
let heard = performance.now();

function mark(stale) {
  band.hidden = !stale;
  if (stale) {
    band.textContent = band.dataset.words;
    document.body.dataset.stale = "yes";
  } else delete document.body.dataset.stale;
}

async function look() {
  if (document.visibilityState === "visible" && (await freshen())) heard = performance.now();
  mark(performance.now() - heard > SILENCE);
}

function again() {
  setTimeout(() => look().finally(again), EVERY + Math.random() * SPREAD);
}

// What a page said before it was put aside is not shown as if it were so now.
document.addEventListener("visibilitychange", look);
again();
