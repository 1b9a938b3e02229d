// City time: what the server wrote, and the time passed since by a clock that nobody can set.
// The machine's own date and hour are never asked, so they may be as wrong as they like.

export function serverTime(iso, speed = 1) {
  const written = Date.parse(iso);
  const begun = performance.now();
  const offset = /([+-])(\d\d):(\d\d)$/.exec(iso);
  const zone = offset ? (offset[1] === "-" ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000 : 0;
  const now = () => written + (performance.now() - begun) * speed;
  return {
    now,
    since: (moment) => Math.max(0, Math.floor((now() - Date.parse(moment)) / 1000)),
    /** Real seconds until a moment of city time. */
    left: (moment) => Math.max(0, Math.ceil((Date.parse(moment) - now()) / 1000 / (speed || 1))),
    hour: (moment = now()) => new Date(moment + zone).toISOString().slice(11, 16),
    /** City time as it was so many real milliseconds ago. */
    ago: (ms) => now() - ms * speed,
  };
}
