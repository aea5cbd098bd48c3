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
  // «/» goes to the search box, as in other tools; not while somebody types.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input, textarea, select")) return;
    event.preventDefault();
    document.getElementById("recherche").focus();
  });
})();
