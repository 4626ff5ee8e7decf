import type { HostTensor } from "../method.ts";

/** An object's box in cells of a map, edges included and excluded, and its class. */
interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly kind: number;
}

/** What a detector by centres is to say, maps of h x w cells. */
export interface CenterMaps {
  /** [N, classes, h, w], 1 in a centre's cell, falling off with a sixth of the box's sides as deviations. */
  readonly heat: HostTensor;
  /** [N, 1, h, w], 1 in a centre's cell. */
  readonly centers: HostTensor;
  /** [N, 2, h, w], height and width of the box in cells, in its centre's cell. */
  readonly sizes: HostTensor;
}

/**
 * Targets of a detector by centres from maps of object numbers and of classes, [N, 1, H, W], 0 ground. CenterNet, Zhou et al. 2019,
 * Objects as Points, §3, without offsets inside a cell.
 */
export function centerMaps(instances: HostTensor, kinds: HostTensor, classes: number, stride: number): CenterMaps {
  const [N, , H, W] = instances.shape as [number, number, number, number];
  const [h, w] = [H / stride, W / stride];
  const heat = new Float32Array(N * classes * h * w);
  const centers = new Float32Array(N * h * w);
  const sizes = new Float32Array(N * 2 * h * w);
  for (let n = 0; n < N; n++) {
    for (const box of boxesOf(instances.data.subarray(n * H * W), kinds.data.subarray(n * H * W), [H, W], stride)) {
      const [height, width] = [box.bottom - box.top, box.right - box.left];
      const [y, x] = [Math.floor((box.top + box.bottom) / 2), Math.floor((box.left + box.right) / 2)];
      centers[(n * h + y) * w + x] = 1;
      sizes[(2 * n * h + y) * w + x] = height;
      sizes[((2 * n + 1) * h + y) * w + x] = width;
      for (let i = 0; i < h * w; i++) {
        const [down, across] = [(Math.floor(i / w) - y) / (height / 6), ((i % w) - x) / (width / 6)];
        const at = (n * classes + box.kind - 1) * h * w + i;
        heat[at] = Math.max(heat[at]!, Math.exp(-(down * down + across * across) / 2));
      }
    }
  }
  return {
    heat: { shape: [N, classes, h, w], data: heat },
    centers: { shape: [N, 1, h, w], data: centers },
    sizes: { shape: [N, 2, h, w], data: sizes },
  };
}

function boxesOf(
  instances: ArrayLike<number>,
  kinds: ArrayLike<number>,
  [H, W]: readonly [number, number],
  stride: number,
): Box[] {
  const boxes = new Map<number, Box>();
  for (let i = 0; i < H * W; i++) {
    const object = instances[i]!;
    if (object === 0) continue;
    const [y, x] = [Math.floor(i / W), i % W];
    const old = boxes.get(object) ?? { top: y, left: x, bottom: y + 1, right: x + 1, kind: kinds[i]! };
    boxes.set(object, {
      top: Math.min(old.top, y),
      left: Math.min(old.left, x),
      bottom: Math.max(old.bottom, y + 1),
      right: Math.max(old.right, x + 1),
      kind: old.kind,
    });
  }
  const cells = (edge: number) => edge / stride;
  return [...boxes.values()].map((b) => ({
    top: cells(b.top),
    left: cells(b.left),
    bottom: cells(b.bottom),
    right: cells(b.right),
    kind: b.kind,
  }));
}
