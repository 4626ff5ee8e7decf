/**
 * SemMAE. Li et al. 2022, SemMAE: Semantic-Guided Masking for Learning Masked Autoencoders (ucasligang/SemMAE).
 *
 *   1  A = part maps of a frozen first stage (methods/semMaeParts.ts); each patch goes to its strongest part   [N, L]
 *   2  of part k, of n_k patches, m_k are hidden:
 *      m_k = round(λ round(r n_k) + (1 - λ) whole_k), whole_k fills parts in random order until r L is reached;
 *      λ falls from 1 to 0 by half a cosine, from some patches of every part to whole parts
 *   3  the rest is MAE                                                          loss []
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import { semanticPartsMasking } from "../masking/semanticParts.ts";
import { type HostTensor, type Method, teacherOf } from "../method.ts";
import { prefixed, under } from "../nn/params.ts";
import { frozen } from "../state/frozen.ts";
import { type MaeConfig, mae } from "./mae.ts";
import { partMaps, type SemMaePartsConfig, semMaeParts } from "./semMaeParts.ts";

export interface SemMaeConfig extends MaeConfig {
  readonly stage1: SemMaePartsConfig;
}

const STAGE1 = "stage1.";

export const semMae: Method<SemMaeConfig> = {
  ...mae,
  id: "semmae",
  title: "SemMAE",
  paper: "li2022semmae",
  source: "Li et al. 2022; ucasligang/SemMAE, models_mae_setting3.py and engine_pretrain_setting3.py",
  recipe: {
    ...mae.recipe,
    masking: { file: "masking/semanticParts", does: "75 %, from a share of every learned part to whole parts" },
  },
  published: {
    maskRatio: { value: 0.75, source: "ucasligang/SemMAE, models_mae_setting3.py" },
    parts: { value: 7, source: "ucasligang/SemMAE, models_mae_setting3.py" },
    evenness: { value: "1 to 0 by half a cosine over 800 epochs", source: "engine_pretrain_setting3.py" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/semMae.test.ts" },
  toy: { ...mae.toy, batch: 48, steps: 300, config: { ...mae.toy.config, stage1: semMaeParts.toy.config } },
  state: {
    init: (c) => frozen(prefixed(STAGE1, semMaeParts.specs(c.stage1))).init(),
    update: (_, stage1) => stage1,
  },
  teachers: (c) => [teacherOf({ prefix: STAGE1, method: semMaeParts, config: c.stage1, steps: 200, lr: 1e-3 })],
  guide: (c, _, { images }, stage1) => ({ maps: partMaps(c.stage1, under(stage1, STAGE1), images!) }), //   1
  prepare: (c, { images }, draws, { step, steps }, guide) => {
    const N = images!.shape[0]!;
    const { L } = patchGrid(c);
    const { idsKeep, idsRestore, mask } = semanticPartsMasking(draws, strongest(guide!.maps!), [N, L], {
      maskRatio: c.maskRatio,
      parts: c.stage1.parts,
      evenness: partEvenness(step, steps),
    }); //                                                                                                  2
    return {
      images: images!,
      idsKeep: { shape: [N, idsKeep.length / N], data: idsKeep },
      idsRestore: { shape: [N, L], data: idsRestore },
      mask: { shape: [N, L], data: mask },
    };
  },
};

/** λ at a step, counted from 0: 1 hides the same share of every part, 0 whole parts. */
export const partEvenness = (step: number, steps: number): number => (1 + Math.cos((Math.PI * (step + 1)) / steps)) / 2;

/** The part with the largest value at each patch: maps [N, K, L] -> [N, L]. */
function strongest({ shape, data }: HostTensor): Int32Array {
  const [N, K, L] = shape as [number, number, number];
  return Int32Array.from({ length: N * L }, (_, i) => {
    const [n, l] = [Math.floor(i / L), i % L];
    let best = 0;
    for (let k = 1; k < K; k++) if (data[(n * K + k) * L + l]! > data[(n * K + best) * L + l]!) best = k;
    return best;
  });
}
