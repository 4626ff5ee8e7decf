/**
 * Weight that turns a partner into an adversary: from 1 at step 0 down by equal amounts to -1 at the last step, without
 * ever being 0. CL-MAE (Madan et al. 2024), main_pretrain.py.
 */
export const partnerToAdversary = (step: number, steps: number): number =>
  1 - (2 * (step < steps / 2 ? step : step + 1)) / steps;
