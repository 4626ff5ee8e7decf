import { bySliceMaximum, keepStrongest } from "../masking/coloredNoise.ts";
import { cases } from "./cases.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import { type Fixture, type JsonTensor, ParityError } from "./fixture.ts";

interface Case {
  readonly kind: string;
  readonly window?: JsonTensor;
  readonly mask_ratio?: number;
  readonly mask?: JsonTensor;
  readonly ids_restore?: JsonTensor;
  readonly ids_keep?: JsonTensor;
  readonly x?: JsonTensor;
  readonly out?: JsonTensor;
}
const FIELDS = ["kind", "window", "mask_ratio", "mask", "ids_restore", "ids_keep", "x", "out"];

/** carlosh93/ColorMAE, models/utils/masking_generator.py: from a window to its mask. */
export const maskColormaeParity = async (fixture: Fixture, dtype: RunDType): Promise<Check[]> =>
  cases<Case>(fixture, FIELDS).flatMap((recorded, i) => {
    const at = `cases[${i}].`;
    if (recorded.kind === "normalize_by_slice_max") {
      const { x, out } = recorded as Required<Case>;
      const data = bySliceMaximum(Float64Array.from(x.data), x.shape[0]!);
      return [check(`${at}out`, out, { shape: x.shape, data }, "forward", dtype)];
    }
    if (recorded.kind !== "window_to_mask") {
      throw new ParityError(`${at}kind: expected window_to_mask or normalize_by_slice_max, found ${recorded.kind}`);
    }
    const { window, mask_ratio, mask, ids_restore, ids_keep } = recorded as Required<Case>;
    const [N, L] = mask.shape as [number, number];
    const ours = keepStrongest(Float64Array.from(window.data), N, L, mask_ratio);
    return [
      check(`${at}mask`, mask, { shape: [N, L], data: ours.mask }, "exact", dtype),
      check(`${at}ids_restore`, ids_restore, { shape: [N, L], data: ours.idsRestore }, "exact", dtype),
      check(`${at}ids_keep`, ids_keep, { shape: [N, ours.idsKeep.length / N], data: ours.idsKeep }, "exact", dtype),
    ];
  });
