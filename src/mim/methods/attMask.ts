/**
 * AttMask. Kakogeorgiou et al. 2022, What to Hide from Your Students: Attention-Guided Masked Image Modeling, §3; released as
 * gkakogeorgiou/attmask. iBOT's distillation with masks that come from the teacher:
 *
 *   1  teacher on two whole views; a = attention of the class token to the patches in the last block,
 *      mean over heads                                                                          [2N, L]
 *   2  one share r for the batch; High hides the ⌊r L⌋ patches of largest a, Low those of least;
 *      a view is masked at all with probability p                                               mask [2N, L]
 *      Hint: ⌊s r' L⌋ of the ⌊s L⌋ patches of largest a are shown again, r' drawn as r is
 *   3  P⁺ = softmax((teacher's scores - centre) / τ_t), without gradient                        [2N, K], [2N, L, K]
 *   4  student on both views, the mask token in place of masked patches, and on small crops     [2N, K], [2N, L, K]
 *   5  loss = λ₁ H across views at class tokens + λ₂ H at masked patches of one view            []
 *   6  teacher and centres follow by running means
 *
 * What the student would find easiest to make up from its surroundings, background, stays; what the teacher looks at has to be
 * foretold. The survey (§3.1) speaks of the teacher's features as target; paper and release distil its class distributions.
 * Differs from the released code: small crops are cut out of the second view and not resized, and the head's directions
 * keep their length (`--norm_last_layer True`; its ViT-S runs let it go).
 */
import { patchGrid } from "../architecture/asymmetricViT.ts";
import { classAttention } from "../architecture/classAttention.ts";
import { encodeReplaced } from "../architecture/replaceTokenViT.ts";
import { attentionGuidedMasking } from "../masking/attentionGuided.ts";
import { drawnShare } from "../masking/drawnShare.ts";
import type { Method } from "../method.ts";
import { under } from "../nn/params.ts";
import { concat } from "../ops.ts";
import { backboneOf, type IbotConfig, ibot, maskedViews, TEACHER } from "./ibot.ts";

export interface AttMaskConfig extends IbotConfig {
  /** Which end of the teacher's attention is hidden. */
  readonly hide: "high" | "low";
  /** p, share of the views that are masked. */
  readonly probability: number;
  /** s, share of the most attended patches among which Hint shows some; without it none are shown. */
  readonly hintsAmong?: number;
}

export const attMask: Method<AttMaskConfig> = {
  ...ibot,
  id: "attmask",
  title: "AttMask",
  paper: "kakogeorgiou2022attmask",
  source: "Kakogeorgiou et al. 2022, §3; gkakogeorgiou/attmask, main_attmask.py; survey §3.1",
  recipe: {
    ...ibot.recipe,
    masking: { file: "masking/attentionGuided", does: "the patches that the teacher's class token attends to most" },
  },
  published: {
    maskRatio: { value: "0.1 to 0.5, one for each batch", source: "gkakogeorgiou/attmask, README, --pred_ratio 0.3" },
    probability: { value: 0.5, source: "gkakogeorgiou/attmask, README, --masking_prob" },
    hintsAmong: { value: 0.1, source: "gkakogeorgiou/attmask, README, --show_max, Hint only" },
    directions: { value: "8192, head shared", source: "gkakogeorgiou/attmask, README, --out_dim" },
    classTemperature: { value: "0.04 to 0.07 in 30 epochs", source: "gkakogeorgiou/attmask, README, --teacher_temp" },
    momentum: { value: "0.996 to 1, cosine", source: "gkakogeorgiou/attmask, README, --momentum_teacher" },
    crops: { value: 10, source: "gkakogeorgiou/attmask, README, --local_crops_number" },
    epochs: { value: 100, source: "gkakogeorgiou/attmask, README" },
  },
  evidence: { level: "mechanism", proof: "test/mim/methods/attMask.test.ts" },
  toy: {
    ...ibot.toy,
    steps: 160,
    config: {
      ...ibot.toy.config,
      maskRatios: [{ middle: 0.3, spread: 0.2 }],
      hide: "high",
      probability: 0.5,
      classTemperature: { start: 0.04, end: 0.07, share: 0.3 },
    },
  },
  guide: (c, _, { images, views }, state) => {
    const both = concat([images!, views!], 0); //                                                  [2N, C, H, W]
    const { weights } = encodeReplaced(backboneOf(c), under(state, `${TEACHER}backbone.`), both);
    return { attention: classAttention(weights.at(-1)!) }; //                                 1    [2N, L]
  },
  prepare: (c, batch, draws, progress, guide) => {
    const N = 2 * batch.images!.shape[0]!;
    const { L } = patchGrid(c);
    const maskRatio = drawnShare(draws, c.maskRatios);
    const shown = drawnShare(draws, c.maskRatios);
    const mask = attentionGuidedMasking(draws, guide!.attention!.data, [N, L], {
      maskRatio,
      hide: c.hide,
      probability: c.probability,
      ...(c.hintsAmong && { hints: { show: c.hintsAmong * shown, among: c.hintsAmong } }),
    }); //                                                                                    2    [2N, L]
    return maskedViews(c, batch, draws, progress, { shape: [N, L], data: mask });
  },
};
