// Light or dark: as the system says, unless somebody has chosen. Runs before the page is drawn.
(() => {
  const chosen = () => localStorage.getItem("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    document.documentElement.dataset.bsTheme = chosen() ?? (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    localStorage.setItem("theme", document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark");
    apply();
  });
  // The session of an open page has ended: what it shows would grow old, so it goes to the login.
  document.addEventListener("htmx:sseClose", (event) => {
    if (event.detail.type === "message") location.reload();
  });
  // What a live page shows has an age. Where nothing comes any more (server, database or network stand still), the page
  // says so by its own clock and turns grey; it asks for itself anew once the server answers and its stream does not.
  let seenAt = Date.now();
  let stream = null;
  const oldAfter = Number(document.documentElement.dataset.ancienApres);
  const live = () => document.querySelector("[sse-connect]");
  const seconds = () => (live() ? (Date.now() - seenAt) / 1000 : 0);
  const told = (event) => {
    seenAt = Date.now() - 1000 * Number(event.data);
    look();
  };
  const look = () => {
    const old = seconds() > oldAfter;
    const note = document.getElementById("ancien");
    document.documentElement.classList.toggle("perime", old);
    note.hidden = !old;
    if (old) note.querySelector("span").textContent = `${Math.round(seconds())} s`;
  };
  const ask = async () => {
    if (seconds() <= oldAfter || !(stream?.readyState === EventSource.CLOSED || seconds() > 3 * oldAfter)) return;
    const answer = await fetch("/sante", { cache: "no-store", signal: AbortSignal.timeout(2000) }).catch(() => null);
    if (answer?.ok) location.reload();
  };
  document.addEventListener("htmx:sseOpen", (event) => {
    stream = event.detail.source;
    stream.addEventListener("vu", told);
  });
  document.addEventListener("DOMContentLoaded", () => {
    if (!document.getElementById("ancien")) return;
    setInterval(look, 500);
    setInterval(ask, 2500);
    document.addEventListener("visibilitychange", look);
  });
  // What answers in the place of the page stands there, a refusal too: else a search after the session's end would show
  // nothing at all.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id === "page") event.detail.shouldSwap = true;
  });
  // A live part is put in the place of the one before, every few seconds: whoever is on one of its links stays on it.
  const leads = (element) => element.getAttribute("href") ?? element.form?.getAttribute("action");
  const alike = (part, to) => [...part.querySelectorAll("a, button")].filter((each) => leads(each) === to);
  let held = null;
  document.addEventListener("htmx:sseBeforeMessage", (event) => {
    const on = event.target.contains(document.activeElement) ? document.activeElement : null;
    const to = on && leads(on);
    held = to && { to, place: alike(event.target, to).indexOf(on) };
  });
  document.addEventListener("htmx:sseMessage", (event) => {
    if (held) alike(event.target, held.to)[held.place]?.focus({ preventScroll: true });
    held = null;
  });
  // On a phone the menu opens at a touch.
  const folded = matchMedia("(max-width: 40rem)");
  const menu = () => document.getElementById("menu");
  const fold = (closed) => {
    if (!menu()) return;
    menu().hidden = closed;
    document.querySelector("[data-menu]").ariaExpanded = String(!closed);
  };
  document.addEventListener("DOMContentLoaded", () => fold(folded.matches));
  folded.addEventListener("change", () => fold(folded.matches));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-menu]")) fold(!menu().hidden);
  });
  // A list that stands on its page as a whole is sorted there, by the value behind each cell.
  const worth = (row, column) => row.cells[column].dataset.v ?? row.cells[column].innerText.trim();
  const compared = (one, other) => (isNaN(one - other) ? one.localeCompare(other, "fr") : one - other);
  const sortable = () => {
    for (const head of document.querySelectorAll("[data-tri] thead th:not(:has(button))")) {
      const button = document.createElement("button");
      button.append(...head.childNodes);
      head.append(button);
    }
  };
  document.addEventListener("DOMContentLoaded", sortable);
  document.addEventListener("htmx:afterSettle", sortable);
  document.addEventListener("click", (event) => {
    const head = event.target.closest("[data-tri] thead th");
    if (!head) return;
    const down = head.ariaSort === "ascending";
    for (const each of head.parentElement.cells) each.removeAttribute("aria-sort");
    head.ariaSort = down ? "descending" : "ascending";
    const body = head.closest("table").tBodies[0];
    const rows = [...body.rows].sort(
      (a, b) => (down ? -1 : 1) * compared(worth(a, head.cellIndex), worth(b, head.cellIndex)),
    );
    body.append(...rows);
  });
  // «/» goes to the search box, as in other tools; not while somebody types.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input, textarea, select")) return;
    event.preventDefault();
    document.getElementById("recherche").focus();
  });
  // At the desk a keyboard goes on where a page begins to be news: at the first field to correct, at what went wrong or
  // was sent, else at the title. It would have to pass the menu again on every page.
  const begin = (main) => {
    const news = main.querySelector("[aria-invalid=true]") ?? main.querySelector("[role=alert]:not([hidden]), .envoye, h1");
    if (!news || location.hash) return;
    if (!news.matches("input, select")) news.tabIndex = -1;
    news.focus();
  };
  document.addEventListener("DOMContentLoaded", () => {
    const main = document.getElementById("page");
    document.querySelector("nav.bureau [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    if (main?.querySelector("nav.bureau") && document.referrer.startsWith(location.origin)) begin(main);
  });
  // Without a network the browser itself says so: the former list must not stand under the new words of a search.
  document.addEventListener("htmx:sendError", (event) => {
    if (event.target.matches("form")) event.target.submit();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "page" && document.activeElement === document.body) begin(event.target);
  });
  // The places held and ticked for a household: how many beds they have, of how many it needs. Nothing is counted without a script.
  const counted = () => {
    const told = document.querySelector("[data-lits-sur]");
    if (!told) return;
    const ticked = [...told.form.querySelectorAll("[data-lits]:checked")];
    const held = Number(told.dataset.litsTenus);
    const beds = ticked.reduce((sum, each) => sum + Number(each.dataset.lits), held);
    const needed = Number(told.dataset.litsSur);
    const left = beds < needed ? `, il en manque ${needed - beds}` : beds > needed ? `, ${beds - needed} de trop` : "";
    told.value = `${held ? "Tenu et coché" : "Coché"} : ${beds} ${beds > 1 ? "lits" : "lit"} sur ${needed}${left}.`;
    told.className = left ? "pastille yellow gros" : "pastille green";
  };
  for (const kind of ["change", "htmx:afterSettle"]) document.addEventListener(kind, counted);
  addEventListener("pageshow", counted);
  // What is typed of a household is stored only once it is sent: who leaves before is asked.
  let typed = false;
  let sent = false;
  document.addEventListener("input", (event) => (typed ||= event.target.closest("[data-non-garde]") !== null));
  document.addEventListener("submit", (event) => (sent = event.target.matches("[data-non-garde]")));
  addEventListener("beforeunload", (event) => {
    if (!sent && (typed || document.querySelector("[data-non-garde=plein]"))) event.preventDefault();
  });
  // Who may live in a place is the same list for all places of a page: a form gets it when it is opened. Without a
  // script, the page of the place has it.
  document.addEventListener("toggle", (event) => {
    const list = document.getElementById("arrivees");
    const select = list && event.target.open && event.target.querySelector(":scope > form select[name=raison]");
    if (select && !select.dataset.pleine) select.options[0].after(list.content.cloneNode(true));
    if (select) select.dataset.pleine = "oui";
  }, true);
  // Print the page; drop a file anywhere on the form that takes one.
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-imprimer]")) window.print();
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const form = event.target.closest("[data-depot]");
      if (!form) return;
      event.preventDefault();
      form.classList.toggle("survol", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) {
        form.querySelector("input[type=file]").files = event.dataTransfer.files;
      }
    });
  }
})();
