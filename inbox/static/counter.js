// How many parts a text message will take: GSM-7 has 160 places (153 when joined), else 70 (67).
(() => {
  "use strict";
  const box = document.getElementById("reply-text");
  const line = document.getElementById("parts");
  if (!box || !line) return;
  const { basic, extended } = box.dataset;
  const plain = box.dataset.plain ? JSON.parse(box.dataset.plain) : null;
  const rest = line.textContent;

  // Curly quotes, long dashes and the like go out as plain ones: shown as they will be read.
  function swap(event) {
    if (!plain || event?.isComposing) return;
    const swapped = (text) => [...text].map((sign) => plain[sign] ?? sign).join("");
    const next = swapped(box.value);
    if (next === box.value) return;
    const [from, to] = [box.selectionStart, box.selectionEnd].map((at) => swapped(box.value.slice(0, at)).length);
    box.value = next;
    box.setSelectionRange(from, to);
  }

  function count() {
    if (!box.value) { line.textContent = rest; return; }
    if (!plain) { line.textContent = `${box.value.length} characters`; return; }
    const signs = [...box.value];
    const odd = signs.find((sign) => !basic.includes(sign) && !extended.includes(sign) && sign !== "\n");
    const [alone, joined] = odd ? [70, 67] : [160, 153];
    const places = signs.map((sign) => (odd ? sign.length : extended.includes(sign) ? 2 : 1));
    const units = places.reduce((sum, place) => sum + place, 0);
    let parts = 1, left = joined;
    // A sign of two places is never cut in two.
    if (units > alone) for (const place of places) {
      if (place > left) { parts += 1; left = joined; }
      left -= place;
    }
    line.textContent = `${units} characters, ${parts} text${parts > 1 ? "s" : ""}`
      + (odd ? `. “${odd}” makes it longer: plain letters fit more.` : "");
  }

  box.addEventListener("input", (event) => { swap(event); count(); });
  // Ctrl+Enter sends, as in many inboxes.
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.form.requestSubmit();
  });
  swap();
  count();
})();
