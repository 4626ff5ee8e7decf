import type { HostInputs, Method } from "../method.ts";
import { linear, linearSpecs } from "../nn/linear.ts";
import { logSoftmax, mean, mul, neg, oneHot, sum } from "../ops.ts";

/**
 * The same encoder trained with labels: a linear layer on its features and cross-entropy, nothing masked. What a method's
 * features are measured against. `width` is the number of features that `encode` gives.
 */
export function supervised<C>(method: Method<C>, width: number, classes: number): Method<C> {
  const { state: _, guide: __, pictures: ___, ...rest } = method;
  return {
    ...rest,
    id: `${method.id}-supervised`,
    specs: (c) => ({ ...method.specs(c), ...linearSpecs("supervised_head", width, classes) }),
    prepare: (c, batch: HostInputs) => ({ ...(method.arrange?.(c, batch) ?? batch), labels: batch.labels! }),
    evaluate: (c, p, inputs) => {
      const logits = linear(p, "supervised_head", method.encode(c, p, inputs)); // [N, classes]
      const wanted = oneHot(inputs.labels!, classes); // [N, classes]
      return { loss: neg(mean(sum(mul(logSoftmax(logits), wanted), -1))), outputs: { logits } };
    },
  };
}
