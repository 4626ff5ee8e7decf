/** Brings the query page to life: the SQL and its parameters, the worker that answers, the table, the copies, the address. */
import { formatTable, type QueryResult, type TableFormat } from "../../kb/tableText.ts";
import { askWorker } from "./askWorker.ts";
import { parameters } from "./parameters.ts";
import { asked, permalink } from "./permalink.ts";
import { resultTable } from "./resultTable.ts";

const SHOWN_ROWS = 200;

export function queryDesk(desk: HTMLElement): void {
  const one = <E extends Element>(selector: string) => desk.querySelector<E>(selector)!;
  const form = one<HTMLFormElement>("form");
  const text = one<HTMLTextAreaElement>("textarea");
  const bound = one<HTMLElement>("fieldset");
  const status = one<HTMLElement>("[role=status]");
  const stop = one<HTMLButtonElement>("button[data-do=stop]");
  const takes = one<HTMLElement>("[data-take]");
  const answer = one<HTMLElement>("[data-answer]");

  let running: AbortController | undefined;
  let result: QueryResult = { columns: [], rows: [] };
  const kept = new Map<string, string>();

  const say = (message: string, failed = false) => {
    status.textContent = message;
    status.classList.toggle("failed", failed);
  };
  const values = () =>
    Object.fromEntries([...bound.querySelectorAll("input")].map(({ name, value }) => [name, value || null]));

  /** A field for each parameter of the SQL; what was written for a name stays when the name comes back. */
  function showParameters() {
    const names = parameters(text.value);
    const fields = [...bound.querySelectorAll("input")];
    bound.hidden = names.length === 0;
    if (names.join() === fields.map((field) => field.name).join()) return;
    for (const { name, value } of fields) kept.set(name, value);
    for (const { parentElement } of fields) parentElement!.remove();
    for (const name of names) {
      const [label, field] = [document.createElement("label"), document.createElement("input")];
      Object.assign(field, { name, value: kept.get(name) ?? "", placeholder: "null", autocomplete: "off" });
      field.spellcheck = false;
      label.append(`@${name}`, field);
      bound.append(label);
    }
  }

  function write(sql: string, given: Record<string, string | null>) {
    text.value = sql;
    kept.clear();
    for (const field of bound.querySelectorAll("input")) field.parentElement!.remove();
    for (const [name, value] of Object.entries(given)) kept.set(name, value ?? "");
    showParameters();
  }

  async function run() {
    running?.abort();
    const own = new AbortController();
    running = own;
    const sql = text.value;
    const began = performance.now();
    stop.disabled = false;
    desk.setAttribute("aria-busy", "true");
    say("Fetching the database …");
    try {
      const found = await askWorker(sql, values(), own.signal, () => say("Running …"));
      if (running !== own) return;
      if ("error" in found) fail(sql, found.error, found.offset);
      else show(found, new Set(found.reviewed));
    } catch (error) {
      if (running !== own) return;
      clear();
      if (own.signal.aborted) say(`Stopped after ${duration(performance.now() - began)}.`);
      else say((error as Error).message, true);
    }
    running = undefined;
    stop.disabled = true;
    desk.removeAttribute("aria-busy");
  }

  function clear() {
    answer.replaceChildren();
    answer.hidden = takes.hidden = true;
  }

  function fail(sql: string, message: string, offset: number | null) {
    clear();
    if (offset === null) return say(message, true);
    const before = sql.slice(0, offset).split("\n");
    say(`line ${before.length}, column ${before.at(-1)!.length + 1}: ${message}`, true);
    text.setSelectionRange(offset, offset + (/^\w+|^\S/.exec(sql.slice(offset))?.[0].length ?? 0));
  }

  function show(found: QueryResult & { cut: boolean; milliseconds: number }, reviewed: ReadonlySet<unknown>) {
    result = found;
    const { columns, rows, cut, milliseconds } = found;
    const count = `${cut ? "the first " : ""}${rows.length.toLocaleString("en")} ${rows.length === 1 ? "row" : "rows"}`;
    const part =
      rows.length > SHOWN_ROWS ? `; ${SHOWN_ROWS} are shown, a copy has ${cut ? "all that were read" : "all"}` : "";
    answer.replaceChildren(resultTable({ columns, rows: rows.slice(0, SHOWN_ROWS) }, reviewed));
    answer.scrollTo(0, 0);
    answer.hidden = takes.hidden = false;
    say(`${count[0]!.toUpperCase()}${count.slice(1)} in ${duration(milliseconds)}${part}.`);
  }

  function ask(sql: string, given: Record<string, string | null>) {
    write(sql, given);
    void run();
  }

  const submit = () => {
    const address = permalink(text.value, values());
    if (address !== location.pathname + location.search) history.pushState(null, "", address);
    void run();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    submit();
  });
  text.addEventListener("input", showParameters);
  stop.addEventListener("click", () => {
    running?.abort();
    text.focus();
  });

  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (!link || link.pathname !== location.pathname || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const question = asked(link.search);
    if (!question) return;
    event.preventDefault();
    history.pushState(null, "", link.href);
    text.scrollIntoView({ block: "nearest" });
    text.focus({ preventScroll: true });
    ask(question.sql, question.values);
  });
  addEventListener("popstate", () => {
    const question = asked(location.search);
    if (question) ask(question.sql, question.values);
  });

  for (const button of takes.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const format = button.dataset.copy as TableFormat | "link";
      try {
        await navigator.clipboard.writeText(format === "link" ? location.href : formatTable(result, format));
        say(`${button.textContent!.trim()} copied.`);
      } catch (error) {
        const refused = error instanceof DOMException || !navigator.clipboard;
        say(refused ? "The browser does not let this page copy; save the CSV." : (error as Error).message, true);
      }
    });
  }
  one<HTMLButtonElement>("button[data-do=save]").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([formatTable(result, "csv")], { type: "text/csv" }));
    link.download = "mim-atlas-query.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  });

  const question = asked(location.search);
  if (question) ask(question.sql, question.values);
  else showParameters();
}

const duration = (milliseconds: number) =>
  milliseconds < 1000
    ? `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;
