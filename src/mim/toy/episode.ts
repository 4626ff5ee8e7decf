import { type Dense, stack } from "./dense.ts";
import { fold, generator, type Key } from "./random.ts";
import { CLASS_NAMES, type Scene, sampleScene } from "./scene.ts";

/** A few-shot task: classes that are to be told apart from a few examples each. Vinyals et al. 2016, §2.2. */
export interface Episode {
  /** The classes by their place in the episode: way w is CLASS_NAMES[classes[w]]. */
  readonly classes: number[];
  readonly support: EpisodePart;
  readonly query: EpisodePart;
}

interface EpisodePart {
  /** [ways · examples, …], way by way. */
  readonly images: Dense;
  /** Way of each example, 0 … ways - 1. */
  readonly labels: Int32Array;
}

/** An episode of `ways` classes drawn without repetition, with `shots` support and `queries` query examples of each. */
export function sampleEpisode(
  key: Key,
  { ways, shots, queries }: { ways: number; shots: number; queries: number },
  render: (scene: Scene) => Dense,
): Episode {
  if (!(Number.isInteger(ways) && ways > 0 && ways <= CLASS_NAMES.length)) {
    throw new RangeError(`ways: expected a whole number from 1 to ${CLASS_NAMES.length}, found ${ways}`);
  }
  const classes = generator(fold(key, "classes"))
    .shuffle(CLASS_NAMES.map((_, k) => k))
    .slice(0, ways);
  const part = (name: string, count: number): EpisodePart => {
    const example = (at: number) =>
      render(sampleScene(fold(fold(key, name), at), classes[Math.floor(at / count)] as number));
    return {
      images: stack(Array.from({ length: ways * count }, (_, at) => example(at))),
      labels: Int32Array.from({ length: ways * count }, (_, at) => Math.floor(at / count)),
    };
  };
  return { classes, support: part("support", shots), query: part("query", queries) };
}
