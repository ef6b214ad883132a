// Says whether the page is live. What is shown and refreshed is htmx's business; without this file everything works.
const place = document.getElementById("connection");
const say = (on) => {
  place.hidden = false;
  place.classList.toggle("on", on);
  const text = on ? place.dataset.live : place.dataset.lost;
  if (place.textContent !== text) place.textContent = text;
};
document.addEventListener("htmx:sse:after:connection", () => say(true));
document.addEventListener("htmx:sse:error", () => say(false));
document.addEventListener("htmx:sse:close", () => say(false));
document.addEventListener("htmx:response:error", () => say(false));
document.addEventListener("htmx:error", () => say(false));
