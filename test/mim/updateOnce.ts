/** The state of a method after one step, on the host. */
import type { HostInputs, Method } from "../../src/mim/method.ts";
import type { HostParams, Params } from "../../src/mim/nn/params.ts";
import { compile } from "../../src/mim/ops.ts";
import { readNamed, upload } from "../../src/mim/parity/evaluate.ts";

/** `outputs` are those that the update reads, by name. */
export async function updateOnce<C>(
  method: Method<C>,
  config: C,
  state: HostParams,
  params: HostParams,
  inputs: HostInputs,
  outputs: HostInputs = {},
): Promise<HostInputs> {
  const update = compile((s: Params, p: Params, x: Params, y: Params) => method.state!.update(config, s, p, x, y));
  const up = (record: HostInputs) => upload(record, "float64");
  return readNamed(update(up(state), up(params), up(inputs), up(outputs)));
}
