import Database from "better-sqlite3";
import { type ContributionRow, contributions, contributionsOf, sections } from "../../src/kb/queries/contributions.ts";
import { documents } from "../../src/kb/queries/documents.ts";
import { themeMembers, themes } from "../../src/kb/queries/themes.ts";
import type { Doc } from "../../src/text/counts.ts";
import type { PhraseSource } from "../../src/text/phrases.ts";
import { tokenize } from "../../src/text/tokenize.ts";

export interface AtlasDocument {
  readonly id: string;
  readonly title: string;
  readonly shortName: string | null;
  readonly year: number;
  readonly section: string;
  readonly contributions: readonly string[];
  readonly summary: string;
  /** Word counts of the abstract; null where there are none. */
  readonly counts: Readonly<Record<string, number>> | null;
}

export interface AtlasCorpus {
  /** By id. */
  readonly docs: readonly AtlasDocument[];
  readonly contributions: readonly ContributionRow[];
  readonly sections: readonly { readonly number: string; readonly title: string }[];
  /** Themes with members, as places in docs. */
  readonly themes: readonly { readonly id: string; readonly label: string; readonly members: ReadonlySet<number> }[];
}

/** The reviewed papers and what the manual taxonomy says of them. */
export function readAtlas(file: string): AtlasCorpus {
  const db = new Database(file, { readonly: true });
  try {
    const docs = documents(db).map(({ short_name, counts, ...row }) => ({
      ...row,
      shortName: short_name,
      counts: counts === null ? null : (JSON.parse(counts) as Record<string, number>),
      contributions: contributionsOf(db, row.id).map(({ id }) => id),
    }));
    const place = new Map(docs.map(({ id }, at) => [id, at]));
    return {
      docs,
      contributions: contributions(db),
      sections: sections(db).map(({ number, title }) => ({ number, title })),
      themes: themes(db)
        .map(({ id, label }) => ({
          id,
          label,
          members: new Set(themeMembers(db, id).map((paper) => place.get(paper)!)),
        }))
        .filter(({ members }) => members.size > 0),
    };
  } finally {
    db.close();
  }
}

/**
 * What is clustered: the words of title and abstract, or of title and summary where there is no abstract; each word of the
 * title counts `titleWeight` times, 0 leaves titles out.
 */
export function clusteredDoc({ title, summary, counts }: AtlasDocument, titleWeight: number): Doc {
  if (counts === null) return { text: `${`${title} `.repeat(titleWeight)}${summary}` };
  const words = new Map(Object.entries(counts));
  if (titleWeight > 0) for (const word of tokenize(title)) words.set(word, (words.get(word) ?? 0) + titleWeight);
  return { counts: Object.fromEntries(words) };
}

/** What phrases of a paper are taken from: its printed title and our summary. */
export const describedDoc = ({ title, summary, counts }: AtlasDocument): PhraseSource => ({
  text: `${title}. ${summary}`,
  counts: counts ?? undefined,
});
