// Sorting by distance, where the phone can tell where it is and its owner says yes.

const key = document.querySelector("[data-near]");

if (key && "geolocation" in navigator && isSecureContext && !new URLSearchParams(location.search).has("near")) {
  key.hidden = false;
  key.addEventListener("click", () => {
    key.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const query = new URLSearchParams(location.search);
        query.set("near", `${coords.latitude.toFixed(4)},${coords.longitude.toFixed(4)}`);
        location.search = query.toString();
      },
      () => { key.hidden = true; },
      { maximumAge: 300_000, timeout: 10_000 },
    );
  });
}
