import type { Draws } from "../draws.ts";
import { type KeepMask, keepSmallest } from "./random.ts";

/**
 * Masks one modality by what another hides at the same place: other [N, L], 1 where the other modality hides something. With
 * `align` "complement" the places that the other hides are kept first, so that each modality shows what the other does not;
 * with "same" they are hidden first. Within both groups at random; ⌈L (1 - maskRatio)⌉ are kept. PiMAE, Chen et al. 2023,
 * §3; BLVLab/PiMAE, shuffle_to_pc_mask of pimae.py, where `other` marks the picture's patches onto which hidden point groups project.
 */
export function complementaryMasking(
  draws: Draws,
  other: ArrayLike<number>,
  [N, L]: readonly [number, number],
  { maskRatio, align }: { readonly maskRatio: number; readonly align: "complement" | "same" },
): KeepMask {
  const noise = draws.uniform(N * L, 0, 0.5).map((u, i) => (align === "complement" ? -(other[i]! + u) : other[i]! + u));
  return keepSmallest(noise, N, L, Math.ceil(L * (1 - maskRatio)));
}
