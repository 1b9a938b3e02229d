// Reads the page aloud on request, where the phone has a voice.

const key = document.querySelector("[data-read]");

if (key && "speechSynthesis" in window) {
  key.hidden = false;
  key.addEventListener("click", () => {
    const slip = document.querySelector("[data-spoken]");
    const words = new SpeechSynthesisUtterance(slip ? slip.dataset.spoken : document.getElementById("main").innerText);
    words.lang = document.documentElement.lang;
    words.rate = 0.9;
    speechSynthesis.cancel();
    speechSynthesis.speak(words);
  });
}
