import type { HostTensor } from "../method.ts";
import { beit } from "../methods/beit.ts";
import { BEIT_VIT_OPTIONS, beitVit } from "./beitVit.ts";
import type { Actual, Check, RunDType } from "./compare.ts";
import { type Fixture, options } from "./fixture.ts";
import { modelParity } from "./model.ts";

/** microsoft/unilm, beit/modeling_pretrain.py; the token ids are given. */
export async function beitParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, {
    ...BEIT_VIT_OPTIONS,
    vocab_size: 8192,
    num_masking_patches: 75,
    min_num_patches: 16,
    max_num_patches: null as number | null,
    min_aspect: 0.3,
    layer_norm_eps: 1e-6,
  });
  const c = {
    ...beitVit(o, o.layer_norm_eps),
    vocabulary: o.vocab_size,
    blocks: {
      hidden: o.num_masking_patches,
      minBlock: o.min_num_patches,
      ...(o.max_num_patches !== null && { maxBlock: o.max_num_patches }),
      minAspect: o.min_aspect,
    },
  };
  const { token_ids, ...inputs } = fixture.inputs!;
  const given = { ...fixture, inputs: { ...inputs, tokenIds: token_ids! } };
  const { checks } = await modelParity(beit, c, given, dtype, (prepared, outputs) => ({
    mask: prepared.mask!,
    logits_masked: maskedRows(outputs.logits!, prepared.mask!),
    labels: maskedRows(prepared.tokenIds!, prepared.mask!),
  }));
  return checks;
}

/** The rows of [N, L, ...] where the mask [N, L] is 1, one after another. */
export function maskedRows({ shape, data }: HostTensor, mask: HostTensor): Actual {
  const width = data.length / mask.data.length;
  const rows = Array.from(mask.data).flatMap((hidden, i) =>
    hidden ? [...data.slice(i * width, (i + 1) * width)] : [],
  );
  return { shape: [rows.length / width, ...shape.slice(2)], data: Float64Array.from(rows) };
}
