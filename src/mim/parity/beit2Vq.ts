import { followVectors, quantize } from "../nn/vectorQuantizer.ts";
import { add, mul, reshape, sum, type Tensor, transpose } from "../ops.ts";
import { kMeans } from "../target/kMeans.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import { evaluateWithGradients } from "./evaluate.ts";
import { type Fixture, host, type JsonTensor, options, type RecordedDraw } from "./fixture.ts";
import { recordedDraws } from "./recordedDraws.ts";

type Step = Readonly<
  Record<
    | "z"
    | "codebook_before"
    | "cluster_size_before"
    | "probe"
    | "z_q"
    | "loss"
    | "indices"
    | "grad_z"
    | "codebook_after"
    | "cluster_size_after",
    JsonTensor
  >
>;
interface KMeansCase {
  readonly samples: JsonTensor;
  readonly num_clusters: number;
  readonly num_iters: number;
  readonly draws: readonly RecordedDraw[];
  readonly means: JsonTensor;
  readonly bins: JsonTensor;
}

/** microsoft/unilm, beit2/norm_ema_quantizer.py. */
export async function beit2VqParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, { n_embed: 0, embedding_dim: 0, beta: 1, decay: 0.99 });
  const steps = fixture.steps as readonly Step[];
  // A recording that held on to the codebook itself shows the last one after every step; the next step's start is then
  // what a step left.
  const shared =
    steps.length > 1 && steps.every((s) => String(s.codebook_after.data) === String(steps[0]!.codebook_after.data));
  const checks: Check[] = [];
  for (const [i, step] of steps.entries()) {
    const [N, d, h, w] = step.z.shape as [number, number, number, number];
    const { outputs, grads } = await evaluateWithGradients(
      ({ z }, { codebook, clusterSize, probe }) => {
        const rows = (x: Tensor) => reshape(transpose(x, [0, 2, 3, 1]), [N * h * w, d]);
        const found = quantize(rows(z!), codebook!);
        const codes = transpose(reshape(found.codes, [N, h, w, d]), [0, 3, 1, 2]);
        const loss = mul(found.commitment, o.beta);
        const next = followVectors({ codebook: codebook!, clusterSize: clusterSize! }, found, o.decay);
        return {
          loss: add(loss, mul(sum(mul(codes, probe!)), 0.01)),
          outputs: { codes, loss, indices: found.indices, next },
        };
      },
      { z: host(step.z) },
      { codebook: host(step.codebook_before), clusterSize: host(step.cluster_size_before), probe: host(step.probe) },
      ["z"],
      dtype,
    );
    const left = shared ? steps[i + 1] : undefined;
    const codebook = left?.codebook_before ?? step.codebook_after;
    const sizes = left?.cluster_size_before ?? step.cluster_size_after;
    const prefix = `steps[${i}].`;
    checks.push(
      check(`${prefix}z_q`, step.z_q, outputs.codes, "forward", dtype),
      check(`${prefix}loss`, step.loss, outputs.loss, "forward", dtype),
      check(`${prefix}indices`, step.indices, outputs.indices, "exact", dtype),
      check(`${prefix}grad_z`, step.grad_z, grads.z, "gradient", dtype),
      check(`${prefix}codebook_after`, codebook, outputs["next.codebook"], "forward", dtype),
      check(`${prefix}cluster_size_after`, sizes, outputs["next.clusterSize"], "forward", dtype),
    );
  }
  const { samples, num_clusters, num_iters, draws, means, bins } = fixture.kmeans as KMeansCase;
  const d = samples.shape[1]!;
  const ours = kMeans(recordedDraws(draws), samples.data, d, num_clusters, num_iters);
  return [
    ...checks,
    check("kmeans.means", means, { shape: [num_clusters, d], data: ours.means }, "forward", dtype),
    check("kmeans.bins", bins, ours.counts, "exact", dtype),
  ];
}
