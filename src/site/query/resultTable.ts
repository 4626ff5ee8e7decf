import { cellText, isNumeric, type QueryResult } from "../../kb/tableText.ts";
import { href } from "../href.ts";

/** A result as a native table: numbers to the right, papers and addresses as links. */
export function resultTable({ columns, rows }: QueryResult, reviewed: ReadonlySet<unknown>): HTMLTableElement {
  const table = document.createElement("table");
  const numeric = columns.map((_, i) => isNumeric(rows, i));
  const head = table.createTHead().insertRow();
  columns.forEach((column, i) => {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.classList.toggle("number", numeric[i]);
    cell.textContent = column;
    head.append(cell);
  });
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((value, i) => {
      const cell = line.insertCell();
      cell.classList.toggle("number", numeric[i]);
      cell.classList.toggle("null", value === null);
      const address = addressOf(value, reviewed);
      if (address === undefined) cell.textContent = value === null ? "null" : cellText(value);
      else {
        const link = document.createElement("a");
        link.href = address;
        link.textContent = cellText(value);
        cell.append(link);
      }
    });
  }
  return table;
}

function addressOf(value: unknown, reviewed: ReadonlySet<unknown>): string | undefined {
  if (reviewed.has(value)) return href(`papers/${value}/`);
  return typeof value === "string" && /^https?:\/\/\S+$/.test(value) ? value : undefined;
}
