/** Reference implementations as the knowledge base takes them; scripts/implementations.ts reads them from the package. */
import type Database from "better-sqlite3";

export interface Implementation {
  /** Name on the command line. */
  id: string;
  title: string;
  level: "parity" | "mechanism" | "framework";
  /** Source file, from the package's folder: methods/mae.ts. */
  module: string;
  /** Name of the export. */
  method: string;
  /** Section, equation or algorithm that it follows. */
  source: string;
  /** File that proves the level, from the repository's root. */
  proof: string;
  /** The authors' code of a recorded run that proves the level. */
  recording?: { repository: string; revision: string; entry: string; checks: string };
  /** The reviewed paper; null for a paper that is not in the atlas. */
  paper: string | null;
  /** What it trains on in the toy world, and for how many steps. */
  modality: string;
  steps: number;
  /** Whether a run shows pictures of what it predicts. */
  pictures: boolean;
  /** Whether its encoder is meant to tell classes. */
  classifies: boolean;
  /** Where toy runs do not show that its encoder learns: what was tried. */
  tried?: string;
  parts: { axis: "masking" | "target" | "objective" | "architecture"; file: string; does: string }[];
  parameters: { name: string; value: string; source: string }[];
}

/** Writes the list; an implementation of a paper that this atlas does not hold is linked to none. */
export function insertImplementations(db: Database.Database, implementations: readonly Implementation[]): void {
  const one = db.prepare("insert into implementation values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const paper = db.prepare(
    "insert into paper_implementation (paper_id, implementation_id) select id, ? from paper where id = ?",
  );
  const part = db.prepare("insert into implementation_part values (?, ?, ?, ?)");
  const parameter = db.prepare("insert into implementation_parameter values (?, ?, ?, ?, ?)");
  const recorded = db.prepare("insert into implementation_recording values (?, ?, ?, ?, ?)");
  for (const i of implementations) {
    const { id, title, level, module, method, source, proof, modality, steps, tried = null } = i;
    const [pictures, classifies] = [i.pictures ? 1 : 0, i.classifies ? 1 : 0];
    one.run(id, title, level, module, method, source, proof, modality, steps, pictures, classifies, tried);
    if (i.paper !== null) paper.run(id, i.paper);
    if (i.recording) {
      const { repository, revision, entry, checks } = i.recording;
      recorded.run(id, repository, revision, entry, checks);
    }
    for (const { axis, file, does } of i.parts) part.run(id, axis, file, does);
    i.parameters.forEach(({ name, value, source: from }, at) => parameter.run(id, at + 1, name, value, from));
  }
}
