// The script of Studio: it fills in parts of pages that come later, keeps them
// up to date, puts streams into place, copies, and tells times anew. Every page
// works without it: parts are links, streams are pages, forms are forms.
"use strict";
(() => {
  const fragment = { "Adit-Fragment": "1" };
  const running = new WeakSet(); // forms that were sent
  const lost = new Set(); // parts that could not be asked for again
  const drawn = new WeakMap(); // what a part was last filled with
  const timers = new WeakMap(); // when a part is asked for next

  // Parts: <div data-load="URL" data-every="3s">.
  const period = (text) => {
    const m = /^(\d+)(ms|s|m)$/.exec(text || "");
    return m ? Number(m[1]) * { ms: 1, s: 1000, m: 60000 }[m[2]] : 0;
  };

  async function load(part) {
    if (!part.isConnected) return;
    const every = period(part.dataset.every);
    if (every && document.hidden) { // nobody looks: ask when somebody does
      document.addEventListener("visibilitychange", () => load(part), { once: true });
      return;
    }
    if (!part.dataset.loaded) {
      part.setAttribute("aria-busy", "true");
      const link = part.querySelector(".loading a");
      if (link) link.textContent = link.textContent.replace(/^Show (.*)$/s, "Loading $1…");
    }
    let again = every;
    try {
      const answer = await fetch(part.dataset.load, { headers: fragment, credentials: "same-origin", redirect: "follow" });
      if (answer.redirected && new URL(answer.url).pathname.startsWith("/studio/sign-in")) {
        location.reload(); // the session is over: sign in, and come back
        return;
      }
      if (!(answer.headers.get("Vary") || "").includes("Adit-Fragment")) throw new Error("not Adit's answer"); // a proxy's
      put(part, await answer.text());
      online(part);
      if (answer.ok || answer.status < 500) part.dataset.loaded = "1";
      const go = part.querySelector("[data-go]");
      if (go && go.dataset.go.startsWith("/studio/")) {
        location.assign(go.dataset.go);
        return;
      }
      if (part.querySelector("[data-done]")) again = 0;
    } catch {
      again = every ? Math.max(every, 5000) : 0;
      if (every) offline(part);
      if (!part.dataset.loaded) say(part, "This part could not be loaded.");
    }
    part.removeAttribute("aria-busy");
    clearTimeout(timers.get(part)); // it may have been asked for in between
    if (again) timers.set(part, setTimeout(() => load(part), again));
  }

  // put draws a part anew, but only when it changed, and without taking away
  // what is typed, opened or focused in it.
  function put(part, html) {
    if (drawn.get(part) === html) return;
    if (part.dataset.loaded && part.contains(document.activeElement)) return;
    const opened = [...part.querySelectorAll("details[open][id]")].map((d) => d.id);
    drawn.set(part, html);
    part.innerHTML = html;
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    ready(part);
  }

  // What is repeated and finds nobody says so, until it does: else an old state
  // would pass for the present one.
  function offline(part) {
    lost.add(part);
    if (document.getElementById("offline")) return;
    const p = document.createElement("p");
    p.id = "offline";
    p.setAttribute("role", "status");
    document.querySelector("main")?.append(p);
    p.textContent = "No connection to Adit; trying again";
  }

  function online(part) {
    lost.delete(part);
    for (const p of lost) if (!p.isConnected) lost.delete(p);
    if (!lost.size) document.getElementById("offline")?.remove();
  }

  function say(part, words) {
    const again = document.createElement("a");
    again.href = part.dataset.load;
    again.textContent = "Open it on a page of its own";
    const p = document.createElement("p");
    p.className = "loading";
    p.append(words + " ", again);
    part.replaceChildren(p);
  }

  // Streams: <form data-stream="#steps"> whose answer is pieces of HTML.
  async function stream(form, submitter) {
    const list = document.querySelector(form.dataset.stream);
    const body = new URLSearchParams(new FormData(form, submitter));
    list.replaceChildren();
    list.setAttribute("aria-busy", "true");
    submitter?.setAttribute("aria-busy", "true");
    running.add(form);
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", headers: fragment, body, credentials: "same-origin" });
      if (answer.redirected) {
        location.assign(answer.url);
        return;
      }
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        rest += value || "";
        const pieces = rest.split("<!--piece-->");
        rest = done ? "" : pieces.pop();
        for (const piece of pieces) append(list, piece);
        if (done) break;
      }
    } catch {
      append(list, "<li class=\"step failed\"><p class=\"said\">The answer broke off.</p><p>Check the connection and try again.</p></li>");
    } finally {
      running.delete(form);
      list.removeAttribute("aria-busy");
      submitter?.removeAttribute("aria-busy");
      const then = form.dataset.then && document.querySelector(form.dataset.then);
      if (then) load(then); // what the page says above must not lag behind
    }
  }

  function append(list, html) {
    if (!html.trim()) return;
    const t = document.createElement("template");
    t.innerHTML = html;
    let pieces = t.content;
    if (!pieces.querySelector("li") && list.matches("ol, ul")) { // a refusal, which is no step
      const item = document.createElement("li");
      item.className = "step failed";
      item.append(pieces);
      pieces = item;
    }
    const last = pieces.lastElementChild || pieces;
    list.append(pieces);
    ready(list);
    last.scrollIntoView?.({ block: "nearest" });
  }

  // Copying: <button data-copy="#id" hidden>.
  async function copy(button) {
    const from = document.querySelector(button.dataset.copy);
    if (!from) return;
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText("value" in from ? from.value : from.textContent);
      button.textContent = "Copied";
      button.classList.add("done");
    } catch { // not allowed here: mark it, so that one key does it
      getSelection()?.selectAllChildren(from);
      button.textContent = "Press Ctrl+C";
    }
    announce(button.textContent);
    setTimeout(() => {
      button.textContent = words;
      button.classList.remove("done");
    }, 1800);
  }

  function announce(words) {
    let live = document.getElementById("announcer");
    if (!live) {
      live = document.createElement("p");
      live.id = "announcer";
      live.className = "visually-hidden";
      live.setAttribute("role", "status");
      document.querySelector("main")?.append(live);
    }
    live.textContent = words;
  }

  // Times: <time data-ago datetime>. The same words as the server's.
  function ago(at, now) {
    const d = Math.abs(now - at) / 1000;
    const future = at > now;
    const many = (n, noun) => (n === 1 ? "1 " + noun : n + " " + noun + "s");
    let text;
    if (d < 45) return future ? "in a moment" : "just now";
    else if (d < 3570) text = many(Math.max(1, Math.round(d / 60)), "minute");
    else if (d < 129600) text = many(Math.round(d / 3600), "hour");
    else if (d < 5184000) text = many(Math.round(d / 86400), "day");
    else if (d < 60480000) text = many(Math.round(d / 86400 / 30.44), "month");
    else text = many(Math.round(d / 86400 / 365.25), "year");
    return future ? "in " + text : text + " ago";
  }

  function tell(root) {
    const now = Date.now();
    for (const t of root.querySelectorAll("time[data-ago]")) {
      const words = ago(Date.parse(t.dateTime), now);
      if (t.textContent !== words) t.textContent = words;
    }
  }

  // ready makes a part of the page do what it says it does.
  function ready(root) {
    for (const b of root.querySelectorAll("button[data-copy][hidden]")) b.hidden = false;
    for (const part of root.querySelectorAll("[data-load]:not([data-started])")) {
      part.dataset.started = "1";
      load(part);
    }
    tell(root);
    for (const form of root.querySelectorAll("form[data-start]")) { // begins by itself, once
      form.removeAttribute("data-start");
      if (window.TextDecoderStream) form.requestSubmit(form.querySelector("button"));
    }
  }

  document.addEventListener("click", (e) => {
    const button = e.target.closest("button[data-copy]");
    if (button) copy(button);
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(e.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (running.has(form)) {
      e.preventDefault();
      return;
    }
    if (form.dataset.stream && window.TextDecoderStream) {
      e.preventDefault();
      stream(form, e.submitter);
      return;
    }
    if (form.getAttribute("method") === "post") { // what is sent twice would be done twice
      running.add(form);
      setTimeout(() => running.delete(form), 4000);
    }
  });

  window.addEventListener("pageshow", () => { // a page from the browser's memory works again
    for (const f of document.forms) running.delete(f);
  });

  ready(document);
  setInterval(() => tell(document), 20000);
})();
