import { spectrum } from "../frequency/spectrum.ts";
import type { HostInputs, HostTensor, Inputs } from "../method.ts";
import { patchify } from "../nn/patchify.ts";
import { frequencyDistance } from "../objective/frequencyDistance.ts";
import { l2 } from "../objective/l2.ts";
import { maskedMean } from "../objective/maskedMean.ts";
import {
  abs,
  add,
  div,
  mean,
  mul,
  power,
  repeat,
  reshape,
  sigmoid,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tanh,
} from "../ops.ts";
import { normalizedPixels } from "../target/normalizedPixels.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import { evaluateWithGradients } from "./evaluate.ts";
import { type Fixture, hosts, isTensor, type JsonTensor, options, ParityError } from "./fixture.ts";

/** Options of Westlake-AI/openmixup, openmixup/models/heads/mim_head.py: MIMHead, and of the two other heads there. */
const OPTIONS = {
  head: "MIMHead",
  loss: { mode: "l1_loss" } as Readonly<Record<string, unknown>>,
  encoder_in_channels: 3,
  unmask_weight: 0,
  fft_weight: 0,
  fft_reweight: false,
  fft_focal: false,
  fft_unmask_replace: "",
  fft_unmask_weight: 0,
  norm_pix: false,
  patch_size: 16,
};
type Options = typeof OPTIONS;
const REGRESSION = {
  type: "RegressionLoss",
  mode: "l1_loss",
  loss_weight: 1,
  alpha: 0.2,
  gamma: 1,
  activate: "sigmoid",
  residual: false,
};

/** Options of FocalFrequencyLoss, openmixup/models/losses/focal_loss.py. */
const FOCAL_FREQUENCY = { loss_weight: 1, alpha: 1, ave_spectrum: false, log_matrix: false, batch_matrix: false };

interface Case {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly [name: string]: unknown;
}

/**
 * Westlake-AI/openmixup: on given images, predictions and masks the loss of A2MIM, of SimMIM's or MAE's head, or the focal
 * frequency loss alone. Cases stand in any list of the recording; each names its loss or head, or its list does.
 */
export async function a2mimParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const lists = Object.entries(fixture).filter(
    (entry): entry is [string, Case[]] => Array.isArray(entry[1]) && !["source", "notes", "draws"].includes(entry[0]),
  );
  const single: Case = { ...fixture.outputs, ...fixture.grads };
  const cases = lists.flatMap(([list, recorded]) => recorded.map((one, i) => [`${list}[${i}].`, list, one] as const));
  const checks: Check[] = [];
  for (const [at, list, recorded] of cases.length > 0 ? cases : [["outputs.", "", single] as const]) {
    const run = lossOf(fixture, list, recorded);
    const given = headInputs(fixture, recorded);
    const { loss, grads } = await evaluateWithGradients(
      ({ pred }, x) => ({ loss: run({ ...x, pred: pred! }), outputs: {} }),
      { pred: given.pred! },
      { images: given.images!, ...(given.mask && { mask: given.mask }) },
      ["pred"],
      dtype,
    );
    for (const name of ["loss", "value", "total"]) {
      if (isTensor(recorded[name]) || typeof recorded[name] === "number")
        checks.push(check(at + name, recorded[name] as JsonTensor, loss, "forward", dtype));
    }
    const slopes = Object.keys(recorded).filter((name) => /^grad/.test(name) && isTensor(recorded[name]));
    for (const name of slopes)
      checks.push(check(at + name, recorded[name] as JsonTensor, grads.pred, "gradient", dtype));
  }
  return checks;
}

/** What a case computes from images, prediction and mask. */
function lossOf(fixture: Fixture, list: string, recorded: Case): (x: Inputs) => Tensor {
  const named = [recorded.head, recorded.loss, recorded.name, recorded.kind, list].find((x) => typeof x === "string");
  const apart = Object.fromEntries(
    Object.entries(recorded).filter(([key, x]) => !isTensor(x) && (key in OPTIONS || key in FOCAL_FREQUENCY)),
  );
  const config = { ...fixture.config, ...apart, ...recorded.config };
  if (/focal_?freq|ffl/i.test(named as string)) {
    const { loss: _, ...own } = config as Record<string, unknown>;
    const f = options({ ...fixture, config: own }, FOCAL_FREQUENCY);
    const distance = {
      gamma: 2,
      averaged: f.ave_spectrum,
      focal: { gamma: f.alpha, log: f.log_matrix, overBatch: f.batch_matrix },
    };
    return ({ images, pred }) => mul(mean(frequencyDistance(pred!, images!, distance)), f.loss_weight);
  }
  const loss = typeof config.loss === "string" ? { mode: config.loss } : config.loss;
  const given = { ...config, ...(loss !== undefined && { loss }) };
  const o = options({ ...fixture, config: /Head$/.test(named as string) ? { ...given, head: named } : given }, OPTIONS);
  return (x) => headLoss(o, fixture, x);
}

function headInputs(fixture: Fixture, recorded: Case): HostInputs {
  const tensors = Object.entries({ ...fixture.inputs, ...recorded }).filter(([, x]) => isTensor(x));
  const all = hosts(Object.fromEntries(tensors) as Record<string, JsonTensor>);
  const one = (...names: string[]): HostTensor => {
    const found = names.find((name) => name in all);
    if (found === undefined)
      throw new ParityError(`inputs: expected ${names[0]}, found ${Object.keys(all).join(", ")}`);
    const x = all[found]!;
    return { shape: x.shape, data: Float64Array.from(x.data) };
  };
  return {
    images: one("imgs", "x", "img", "target", "images"),
    pred: one("x_rec", "pred", "rec"),
    ...("mask" in all && { mask: one("mask") }),
  };
}

function headLoss(o: Options, fixture: Fixture, { images, pred, mask }: Inputs): Tensor {
  if (o.head === "MAEPretrainHead") {
    const P = patchify(images!, o.patch_size);
    return maskedMean(l2(pred!, o.norm_pix ? normalizedPixels(P) : P), mask!);
  }
  const hidden = enlarged(mask!, images!);
  if (o.head === "SimMIMHead") return overHidden(o, abs(sub(pred!, images!)), hidden);
  if (o.head !== "MIMHead") {
    throw new ParityError(`config.head: expected MIMHead, SimMIMHead or MAEPretrainHead, found ${o.head}`);
  }
  const regression = options({ ...fixture, config: o.loss }, REGRESSION);
  const shares = add(mul(sub(1, hidden), o.unmask_weight), hidden);
  const difference = sub(pred!, images!);
  const ofPixels = overHidden(o, elementwise(regression, abs(difference), square(difference)), shares);
  if (o.fft_weight === 0) return ofPixels;
  const own = add(mul(sub(1, hidden), o.fft_unmask_weight), hidden);
  const shown = o.fft_unmask_weight < 1 ? add(mul(pred!, own), mul(standIn(o, images!, pred!), sub(1, own))) : pred!;
  return add(ofPixels, mul(ofSpectra(o, regression, shown, images!), o.fft_weight));
}

/** Sum over the weighted pixels, over their weight and the channels. */
const overHidden = (o: Options, losses: Tensor, weights: Tensor): Tensor =>
  div(div(sum(mul(losses, weights)), add(sum(weights), 1e-5)), o.encoder_in_channels);

/** Mask [N, h, w] or [N, 1, H, W] at the images' size. */
function enlarged(mask: Tensor, images: Tensor): Tensor {
  const [N, h, w] = (mask.ndim === 4 ? [mask.shape[0], ...mask.shape.slice(2)] : mask.shape) as [
    number,
    number,
    number,
  ];
  const map = reshape(mask, [N, 1, h, w]);
  return repeat(repeat(map, images.shape[2]! / h, 2), images.shape[3]! / w, 3);
}

/** Regression losses by their moduli and squares; the focal ones weigh each difference by its own size. */
function elementwise(r: typeof REGRESSION, modulus: Tensor, squares: Tensor): Tensor {
  const plain = /mse/.test(r.mode) ? squares : modulus;
  if (!["l1_loss", "mse_loss", "focal_l1_loss", "focal_mse_loss"].includes(r.mode)) {
    throw new ParityError(`config.loss.mode: expected l1_loss, mse_loss or their focal forms, found ${r.mode}`);
  }
  const scaled = mul(modulus, r.alpha);
  const size = r.activate === "tanh" ? tanh(scaled) : sub(mul(sigmoid(scaled), 2), 1);
  const focal = mul(plain, r.gamma === 1 ? size : power(size, r.gamma));
  const loss = r.mode.startsWith("focal") ? (r.residual ? add(focal, plain) : focal) : plain;
  return mul(loss, r.loss_weight);
}

/** What stands in the visible part of the prediction; no gradient flows through it. */
function standIn(o: Options, images: Tensor, pred: Tensor): Tensor {
  const own = stopGradient(pred);
  if (o.fft_unmask_replace === "prediction") return own;
  if (o.fft_unmask_replace === "mean") return mean(images, [2, 3], { keepdims: true });
  if (o.fft_unmask_replace === "mixed") return mul(add(own, images), 0.5);
  return images;
}

function ofSpectra(o: Options, regression: typeof REGRESSION, shown: Tensor, images: Tensor): Tensor {
  if (o.fft_focal) {
    return mean(frequencyDistance(shown, images, { gamma: 2, averaged: true, focal: { log: true, overBatch: true } }));
  }
  const { re, im } = spectrum(sub(shown, images));
  const squares = add(square(re), square(im));
  const losses = elementwise(regression, sqrt(add(squares, 1e-24)), squares);
  return mean(o.fft_reweight ? mul(stopGradient(losses), losses) : losses);
}
