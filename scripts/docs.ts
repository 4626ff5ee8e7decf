/** Writes what is generated: docs/schema.md, docs/commands.md, and the list of methods in the package's README. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { markdownTable } from "markdown-table";
import { describeSchema } from "../src/kb/describeSchema.ts";
import { METHODS } from "../src/mim/methods/all.ts";
import { SURVEY_ALGORITHMS } from "../src/mim/surveyAlgorithms.ts";
import { main as cluster } from "./cluster.ts";
import { main as ingest } from "./ingest.ts";
import { main as query } from "./query.ts";
import { main as toyResults } from "./toyResults.ts";

const root = resolve(import.meta.dirname, "..");

function schemaPage(): string {
  const tables = describeSchema(readFileSync(resolve(root, "src/kb/schema.sql"), "utf8"));
  const parts = tables.map(({ name, text, columns }) => {
    const rows = columns.map((c) => [`\`${c.name}\``, c.type, c.key, c.text.replace(/\|/g, "\\|")]);
    return `## ${name}\n\n${text}\n\n${markdownTable([["Column", "Type", "Key", "Meaning"], ...rows])}\n`;
  });
  return `# The knowledge base\n\nGenerated from \`src/kb/schema.sql\` by \`npm run docs\`. Tables are STRICT (but the full-text index); foreign keys hold.\n\n${parts.join("\n")}`;
}

const listStart = "<!-- Methods by algorithm: npm run docs -->\n";
const listEnd = "<!-- end -->";

/** The package's README with its list of the methods that run each algorithm of the survey. */
function packageReadme(): string {
  const text = readFileSync(resolve(root, "src/mim/README.md"), "utf8");
  const [before, after] = [text.indexOf(listStart), text.indexOf(listEnd)];
  if (before < 0 || after < before) throw new Error(`src/mim/README.md: expected ${listStart.trim()} and ${listEnd}`);
  const items = SURVEY_ALGORITHMS.map(({ number, title, file }) => {
    const runs = METHODS.filter(({ algorithm }) => algorithm === number).map((m) => `${m.title} (\`${m.id}\`)`);
    return `- Algorithm ${number}, ${title} (\`${file}.ts\`): ${runs.join(", ")}\n`;
  });
  return `${text.slice(0, before)}${listStart}${items.join("")}${text.slice(after)}`;
}

async function helpOf(
  main: (args: string[], io: { out: (t: string) => void; err: (t: string) => void }) => unknown,
): Promise<string> {
  let text = "";
  await main(["--help"], { out: (t) => (text += t), err: (t) => (text += t) });
  return text;
}

/** Generated files by path from the root. */
export async function generatedDocs(): Promise<Record<string, string>> {
  const commands = {
    "npm run ingest": ingest,
    "npm run cluster": cluster,
    "npm run query": query,
    "npm run mim:all": toyResults,
  };
  const parts: string[] = [];
  for (const [name, main] of Object.entries(commands))
    parts.push(`## ${name}\n\n\`\`\`text\n${await helpOf(main)}\`\`\`\n`);
  return {
    "docs/schema.md": schemaPage(),
    "src/mim/README.md": packageReadme(),
    "docs/commands.md": `# Commands\n\nGenerated from each command's \`--help\` by \`npm run docs\`.\n\n${parts.join("\n")}`,
  };
}

if (import.meta.main) {
  for (const [file, text] of Object.entries(await generatedDocs())) writeFileSync(resolve(root, file), text);
}
