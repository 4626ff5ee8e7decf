import type { HostTensor } from "../method.ts";
import { type ClMaeConfig, clMae, scorerLoss } from "../methods/clMae.ts";
import { zeros } from "../ops.ts";
import { partnerToAdversary } from "../schedule/partnerToAdversary.ts";
import { type Check, check, checkGradients, checkModel, gradientStats, type RunDType } from "./compare.ts";
import { evaluateWithGradients, sameNames } from "./evaluate.ts";
import { type Fixture, type Gradients, hosts, type JsonTensor, options } from "./fixture.ts";
import { MAE_OPTIONS, maeConfig } from "./mae.ts";
import { recordedDraws } from "./recordedDraws.ts";

type Section = Readonly<Record<string, JsonTensor>> & { readonly grads: Gradients };

const OPTIONS = {
  ...MAE_OPTIONS,
  lambda_gauss: 1,
  lambda_kl: 0.01,
  lambda_diversity: 2,
  masking_net: { depth: 5, num_heads: 4, layer_norm_eps: 1e-5 },
};

/**
 * The gradients of a pass without those whole ones that contradict their own recorded norm: the recording kept references to
 * buffers that later passes wrote over, so only the last pass's whole gradients are its own.
 */
const ownGradients = ({ stats, full }: Gradients): Gradients => ({
  stats,
  full: Object.fromEntries(
    Object.entries(full).filter(([name, { data }]) => {
      const [own, recorded] = [gradientStats(data).l2, stats[name]?.l2 ?? 0];
      return Math.abs(own - recorded) <= 1e-3 * Math.max(own, recorded);
    }),
  ),
});

/** ristea/cl-mae: a step of the autoencoder, steps of the masking network at several factors, the factors themselves. */
export async function clMaeParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, OPTIONS);
  const { depth, num_heads: heads, layer_norm_eps: eps } = o.masking_net;
  const c: ClMaeConfig = {
    ...maeConfig(o),
    scorer: { depth, heads, eps },
    undecidedWeight: o.lambda_gauss,
    shareWeight: o.lambda_kl,
    likenessWeight: o.lambda_diversity,
  };
  const params = hosts(fixture.params);
  sameNames(Object.keys(clMae.specs(c)), Object.keys(params));
  const images = hosts(fixture.inputs).imgs!;
  const given = { images };
  const guide = (
    await evaluateWithGradients(
      (p, x) => ({ loss: zeros([]), outputs: clMae.guide!(c, p, x, {}) }),
      params,
      given,
      [],
      dtype,
    )
  ).outputs;
  const inputs = clMae.prepare(c, given, recordedDraws(fixture.draws), { step: 0, steps: 2 }, guide);
  const { grads: hardGrads, ...hardOutputs } = fixture.hard_mask as Section;
  const hard = await evaluateWithGradients(
    (p, x) => {
      const { outputs } = clMae.evaluate(c, p, x, {});
      return { loss: outputs.lossMae as never, outputs };
    },
    params,
    inputs,
    Object.keys(hardGrads.stats),
    dtype,
  );
  const checks = checkModel(
    { ...fixture, outputs: hardOutputs, grads: ownGradients(hardGrads) },
    {
      scores: guide.scores!,
      mask: inputs.mask!,
      ids_restore: inputs.idsRestore!,
      latent: hard.outputs.latent!,
      pred: hard.outputs.pred!,
      loss: hard.loss,
    },
    hard.grads,
    dtype,
  );
  for (const [i, { curriculum_factor: factor, grads, ...want }] of (fixture.soft_mask as Section[]).entries()) {
    const kappa: HostTensor = { shape: [], data: Float64Array.of(factor as unknown as number) };
    const soft = await evaluateWithGradients(
      (p, x) => scorerLoss(c, p, x.images!, x.factor!),
      params,
      { images, factor: kappa },
      Object.keys(grads.stats),
      dtype,
    );
    const names = {
      loss_recon: soft.outputs.lossSoft!,
      loss_gauss: soft.outputs.lossUndecided!,
      loss_kl: soft.outputs.lossShare!,
      loss_diversity: soft.outputs.lossLikeness!,
      loss: soft.loss,
    };
    checks.push(
      ...Object.entries(want).map(([name, x]) =>
        check(`soft_mask[${i}].${name}`, x, names[name as keyof typeof names], "forward", dtype),
      ),
      ...checkGradients(ownGradients(grads), soft.grads, dtype, `soft_mask[${i}].grads.`),
    );
  }
  const curricula = (fixture.curriculum ?? []) as readonly { epochs: number; factors: readonly number[] }[];
  curricula.forEach(({ epochs, factors }, i) => {
    const ours = factors.map((_, epoch) => partnerToAdversary(epoch, epochs));
    checks.push(check(`curriculum[${i}]`, factors, ours, "forward", dtype));
  });
  return checks;
}
