import { type BlockNorm, blockHog } from "../target/blockHog.ts";
import { hog } from "../target/hog.ts";
import { cases } from "./cases.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import { type Fixture, hosts, type JsonTensor } from "./fixture.ts";

interface MaskFeatCase {
  readonly nbins: number;
  readonly pool: number;
  readonly gaussian_window: number;
  readonly gaussian_std?: number;
  readonly hog?: JsonTensor;
  readonly out?: JsonTensor;
}
interface SkimageCase {
  readonly image: number;
  readonly channel: number;
  readonly orientations: number;
  readonly pixels_per_cell: readonly [number, number];
  readonly cells_per_block: readonly [number, number];
  readonly block_norm: BlockNorm;
  readonly out: JsonTensor;
}
const MASKFEAT = ["nbins", "pool", "gaussian_window", "gaussian_std", "hog", "hog_axes", "out"];
const SKIMAGE = ["image", "channel", "orientations", "pixels_per_cell", "cells_per_block", "block_norm", "out"];

/** open-mmlab/mmpretrain and facebookresearch/SlowFast, which agree, and scikit-image, which is another definition. */
export async function hogParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const images = hosts(fixture.inputs).imgs!;
  const [, C, H, W] = images.shape as [number, number, number, number];
  const checks: Check[] = [];
  for (const section of ["cases", "slowfast"]) {
    if (!fixture[section]) continue;
    const list = cases<MaskFeatCase>(fixture, MASKFEAT, section);
    for (const [i, { nbins, pool, gaussian_window: side, gaussian_std: std, hog: want, out }] of list.entries()) {
      const ours = hog(images, {
        bins: nbins,
        cell: pool,
        ...(side && { window: { side, deviation: std || Math.floor(side / 2) } }),
      });
      checks.push(check(`${section}[${i}]`, (want ?? out)!, ours, "forward", dtype));
    }
  }
  const list = fixture.skimage ? cases<SkimageCase>(fixture, SKIMAGE, "skimage") : [];
  list.forEach(({ image, channel, out, ...o }, i) => {
    const start = (image * C + channel) * H * W;
    const ours = blockHog(Array.from(images.data).slice(start, start + H * W), [H, W], {
      orientations: o.orientations,
      pixelsPerCell: o.pixels_per_cell,
      cellsPerBlock: o.cells_per_block,
      blockNorm: o.block_norm,
    });
    checks.push(check(`skimage[${i}]`, out, ours, "forward", dtype));
  });
  return checks;
}
