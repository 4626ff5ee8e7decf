import type { HostInputs, HostTensor } from "../method.ts";
import { type MageConfig, mage } from "../methods/mage.ts";
import type { Check, RunDType } from "./compare.ts";
import { type Fixture, ParityError } from "./fixture.ts";
import { maeOptions } from "./mae.ts";
import { evaluationParity, modelInputs, modelParams } from "./model.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Options of LTH14/mage, models_mage.py, beside those of MAE. */
const OPTIONS = {
  mask_ratio_min: 0.5,
  mask_ratio_max: 1,
  mask_ratio_mu: 0.55,
  mask_ratio_std: 0.25,
  codebook_size: 1024,
  n_embed: 0,
  vocab_size: 0,
  fake_class_label: 0,
  mask_token_label: 0,
  label_smoothing: 0.1,
  mask_rate: 0,
  mask_ratio_drawn: 0,
  smoothing: 0.1,
};
/** Parameters that the released class makes and never uses, and its tokenizer's. */
const UNUSED =
  /^(cls_token|pos_embed|mask_token|decoder_pos_embed|patch_embed\..*|decoder_pred\..*|token_emb\.position_ids|vqgan\..*)$/;

/** LTH14/mage, models_mage.py, on given token ids. */
export async function mageParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = maeOptions(fixture, OPTIONS);
  const codes = o.n_embed || o.codebook_size;
  const entries = (o.vocab_size || codes + 1001) - 1 - codes;
  const c: MageConfig = {
    imageSize: [o.img_size, o.img_size],
    patchSize: o.patch_size,
    dim: o.embed_dim,
    depth: o.depth,
    heads: o.num_heads,
    mlpRatio: o.mlp_ratio,
    decoderDim: o.decoder_embed_dim,
    decoderDepth: o.decoder_depth,
    decoderHeads: o.decoder_num_heads,
    eps: o.layer_norm_eps,
    codes,
    classEntries: entries,
    noClass: (o.fake_class_label || codes + 1100 - 1024) - codes,
    ratio: { mean: o.mask_ratio_mu, deviation: o.mask_ratio_std, low: o.mask_ratio_min, high: o.mask_ratio_max },
    smoothing: o.label_smoothing,
  };
  const params = modelParams(fixture, Object.keys(mage.specs(c)), UNUSED);
  const given = modelInputs(fixture);
  const ids = given.token_indices ?? given.gt_indices ?? given.tokens ?? given.ids ?? wholeNumbers(given);
  if (!ids) throw new ParityError(`inputs: expected token_indices, found ${Object.keys(given).join(", ")}`);
  const N = ids.shape[0]!;
  const tokenIds = { shape: [N, ids.data.length / N], data: Int32Array.from(ids.data) };
  const stated = o.mask_rate || o.mask_ratio_drawn; // the drawn ratio, where it stands among the options
  const draws = [...(stated ? [{ call: "truncnorm.rvs", out: stated }] : []), ...(fixture.draws ?? [])];
  const inputs = mage.prepare(c, { tokenIds }, recordedDraws(draws), { step: 0, steps: 1 });
  const L = inputs.mask!.shape[1]!;
  const withClass = (rows: ArrayLike<number>) => ({
    shape: [N, L + 1],
    data: Float64Array.from({ length: N * (L + 1) }, (_, i) =>
      i % (L + 1) === 0 ? 0 : rows[Math.floor(i / (L + 1)) * L + (i % (L + 1)) - 1]!,
    ),
  });
  const kept = new Float64Array(N * L).fill(1);
  const { shape, data } = inputs.keptPlaces!;
  data.forEach((place, i) => {
    if (place > 0) kept[Math.floor(i / shape[1]!) * L + place - 1] = 0;
  });
  const run = await evaluationParity(fixture, dtype, {
    evaluate: (p, x) => mage.evaluate(c, p, x, {}),
    params,
    inputs,
    rename: () => ({
      gt_indices: tokenIds,
      token_indices: tokenIds,
      mask: withClass(inputs.mask!.data),
      token_all_mask: withClass(inputs.mask!.data),
      token_drop_mask: withClass(kept),
    }),
  });
  return run.checks;
}

/** The inputs of whole numbers, where there is one: token ids by whatever name. */
const wholeNumbers = (given: HostInputs): HostTensor | undefined =>
  Object.values(given).find(({ data }) => data instanceof Int32Array);
