/** Writes what is generated: docs/schema.md, docs/commands.md, and the generated parts of the package's README. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { mean, median } from "d3";
import { csvParse } from "d3-dsv";
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

/** The package's README with its generated parts. */
function packageReadme(): string {
  const text = readFileSync(resolve(root, "src/mim/README.md"), "utf8");
  return withPart(withPart(text, "Methods by algorithm", methodsByAlgorithm()), "Toy runs", toyRuns());
}

/** The text with another content of the part that starts with a comment of this name. */
function withPart(text: string, name: string, content: string): string {
  const start = `<!-- ${name}: npm run docs -->\n`;
  const from = text.indexOf(start) + start.length;
  const to = text.indexOf("<!-- end -->", from);
  if (from < start.length || to < 0) throw new Error(`src/mim/README.md: expected ${start.trim()} and <!-- end -->`);
  return text.slice(0, from) + content + text.slice(to);
}

/** The methods that run each algorithm of the survey. */
const methodsByAlgorithm = (): string =>
  SURVEY_ALGORITHMS.map(({ number, title, file }) => {
    const runs = METHODS.filter(({ algorithm }) => algorithm === number).map((m) => `${m.title} (\`${m.id}\`)`);
    return `- Algorithm ${number}, ${title} (\`${file}.ts\`): ${runs.join(", ")}\n`;
  }).join("");

/** What the toy runs say, and what was tried where they say little. */
function toyRuns(): string {
  const rows = csvParse(readFileSync(resolve(root, "data/toy-results.csv"), "utf8"));
  const judged = METHODS.filter(({ toy }) => toy.classifies !== false);
  const gains = judged.map(
    ({ id }) =>
      mean(rows.filter(({ method }) => method === id).map((r) => 100 * (Number(r.probe) - Number(r.untrained_probe))))!,
  );
  const unsure = judged.filter(({ toy }) => toy.tried !== undefined);
  const sentence = `Of ${judged.length} methods that are meant to tell classes, ${judged.length - unsure.length} beat their untrained encoder by more than two standard errors over three seeds; the median gain of a linear probe is ${median(gains)!.toFixed(0)} points. The others, and what was tried:`;
  return `${sentence}\n\n${unsure.map(({ title, toy }) => `- ${title}: ${toy.tried}\n`).join("")}`;
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
