// The wire of a hall, as a wake-up: it tells a page that something changed, or that it no longer knows.
// A page shows what the server rendered; on a change it fetches its own fragment again.

import { io } from "/assets/vendor/socket.io.esm.min.js";

const SILENCE = 15_000;
const QUIET = 6_000;
const GRACE = 800;
const POLL = 5_000;
const ASK_AGAIN = 3_000;

/**
 * Follow one hall.
 * onChange(change) comes once for each new seq (and once with kind "snapshot" after a jump), onStale({since, ms}) when
 * nothing certain has been known for so many milliseconds, onFresh() when it is again, onSpoken({seq, shown, spoken})
 * when a board has answered a call, onEstimate() when waits were foretold anew. Silence is measured by a clock that nobody can set. Returns {stop}.
 */
export function follow(
  hall,
  {
    epoch, seq, onChange = () => {}, onStale = () => {}, onFresh = () => {}, onSpoken = () => {}, onEstimate = () => {},
  },
) {
  const seen = { epoch, seq, at: performance.now(), foretold: null };
  let stale = false;
  let graceTimer = null;
  let polling = false;
  let stopped = false;

  const socket = io("/display", { transports: ["websocket"], reconnectionDelayMax: 5_000 });

  function goStale() {
    graceTimer = null;
    if (stale || stopped) return;
    stale = true;
    const ms = performance.now() - seen.at;
    onStale({ since: new Date(Date.now() - ms), ms });
  }

  // A gap is usually filled within milliseconds, so the page is only told if it is still there after a moment.
  function doubt() {
    if (!stale && graceTimer === null) graceTimer = setTimeout(goStale, GRACE);
  }

  function certain() {
    clearTimeout(graceTimer);
    graceTimer = null;
    seen.at = performance.now();
    if (!stale) return;
    stale = false;
    onFresh();
  }

  function ask() {
    socket.emit("watch", { hall, epoch: seen.epoch, after: seen.seq });
  }

  function takeSnapshot(snapshot) {
    const moved = snapshot.epoch !== seen.epoch || snapshot.seq !== seen.seq;
    seen.epoch = snapshot.epoch;
    seen.seq = snapshot.seq;
    certain();
    if (moved) onChange({ kind: "snapshot", hall, epoch: seen.epoch, seq: seen.seq });
  }

  function takeChange(change) {
    if (change.epoch !== seen.epoch || change.seq > seen.seq + 1) {
      doubt();
      ask();
      return;
    }
    if (change.seq <= seen.seq) return;
    seen.seq = change.seq;
    certain();
    onChange(change);
  }

  // Estimates have no numbers: the latest wins, and the same one may come by both ways.
  function takeEstimate(estimate) {
    if (estimate.epoch !== seen.epoch || estimate.as_of === seen.foretold) return;
    const first = seen.foretold === null;
    seen.foretold = estimate.as_of;
    if (!first) onEstimate();
  }

  function takeHead(head) {
    if (head.epoch === seen.epoch && head.seq <= seen.seq) certain();
    else {
      doubt();
      ask();
    }
  }

  async function poll() {
    // A socket may stand open though nobody is there any more: beats come every four seconds.
    if (polling || stopped || (socket.connected && performance.now() - seen.at < QUIET)) return;
    polling = true;
    try {
      const query = new URLSearchParams({ after: seen.seq, epoch: seen.epoch });
      const answer = await fetch(`/board/${encodeURIComponent(hall)}/changes?${query}`, { cache: "no-store" });
      if (!answer.ok) return;
      const feed = await answer.json();
      if (feed.snapshot) takeSnapshot(feed.snapshot);
      else {
        for (const change of feed.changes) takeChange(change);
        certain();
      }
      if (feed.estimate) takeEstimate(feed.estimate);
    } catch {
      // No network either: silence will say so.
    } finally {
      polling = false;
    }
  }

  // A line that the server ended or refused is not opened again by itself.
  function comeBack() {
    if (!socket.active) setTimeout(() => stopped || socket.connect(), ASK_AGAIN);
  }

  const mine = (message) => message && message.hall === hall;
  socket.on("connect", ask);
  socket.on("snapshot", (message) => mine(message) && takeSnapshot(message));
  socket.on("change", (message) => mine(message) && takeChange(message));
  socket.on("estimate", (message) => mine(message) && takeEstimate(message));
  socket.on("heartbeat", (message) => mine(message) && takeHead(message));

  socket.on("connect_error", comeBack);
  socket.on("disconnect", comeBack);
  socket.on("problem", () => setTimeout(() => socket.connected && ask(), ASK_AGAIN));
  socket.on("spoken", (message) => mine(message) && onSpoken(message));

  const watch = setInterval(() => performance.now() - seen.at > SILENCE && goStale(), 1_000);
  const feed = setInterval(poll, POLL);

  return {
    stop() {
      stopped = true;
      clearInterval(watch);
      clearInterval(feed);
      clearTimeout(graceTimer);
      socket.close();
    },
  };
}

/** A fragment of our own as the server renders it now; null when it could not be had. */
export async function fragmentAt(url) {
  try {
    const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", headers: { Accept: "text/html" } });
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}

/** Draw every part of this page, or of what is `within`, that is `data-live` as the server draws it now; whether it answered. */
export async function freshen(url = location.href, within = document) {
  const html = await fragmentAt(url);
  if (html === null) return false;
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const part of within.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    if (fresh && fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
  }
  return true;
}

/**
 * The city's clock, set by a time the server wrote (`2026-11-24T09:42:10+08:00`): `now()` in milliseconds, and
 * `hour(moment)` as `hh:mm` in the hall's own zone, whatever zone this machine thinks it is in.
 */
export function cityClock(iso) {
  const ahead = new Date(iso) - Date.now();
  const offset = /([+-])(\d\d):(\d\d)$/.exec(iso);
  const zone = offset ? (offset[1] === "-" ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000 : 0;
  return {
    now: () => Date.now() + ahead,
    hour: (moment = Date.now()) => new Date(moment + ahead + zone).toISOString().slice(11, 16),
  };
}
