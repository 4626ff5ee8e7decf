import { introsortOrder } from "../architecture/introsortOrder.ts";
import { semanticPartsMasking } from "../masking/semanticParts.ts";
import type { HostInputs, HostTensor } from "../method.ts";
import { mae } from "../methods/mae.ts";
import { partEvenness } from "../methods/semMae.ts";
import type { Params } from "../nn/params.ts";
import { embed, reshape, type Tensor } from "../ops.ts";
import type { Check, RunDType } from "./compare.ts";
import { type Fixture, ParityError } from "./fixture.ts";
import { maeConfig, maeOptions, maeOutputs } from "./mae.ts";
import { evaluationParity, modelInputs, modelParams } from "./model.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Numbers that stand before a token's pixels: sizes of the parts, its own part as 0 and 1, its place in the grid. */
const PARTS = 7;
const PIXELS = 2 * PARTS + 1;

/**
 * ucasligang/SemMAE, models_mae_setting3.py: tokens [N, L, 15 + p²C] with their parts and places, shuffled before parts are
 * masked. Masks, predictions and ids are in the shuffled order.
 */
export async function semMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = maeOptions(fixture, { mask_lambda: 1, epoch: -1, epochs: 800, num_patches: 0, num_parts: PARTS });
  const lambda = "epoch" in fixture.config ? partEvenness(o.epoch, o.epochs) : o.mask_lambda;
  const tokens = tokensOf(fixture);
  const [N, L, F] = tokens.shape as [number, number, number];
  const side = Math.sqrt(L) * o.patch_size;
  const c = maeConfig({ ...o, img_size: side });
  const partOf = Int32Array.from({ length: N * L }, (_, i) => {
    for (let k = 0; k < PARTS; k++) if (tokens.data[i * F + PARTS + k] === 1) return k;
    throw new ParityError(`inputs: expected one part a token, found none for token ${i}`);
  });
  const masking = { maskRatio: o.mask_ratio, parts: PARTS, evenness: lambda };
  const ofPatches = semanticPartsMasking(recordedDraws(fixture.draws), partOf, [N, L], masking);
  const noise = recordedDraws(fixture.draws).uniform(N * L);
  const order = new Int32Array(N * L); // which token stands at a shuffled place
  const placeOf = new Int32Array(N * L);
  for (let n = 0; n < N; n++) {
    introsortOrder(noise.subarray(n * L, (n + 1) * L)).forEach((token, place) => {
      order[n * L + place] = token;
      placeOf[n * L + token] = place;
    });
  }
  const shuffled = (at: (n: number, token: number) => number) =>
    Float64Array.from({ length: N * L }, (_, i) => at(Math.floor(i / L), order[i]!));
  const K = ofPatches.idsKeep.length / N;
  const inputs: HostInputs = {
    images: shuffledImages(tokens, order, o.patch_size),
    idsKeep: { shape: [N, K], data: ofPatches.idsKeep.map((token, i) => placeOf[Math.floor(i / K) * L + token]!) },
    idsRestore: { shape: [N, L], data: Int32Array.from(shuffled((n, token) => ofPatches.idsRestore[n * L + token]!)) },
    mask: { shape: [N, L], data: shuffled((n, token) => ofPatches.mask[n * L + token]!) },
    places: { shape: [N, 1 + L], data: placesWithClass(tokens, order) },
  };
  const run = await evaluationParity(fixture, dtype, {
    evaluate: (p, { places, ...x }) => mae.evaluate(c, placed(p, places!), x, {}),
    params: modelParams(fixture, Object.keys(mae.specs(c))),
    inputs,
    rename: (prepared, ours) => ({ ...maeOutputs(prepared, ours), img: prepared.images! }),
  });
  return run.checks;
}

/** The tokens as one tensor, or put together from parts, places and pixels. */
function tokensOf(fixture: Fixture): HostTensor {
  const given = modelInputs(fixture);
  const whole = given.images ?? given.tokens ?? given.input;
  if (whole?.shape.length === 3) return whole;
  const { total_num: sizes, masks = given.mask, sorted_index: places, patches } = given;
  if (!masks || !places || !patches) {
    throw new ParityError(`inputs: expected x [N, L, 15 + p²C], found ${Object.keys(given).join(", ")}`);
  }
  const [N, L, P] = patches.shape as [number, number, number];
  const F = PIXELS + P;
  const data = new Float64Array(N * L * F);
  for (let i = 0; i < N * L; i++) {
    for (let k = 0; k < PARTS; k++) {
      data[i * F + k] = sizes?.data[i * PARTS + k] ?? 0;
      data[i * F + PARTS + k] = masks.data[i * PARTS + k]!;
    }
    data[i * F + 2 * PARTS] = places.data[i]!;
    for (let j = 0; j < P; j++) data[i * F + PIXELS + j] = patches.data[i * P + j]!;
  }
  return { shape: [N, L, F], data };
}

/** The tokens' pixels as images whose patches stand in the shuffled order, [N, C, H, W]. */
function shuffledImages({ shape: [N, L, F], data }: HostTensor, order: Int32Array, p: number): HostTensor {
  const across = Math.sqrt(L!);
  const [C, H] = [(F! - PIXELS) / p ** 2, across * p];
  const pixels = new Float64Array(N! * C * H * H);
  for (let i = 0; i < N! * L!; i++) {
    const n = Math.floor(i / L!);
    const [row, column] = [Math.floor((i % L!) / across) * p, ((i % L!) % across) * p];
    const from = (n * L! + order[i]!) * F! + PIXELS;
    for (let at = 0; at < p * p * C; at++) {
      const [y, x, channel] = [Math.floor(at / (p * C)), Math.floor(at / C) % p, at % C];
      pixels[((n * C + channel) * H + row + y) * H + column + x] = data[from + at]!;
    }
  }
  return { shape: [N!, C, H, H], data: pixels };
}

/** Rows of the position tables, the class token's first. */
function placesWithClass({ shape: [N, L, F], data }: HostTensor, order: Int32Array): Int32Array {
  const places = new Int32Array(N! * (1 + L!));
  order.forEach((token, i) => {
    const n = Math.floor(i / L!);
    places[n * (1 + L!) + 1 + (i % L!)] = 1 + data[(n * L! + token) * F! + 2 * PARTS]!;
  });
  return places;
}

/** Parameters with the rows of both position tables that the tokens of each sample stand at. */
function placed(p: Params, places: Tensor): Params {
  const rows = (name: string): Tensor => {
    const table = p[name] as Tensor;
    return embed(reshape(table, table.shape.slice(1)), places);
  };
  return { ...p, pos_embed: rows("pos_embed"), decoder_pos_embed: rows("decoder_pos_embed") };
}
