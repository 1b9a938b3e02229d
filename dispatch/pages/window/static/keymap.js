// Which of our letters a key means: a keyboard's own, or one of a small box that speaks as a keyboard does.

const KEPT = "tongban-keymap";

/**
 * The keys of this desk's box. A box of another make is told once, by opening the page with
 * `?keymap={"Numpad7":"N"}`: the desk's own machine remembers it, for console and strip alike.
 */
export function keymapOf(usual) {
  const told = new URLSearchParams(location.search).get("keymap");
  try {
    if (told !== null) localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(told)))));
    return { ...usual, ...JSON.parse(localStorage.getItem(KEPT) ?? "{}") };
  } catch {
    // Neither a map nor a place to keep one: the usual keys it is.
    return usual;
  }
}

/** A letter, a digit, `#`, or the name of the key (`Enter`, `Escape`, `ArrowDown`); null with a modifier held. */
export function meaningOf(event, keymap) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const mapped = keymap[event.code];
  return typeof mapped === "string" ? mapped : plain(event);
}

/** The same with the box's keys as the digits that are printed on them: for answering a question. */
export function plain(event) {
  // Without the number lock a box's digits arrive under other names.
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  if (digit && (event.key.length > 1 || event.key === digit[1])) return digit[1];
  if (event.key === "/") return "#";
  if (event.key.length === 1) return event.key.toUpperCase();
  // An input method keeps the letter to itself and tells only which key it was.
  const held = event.key === "Process" ? /^Key([A-Z])$/.exec(event.code) : null;
  return held ? held[1] : event.key;
}
