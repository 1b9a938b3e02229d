// A form is sent once, however often it is pressed.

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const key of form.querySelectorAll("button")) key.classList.add("pressed");
  });
}

// Coming back by the browser's own key shows the page as it was left; it must be usable again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const key of form.querySelectorAll("button")) key.classList.remove("pressed");
  }
});
