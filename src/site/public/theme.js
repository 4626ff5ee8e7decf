// Applies the reader's choice of theme before the first paint, and keeps the switch in step with it.
(() => {
  const root = document.documentElement;
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  };
  const current = () => root.dataset.theme ?? (prefersDark.matches ? "dark" : "light");
  const choice = stored();
  if (choice === "light" || choice === "dark") root.dataset.theme = choice;
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme-switch");
    if (!button) return;
    const label = () => {
      button.setAttribute("aria-label", current() === "dark" ? "Use the light theme" : "Use the dark theme");
    };
    button.hidden = false;
    label();
    button.addEventListener("click", () => {
      const next = current() === "dark" ? "light" : "dark";
      root.dataset.theme = next;
      try {
        localStorage.setItem("theme", next);
      } catch {
        // private windows may refuse storage; the choice then lasts for this page
      }
      label();
    });
    prefersDark.addEventListener("change", label);
  });
})();
