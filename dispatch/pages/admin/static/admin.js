// Dialogs open by their keys, and the chooser of halls goes without a press of its own.

document.documentElement.classList.add("script");

for (const key of document.querySelectorAll("[data-opens]")) {
  key.addEventListener("click", () => document.getElementById(key.dataset.opens).showModal());
}

for (const chooser of document.querySelectorAll("[data-goes]")) {
  chooser.addEventListener("change", () => chooser.form.submit());
}
