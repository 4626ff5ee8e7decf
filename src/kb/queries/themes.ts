import type Database from "better-sqlite3";

export interface ThemeRow {
  id: string;
  label: string;
  category: string;
  rule: string;
  source: string;
}

/** The clusters that the survey names, in printed order. */
export const themes = (db: Database.Database): ThemeRow[] =>
  db.prepare<[], ThemeRow>(/* sql */ "select id, label, category, rule, source from theme order by position").all();

/** Papers that a theme's rule makes members. */
export const themeMembers = (db: Database.Database, themeId: string): string[] =>
  db
    .prepare<[string], string>(/* sql */ "select paper_id from theme_paper where theme_id = ? order by paper_id")
    .pluck()
    .all(themeId);

export interface ThemeSubtreeRow {
  id: string;
  label: string;
  category: string;
  members: number;
  node: number;
  size: number;
  height: number;
  precision: number;
  recall: number;
  f1: number;
}

/** For each theme with members the subtree that matches it best, in printed order. */
export const themeSubtrees = (db: Database.Database): ThemeSubtreeRow[] =>
  db
    .prepare<[], ThemeSubtreeRow>(
      /* sql */ `select t.id, t.label, t.category, s.members, s.node, s.size, s.height, s.precision, s.recall, s.f1
        from theme_subtree s join theme t on t.id = s.theme_id order by t.position`,
    )
    .all();
