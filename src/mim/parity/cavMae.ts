import { type CavMaeConfig, cavMae } from "../methods/cavMae.ts";
import { type Check, closest, type RunDType } from "./compare.ts";
import { type Fixture, hosts, normalizationEps, ParityError } from "./fixture.ts";
import { maeOptions } from "./mae.ts";
import { evaluationParity, modelParams } from "./model.ts";
import { recordedDraws } from "./recordedDraws.ts";

/** Options of YuanGongND/cav-mae, src/models/cav_mae.py, beside those of MAE. */
const OPTIONS = {
  embed_dim: 768,
  num_heads: 12,
  audio_length: 1024,
  mel_bins: 128,
  modality_specific_depth: 11,
  unified_depth: 0,
  mask_ratio_a: 0.75,
  mask_ratio_v: 0.75,
  mae_loss_weight: 1,
  contrast_loss_weight: 0.01,
  mask_mode: "unstructured",
  tr_pos: false,
};

/** YuanGongND/cav-mae, src/models/cav_mae.py. */
export async function cavMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = maeOptions(fixture, { ...OPTIONS, layer_norm_eps: normalizationEps(fixture, "norm", 1e-5) });
  if (o.mask_mode !== "unstructured") {
    throw new ParityError(`config.mask_mode: expected unstructured, found ${o.mask_mode}`);
  }
  const given = hosts(fixture.inputs);
  const audio = given.audio ?? given.a ?? given.fbank ?? given.spec;
  const images = given.imgs ?? given.v ?? given.image ?? given.images;
  if (!audio || !images) {
    throw new ParityError(`inputs: expected audio and imgs, found ${Object.keys(given).join(", ")}`);
  }
  const [N, T, F] = audio.shape as [number, number, number];
  const c: CavMaeConfig = {
    imageSize: [images.shape[2]!, images.shape[3]!],
    soundSize: [T, F],
    patchSize: o.patch_size,
    channels: o.in_chans,
    dim: o.embed_dim,
    depth: o.modality_specific_depth,
    sharedDepth: o.unified_depth || sharedBlocks(fixture) || 12 - o.modality_specific_depth,
    heads: o.num_heads,
    mlpRatio: o.mlp_ratio,
    decoderDim: o.decoder_embed_dim,
    decoderDepth: o.decoder_depth,
    decoderHeads: o.decoder_num_heads,
    eps: o.layer_norm_eps,
    soundMaskRatio: o.mask_ratio_a,
    maskRatio: o.mask_ratio_v,
    normalizedTarget: o.norm_pix_loss,
    temperature: 0.05,
    contrastWeight: o.contrast_loss_weight,
    reconstructionWeight: o.mae_loss_weight,
  };
  const params = modelParams(fixture, Object.keys(cavMae.specs(c)));
  const spectrograms = { shape: [N, 1, T, F], data: audio.data };
  const draws = recordedDraws(fixture.draws);
  const inputs = cavMae.prepare(c, { images, spectrograms }, draws, { step: 0, steps: 1 });
  const run = await evaluationParity(fixture, dtype, {
    evaluate: (p, x) => cavMae.evaluate(c, p, x, {}),
    params,
    inputs,
    rename: (_, ours) => {
      const weighed = ours.lossC!;
      const plain = { shape: [], data: Float64Array.from(weighed.data, (x) => x / c.contrastWeight) };
      return {
        ids_restore_a: inputs.idsRestore_a!,
        ids_restore_v: inputs.idsRestore_v!,
        latent: ours.joint!,
        latent_c_a: ours.soundOnly!,
        latent_c_v: ours.pictureOnly!,
        ca: ours.soundOnly!,
        cv: ours.pictureOnly!,
        pred_a: ours.predA!,
        pred_v: ours.predV!,
        loss_mae_a: ours.lossA!,
        loss_mae_v: ours.lossV!,
        loss_mae: ours.lossMae!,
        loss_c: closest(fixture.outputs?.loss_c, weighed, plain),
        nce: plain,
        c_acc: rightlyPicked(ours.meanA!.data, ours.meanV!.data, N),
      };
    },
  });
  return run.checks;
}

/** Shared blocks by the parameters' names: the released 12 less the separate ones are many for a small recording. */
const sharedBlocks = (fixture: Fixture): number =>
  Object.keys(fixture.params ?? {}).filter((name) => /^blocks_u\.\d+\.norm1\.weight$/.test(name)).length;

/** Share of the pictures whose own sound is the most alike; features [N, D] by rows. */
function rightlyPicked(sounds: ArrayLike<number>, pictures: ArrayLike<number>, N: number): number {
  const rows = (x: ArrayLike<number>) =>
    Array.from({ length: N }, (_, n) => Array.from(x).slice((n * x.length) / N, ((n + 1) * x.length) / N));
  const cosine = (u: number[], v: number[]) => u.reduce((sum, x, i) => sum + x * v[i]!, 0) / Math.hypot(...u);
  const [A, V] = [rows(sounds), rows(pictures)];
  const right = V.filter((v, n) => {
    const similarity = A.map((a) => cosine(a, v));
    return similarity.indexOf(Math.max(...similarity)) === n;
  });
  return right.length / N;
}
