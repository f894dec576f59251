// Keeps an open page fresh: the server says that something changed, the page fetches itself and
// swaps the parts marked data-live. What is being typed stands outside of them and stays.
(() => {
  "use strict";
  const page = document.currentScript.dataset.page;
  const title = document.title;
  const POLL = 5000, HIDDEN_POLL = 15000, CLOCK = 60000, MAX_FAILURES = 4;
  let source = null, timer = null, mark = null, failures = 0, busy = false, again = false;

  const scroller = document.getElementById("talk");
  const bottom = () => scroller && scroller.scrollTo(0, scroller.scrollHeight);
  bottom();

  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(page, { redirect: "manual" });
      if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      else if (answer.type === "opaqueredirect" || answer.status < 500) leave();
    } catch { /* offline: the next mark or poll tries again */ }
    busy = false;
    if (again) { again = false; refresh(); }
  }

  // Signed out, or the page must be opened anew: reload, unless somebody is writing.
  function leave() {
    const writing = [...document.querySelectorAll("textarea, input")]
      .some((box) => box.type !== "hidden" && !box.readOnly && box.value !== box.defaultValue);
    if (!writing) location.reload();
  }

  function swap(fresh) {
    const before = facts(document);
    const atEnd = scroller && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(part.id);
      if (!next) continue;
      Object.assign(part.dataset, next.dataset);
      if (part.innerHTML === next.innerHTML) continue;
      const focus = part.contains(document.activeElement) ? keyOf(document.activeElement) : null;
      part.replaceChildren(...next.childNodes);
      if (focus) [...part.querySelectorAll("a, button")].find((e) => keyOf(e) === focus)?.focus();
    }
    const trail = document.getElementById("trail");
    for (const name of trail ? ["version", "trail"] : []) {
      for (const box of document.querySelectorAll(`input[name=${name}]`)) box.value = trail.dataset[name];
    }
    if (atEnd) bottom();
    tell(before, facts(document));
  }

  const keyOf = (e) => e.getAttribute("href") || (e.form && e.form.getAttribute("action"));
  const facts = (where) => ({
    messages: where.querySelectorAll("#talk > li.in").length,
    fresh: Number(where.querySelector("#tabs .count")?.textContent || 0),
  });

  function tell(before, now) {
    const said = document.getElementById("said");
    if (now.messages > before.messages) said.textContent = "A new message from the resident.";
    if (now.fresh > before.fresh) said.textContent = `A new ticket. ${now.fresh} are waiting.`;
    document.title = now.fresh ? `(${now.fresh}) ${title}` : title;
  }

  function noticed(next) {
    failures = 0;
    if (mark !== null && next !== mark) refresh();
    mark = next;
  }

  async function poll() {
    try {
      const answer = await fetch("/inbox/live/mark", { redirect: "manual" });
      if (answer.ok) noticed(await answer.text());
      else if (answer.status === 401) leave();
    } catch { /* offline */ }
  }

  // A browser allows six connections to one host: only the page in view keeps one open.
  function connect() {
    source?.close();
    clearInterval(timer);
    if (document.hidden || !window.EventSource || failures > MAX_FAILURES) {
      timer = setInterval(poll, document.hidden ? HIDDEN_POLL : POLL);
      return;
    }
    source = new EventSource("/inbox/events");
    source.addEventListener("mark", (event) => noticed(event.data));
    source.onerror = () => {
      failures += 1;
      if (source.readyState === EventSource.CLOSED || failures > MAX_FAILURES) {
        failures = MAX_FAILURES + 1;
        connect();
      }
    };
  }

  document.addEventListener("visibilitychange", () => {
    failures = 0;
    connect();
    if (!document.hidden) refresh();
  });
  window.addEventListener("pagehide", () => source?.close());
  setInterval(() => { if (!document.hidden) refresh(); }, CLOCK);
  connect();
  refresh();
})();
