import { acronyms } from "./acronyms.ts";
import type { PhraseSource } from "./phrases.ts";

const WORD = /[\p{L}\p{N}_]{2,}/gu;

/**
 * Gives words back the capitals that texts write within them: "mri" becomes "MRI", "vit" "ViT", "3d" "3D", where at least
 * half of what is written has a capital after the first sign; acronyms.ts says what no text does. A capital at the
 * beginning says nothing: titles have many.
 */
export function writtenCase(texts: readonly PhraseSource[]): (words: string) => string {
  const forms = new Map<string, { written?: Map<string, number>; total: number }>();
  for (const { text = "" } of texts) {
    for (const [word] of text.normalize("NFC").matchAll(WORD)) {
      const key = word.toLowerCase();
      const known: { written?: Map<string, number>; total: number } = forms.get(key) ?? { total: 0 };
      if (known.total++ === 0) forms.set(key, known);
      if (word.slice(1) === word.slice(1).toLowerCase()) continue;
      known.written ??= new Map();
      known.written.set(word, (known.written.get(word) ?? 0) + 1);
    }
  }
  const capitals = (written: ReadonlyMap<string, number>, total: number): string | undefined => {
    const all = [...written.values()].reduce((sum, times) => sum + times, 0);
    if (2 * all < total) return undefined;
    return [...written].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0];
  };
  return (words) =>
    words.replace(WORD, (word) => {
      const known = forms.get(word);
      return (known?.written && capitals(known.written, known.total)) ?? acronyms.get(word) ?? word;
    });
}
