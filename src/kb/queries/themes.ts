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
