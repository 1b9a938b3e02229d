// The two kinds of paper differ by a style sheet, so a key first leads to the page with the right one, which then prints itself.

const here = new URLSearchParams(location.search).get("paper") ?? "a4";
document.querySelector("[data-by-hand]").hidden = true;

for (const key of document.querySelectorAll("[data-print]")) {
  if (key.dataset.print === here) {
    key.addEventListener("click", (event) => {
      event.preventDefault();
      print();
    });
  } else key.hash = "print";
}

if (location.hash === "#print") {
  history.replaceState(null, "", location.pathname + location.search);
  addEventListener("load", () => print());
}
