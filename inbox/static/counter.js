// How many parts a text message will take: GSM-7 has 160 places (153 when joined), else 70 (67).
(() => {
  "use strict";
  const box = document.getElementById("reply-text");
  const line = document.getElementById("parts");
  if (!box || !line) return;
  const { basic, extended } = box.dataset;
  const plain = box.dataset.plain ? JSON.parse(box.dataset.plain) : null;
  const rest = line.textContent;

  function count() {
    if (!box.value) { line.textContent = rest; return; }
    if (!plain) { line.textContent = `${box.value.length} characters`; return; }
    const signs = [...box.value].map((sign) => plain[sign] ?? sign).join("");
    let units = 0, odd = "";
    for (const sign of signs) {
      if (extended.includes(sign)) units += 2;
      else if (basic.includes(sign) || sign === "\n") units += 1;
      else odd ||= sign;
    }
    if (odd) units = signs.length;
    const [alone, joined] = odd ? [70, 67] : [160, 153];
    const parts = units <= alone ? 1 : Math.ceil(units / joined);
    line.textContent = `${units} characters, ${parts} text${parts > 1 ? "s" : ""}`
      + (odd ? `. “${odd}” makes it longer: plain letters fit more.` : "");
  }

  box.addEventListener("input", count);
  // Ctrl+Enter sends, as in many inboxes.
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.form.requestSubmit();
  });
  count();
})();
