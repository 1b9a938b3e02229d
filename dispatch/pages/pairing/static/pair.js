/* A screen waits for its approval. Old televisions run this too: nothing newer than 2015. */
(function () {
  "use strict";

  var ASK_EVERY_MS = 5500;
  var body = document.body;
  var wanted = document.getElementById("wanted");
  var ask = document.getElementById("ask");

  if (wanted) {
    wanted.submit();
    return;
  }
  if (!ask) {
    return;
  }

  function again() {
    var request = new XMLHttpRequest();
    request.open("POST", "/pair/ask");
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.setRequestHeader("X-Requested-With", "script");
    request.timeout = 4000;
    request.onload = function () {
      var told = null;
      try {
        told = JSON.parse(request.responseText);
      } catch (error) {
        // Not ours; the next one will be.
      }
      if (told && told.go) {
        location.replace(told.go);
      }
    };
    request.send("form_token=" + encodeURIComponent(ask.elements.form_token.value));
  }

  setInterval(again, ASK_EVERY_MS);
  setTimeout(function () {
    location.reload();
  }, (Number(body.getAttribute("data-left")) + 1) * 1000);
})();
