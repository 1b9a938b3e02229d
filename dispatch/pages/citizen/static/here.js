// "From here": where the phone can tell where it is and its owner says yes. The place goes into this address only.

const key = document.querySelector("[data-here]");

if (key && "geolocation" in navigator && isSecureContext) {
  key.hidden = false;
  key.addEventListener("click", () => {
    key.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const query = new URLSearchParams(new FormData(key.form));
        query.delete("from");
        query.set("near", `${coords.latitude.toFixed(4)},${coords.longitude.toFixed(4)}`);
        location.search = query.toString();
      },
      () => { key.hidden = true; },
      { maximumAge: 300_000, timeout: 10_000 },
    );
  });
}
