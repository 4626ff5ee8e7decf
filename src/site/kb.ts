/** The knowledge base as pages see it. */
import { openKb } from "../kb/open.ts";

export const db = openKb();

export const benchmarks = {
  "imagenet-1k": { name: "ImageNet-1K", task: "image classification", table: 2, metrics: { top1: "Top-1 accuracy" } },
  "ms-coco": {
    name: "MS COCO",
    task: "object detection and instance segmentation",
    table: 3,
    metrics: { map_box: "Box mAP", map_mask: "Mask mAP" },
  },
  "kinetics-400": {
    name: "Kinetics-400",
    task: "action classification in video",
    table: 4,
    metrics: { top1: "Top-1 accuracy" },
  },
} as const;
export type Benchmark = keyof typeof benchmarks;
export const metricNames = { top1: "Top-1 accuracy, %", map_box: "Box mAP, %", map_mask: "Mask mAP, %" } as const;
export type Metric = keyof typeof metricNames;

/** What each level of an implementation means. */
export const levels = {
  parity: "Its numbers equal those of the authors' code",
  mechanism: "What sets the method apart is there and tested",
  framework: "The generic algorithm with the paper's settings",
} as const;
export const axisNames = {
  masking: "Masking",
  target: "Target",
  objective: "Objective",
  architecture: "Architecture",
} as const;
