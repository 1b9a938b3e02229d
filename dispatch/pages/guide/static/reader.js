// Keys typed by hand and keys typed by a card reader look the same to a page, but a reader types a whole line within
// milliseconds and ends it with Enter. Keys are therefore kept for a moment before they count as a shortcut.

const GAP = 100;
// Once several keys have come like that it is a reader; a busy machine may then hold some of them up.
const SURE = 3;
const PATIENT_GAP = 600;
const LEAST = 6;
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = "10X98765432";

/** Whether an 18-digit number's last digit is what the others make it. Its region is not looked at. */
export function fits(number) {
  if (!/^\d{17}[\dX]$/.test(number)) return false;
  const total = WEIGHTS.reduce((sum, weight, at) => sum + weight * Number(number[at]), 0);
  return CHECKS[total % 11] === number[17];
}

const inText = (target) => target.closest?.("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");

/**
 * Listen to the whole page, unless a text field has the focus.
 * onLine(text) is given what a reader typed, onKey(key, target) a single key pressed by hand.
 */
export function listen({ onLine, onKey }) {
  let typed = "";
  let last = 0;
  let timer = null;

  function settle(target) {
    if (typed.length >= SURE) return;
    const said = typed;
    typed = "";
    if (said.length === 1) onKey(said, target);
  }

  addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || inText(event.target)) return;
      const now = event.timeStamp;
      if (now - last > (typed.length >= SURE ? PATIENT_GAP : GAP)) typed = "";
      if (event.key === "Enter") {
        clearTimeout(timer);
        const line = typed;
        typed = "";
        if (line.length < LEAST) return;
        event.preventDefault();
        event.stopPropagation();
        onLine(line);
      } else if (event.key.length === 1 && !event.repeat) {
        // A blank presses the key in focus, and an arrow moves within a group: both are the browser's own.
        if (event.key === " ") return;
        typed += event.key;
        last = now;
        clearTimeout(timer);
        timer = setTimeout(settle, GAP, event.target);
        event.preventDefault();
      }
    },
    true,
  );
}
