// While a feed is being read, how far it is: asked again every few seconds. When it has ended the
// whole page is new.
(() => {
  "use strict";
  const EVERY = 3000;
  const running = () => document.querySelector("[data-running]");
  if (!running()) return;
  const timer = setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.pathname, { redirect: "manual" });
      if (!answer.ok) return clearInterval(timer);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.getElementById("going").replaceChildren(...fresh.getElementById("going").childNodes);
      if (!running()) location.reload();
    } catch { /* offline: the next try */ }
  }, EVERY);
})();
