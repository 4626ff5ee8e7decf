/**
 * Made-up abstracts: 120 to 240 words each, from a Zipf vocabulary of 30,000 made-up words, 25 stop words and 30 topics
 * of 400 words. Words repeat and topics overlap as in real abstracts; the same seed gives the same documents.
 */
export function* makeDocs(count: number, seed = 12345): Generator<{ id: string; text: string; topic: number }> {
  const uniform = mulberry32(seed);
  const below = (n: number) => Math.floor(uniform() * n);
  const words = vocabulary(below);
  const general = zipf(VOCABULARY, 1.05);
  const topical = zipf(TOPIC_WORDS, 0.9);
  const draw = (shares: Float64Array): number => {
    const u = uniform();
    let low = 0;
    for (let high = shares.length - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if (shares[middle]! < u) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const topics = Array.from({ length: TOPICS }, () =>
    Array.from({ length: TOPIC_WORDS }, () => 100 + Math.floor(uniform() ** 2 * (VOCABULARY - 100))),
  );
  for (let d = 0; d < count; d++) {
    const topic = below(TOPICS);
    const second = uniform() < 0.3 ? below(TOPICS) : topic;
    const text = Array.from({ length: 120 + below(120) }, () => {
      const kind = uniform();
      if (kind < 0.38) return stopWords[Math.floor(uniform() ** 1.5 * stopWords.length)]!;
      if (kind < 0.62) return words[topics[uniform() < 0.75 ? topic : second]![draw(topical)]!]!;
      return words[draw(general)]!;
    });
    yield { id: `doc${d}`, text: text.join(" "), topic };
  }
}

const VOCABULARY = 30000;
const TOPICS = 30;
const TOPIC_WORDS = 400;
const stopWords = "the of and to in a is that for we on with this by as are an be from our which can".split(" ");

function vocabulary(below: (n: number) => number): string[] {
  const consonants = "bcdfghjklmnprstvwz";
  const vowels = "aeiou";
  const suffixes = ["", "", "", ..."s ing ed ation al ity er ment ive ness ize ly".split(" ")];
  const words = new Set<string>();
  while (words.size < VOCABULARY) {
    let word = "";
    for (let syllables = 2 + below(2); syllables > 0; syllables--) word += consonants[below(18)]! + vowels[below(5)]!;
    words.add(word + consonants[below(18)]! + suffixes[below(suffixes.length)]!);
  }
  return [...words];
}

/** Cumulative shares of ranks 1..n under a Zipf–Mandelbrot law. */
function zipf(n: number, exponent: number): Float64Array {
  const cumulative = new Float64Array(n);
  let total = 0;
  for (let rank = 0; rank < n; rank++) {
    total += (rank + 2.7) ** -exponent;
    cumulative[rank] = total;
  }
  return cumulative.map((sum) => sum / total);
}

function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
