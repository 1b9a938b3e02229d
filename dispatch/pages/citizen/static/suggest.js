// Suggestions while somebody types. They are links like any others below the field, so nothing has to be learned.

const field = document.getElementById("q");
const list = document.querySelector("[data-suggestions]");
const said = document.querySelector("[data-suggested]");
const WAIT = 150;
let timer = null;
let asked = 0;

function show(suggestions) {
  list.replaceChildren(
    ...suggestions.map(({ words, code, name, name_en }) => {
      const row = document.createElement("li");
      const link = document.createElement("a");
      const what = document.createElement("span");
      link.href = `/items/${encodeURIComponent(code)}`;
      what.textContent = words;
      const item = document.createElement("span");
      item.className = "small";
      item.textContent = document.documentElement.lang === "en" ? name_en : name;
      link.append(what, ...(item.textContent === words ? [] : [item]));
      row.append(link);
      return row;
    }),
  );
  list.hidden = suggestions.length === 0;
  said.textContent = suggestions.length ? said.dataset.words.replace("{n}", suggestions.length) : "";
}

async function ask() {
  const mine = (asked += 1);
  const typed = field.value.trim();
  if (!typed) {
    show([]);
    return;
  }
  try {
    const answer = await fetch(`/api/v1/suggestions?${new URLSearchParams({ q: typed, limit: 5 })}`);
    if (answer.ok && mine === asked) show((await answer.json()).suggestions);
  } catch {
    // The form works without.
  }
}

field.addEventListener("input", (event) => {
  if (event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT);
});
field.addEventListener("compositionend", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT);
});
