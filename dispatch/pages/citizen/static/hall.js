// A hall's page: its waits follow the hall, and go when nobody knows any more.

import { follow, freshen } from "/assets/shared/live.js";

const { hall, epoch, seq } = document.body.dataset;
const band = document.getElementById("stale");

// Many phones look at one hall: each asks after a moment of its own, and not more often than this.
const SPREAD = 2_000;
let planned = null;

function later() {
  planned ??= setTimeout(() => {
    planned = null;
    freshen();
  }, SPREAD * (0.5 + Math.random()));
}

follow(hall, {
  epoch: Number(epoch),
  seq: Number(seq),
  onChange: later,
  onEstimate: later,
  onStale: () => {
    band.textContent = band.dataset.words;
    band.hidden = false;
    document.body.dataset.stale = "yes";
  },
  onFresh: () => {
    band.hidden = true;
    delete document.body.dataset.stale;
    later();
  },
});
