// Three practice phones. Each is one resident on one channel; the thread is fetched every second.
(() => {
  "use strict";
  const EVERY = 1000, PATIENCE = 20000;
  const DONE = new Set(["delivered", "failed", "held", "received", "handled"]);
  const WORDS = { queued: "Sending", sending: "Sending", unknown: "Sending", sent: "Sent",
                  delivered: "Delivered", failed: "Not delivered", held: "Held back" };

  class Phone {
    constructor(root) {
      this.root = root;
      this.skin = root.dataset.skin;
      this.thread = root.querySelector(".thread");
      this.starters = root.querySelector(".starters");
      this.trouble = root.querySelector(".trouble");
      this.box = root.querySelector("input");
      root.querySelector("form").addEventListener("submit", (event) => {
        event.preventDefault();
        this.send(this.box.value);
      });
      root.querySelector(".fresh").addEventListener("click", () => this.begin(newId()));
      for (const starter of this.starters.querySelectorAll("button")) {
        starter.addEventListener("click", () => this.send(starter.dataset.text));
      }
      this.begin(remembered(this.skin) || newId());
    }

    begin(id) {
      this.id = id;
      remember(this.skin, id);
      this.root.querySelector(".phone-id").textContent = id;
      this.messages = new Map();
      this.waiting = 0;
      this.draw();
      this.fetch();
    }

    get url() { return `/simulator/api/${this.skin}/messages`; }

    // A tapped key goes as the message it belongs to and its place, as on the real channel.
    tap(message, place) { return this.send(message.options[place], `${message.id}:${place}`); }

    async send(text, tap) {
      if (!text.trim()) return;
      if (!tap) this.box.value = "";
      this.waiting = Date.now();
      const answer = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(tap ? { tap, phone: this.id } : { text, phone: this.id }),
      }).catch(() => null);
      this.say(answer && answer.ok ? "" : "That did not go out. Is the demo still running?");
      if (!(answer && answer.ok)) { this.box.value = tap ? this.box.value : text; this.waiting = 0; }
      this.box.focus();
      this.fetch();
    }

    async fetch() {
      const id = this.id;
      const open = [...this.messages.values()].find((m) => m.direction === "out" && !DONE.has(m.status));
      const last = [...this.messages.keys()].at(-1) || 0;
      const after = open ? open.id - 1 : last;
      const answer = await fetch(`${this.url}?phone=${id}&after=${after}`).catch(() => null);
      if (!answer || !answer.ok || id !== this.id) return;
      let changed = false;
      for (const message of await answer.json()) {
        const known = this.messages.get(message.id);
        if (known && known.status === message.status) continue;
        changed = true;
        this.messages.set(message.id, message);
        if (message.direction === "out") this.waiting = 0;
      }
      if (changed || (this.waiting && Date.now() - this.waiting > PATIENCE)) this.draw();
    }

    draw() {
      const all = [...this.messages.values()];
      const chosen = new Map(all.filter((m) => m.tapped).map((m) => [m.tapped, m.text]));
      const newest = all.findLast((m) => m.direction === "out");
      // On Telegram a tap makes no bubble: the choice is written below the question.
      const shown = this.skin === "telegram" ? all.filter((m) => !m.tapped) : all;
      const items = shown.map((message) => this.bubble(message, message === newest, chosen.get(message.id)));
      if (this.waiting && Date.now() - this.waiting < PATIENCE) {
        items.push(make("li", "out typing", make("i"), make("i"), make("i")));
      }
      this.thread.replaceChildren(...items);
      this.thread.scrollTo(0, this.thread.scrollHeight);
      this.starters.hidden = all.length > 0;
    }

    bubble(message, newest, chosen) {
      const options = message.options || [];
      // A text that counts its choices already is not counted again.
      const counted = options.some((option) => /^\d+$/.test(option));
      const numbered = this.skin === "sms" && options.length && !counted
        ? "\n" + options.map((option, at) => `${at + 1}. ${option}`).join("\n") : "";
      const choice = chosen && this.skin === "telegram" ? `\n\nYou chose: ${chosen}` : "";
      const item = make("li", message.direction, make("p", "text", message.text + numbered + choice));
      // Keys stay on WhatsApp; on Telegram they go with the tap, and with the next message.
      const keys = this.skin === "whatsapp" || (this.skin === "telegram" && newest && !chosen);
      if (keys && options.length) {
        item.append(make("div", "choices", ...options.map((option, place) => {
          const button = make("button", option.length <= 10 ? "short" : "", option);
          button.type = "button";
          button.disabled = !newest || Boolean(chosen);
          button.addEventListener("click", () => this.tap(message, place));
          return button;
        })));
      }
      const at = new Date(message.at);
      const time = Number.isNaN(at.getTime()) ? "" : at.toLocaleTimeString("en-GB", {
        hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" });
      const state = message.direction === "out" && message.status !== "delivered"
        ? ` · ${WORDS[message.status] || message.status}` : "";
      item.append(make("p", "at", time + state));
      return item;
    }

    say(text) {
      this.trouble.textContent = text;
      this.trouble.hidden = !text;
    }
  }

  function make(tag, kind, ...children) {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    made.append(...children);
    return made;
  }

  const newId = () => String(Math.floor(1000 + Math.random() * 9000));
  const key = (skin) => `goodhelp-phone-${skin}`;
  function remembered(skin) { try { return localStorage.getItem(key(skin)); } catch { return null; } }
  function remember(skin, id) { try { localStorage.setItem(key(skin), id); } catch { /* private */ } }

  const phones = [...document.querySelectorAll(".phone")].map((root) => new Phone(root));
  setInterval(() => { if (!document.hidden) phones.forEach((phone) => phone.fetch()); }, EVERY);
})();
