import type Database from "better-sqlite3";

export interface TimelineRow {
  paper_id: string;
  title: string;
  short_name: string | null;
  venue: string;
  year: number;
  note: string;
  source: string;
}
const SQL = /* sql */ `
  select t.paper_id, p.title, p.short_name, t.venue, t.year, t.note, t.source
  from timeline t join paper p on p.id = t.paper_id order by t.position`;

/** The survey's timeline, in order. */
export const timeline = (db: Database.Database): TimelineRow[] => db.prepare<[], TimelineRow>(SQL).all();
