import type Database from "better-sqlite3";

export interface AlgorithmRow {
  id: string;
  number: number;
  title: string;
  source: string;
}
export const algorithms = (db: Database.Database): AlgorithmRow[] =>
  db.prepare<[], AlgorithmRow>("select id, number, title, source from algorithm order by number").all();

export interface SymbolRow {
  role: "model" | "input";
  tex: string;
  meaning: string;
}
export const symbolsOf = (db: Database.Database, algorithmId: string): SymbolRow[] =>
  db
    .prepare<[string], SymbolRow>(
      "select role, tex, meaning from algorithm_symbol where algorithm_id = ? order by position",
    )
    .all(algorithmId);

export interface StepRow {
  step: number;
  tex: string;
  explanation: string;
}
export const stepsOf = (db: Database.Database, algorithmId: string): StepRow[] =>
  db
    .prepare<[string], StepRow>(
      "select step, tex, explanation from algorithm_step where algorithm_id = ? order by step",
    )
    .all(algorithmId);

export interface EquationRow {
  number: number;
  tex: string;
  explanation: string;
  source: string;
}
export const equationsOf = (db: Database.Database, algorithmId: string): EquationRow[] =>
  db
    .prepare<[string], EquationRow>(
      "select number, tex, explanation, source from equation where algorithm_id = ? order by number",
    )
    .all(algorithmId);
