import { mae } from "../methods/mae.ts";
import type { Params } from "../nn/params.ts";
import { compile, dispose, read, type Tensor, type Tree } from "../ops.ts";
import { adamW } from "../optim/adamW.ts";
import { clipGradients, globalNorm } from "../optim/clipGradients.ts";
import { lars } from "../optim/lars.ts";
import type { Optimizer, OptimizerState } from "../optim/optimizer.ts";
import { sgd } from "../optim/sgd.ts";
import { type StepRuleOptions, stepRules } from "../optim/stepRules.ts";
import { cosineValues } from "../schedule/cosine.ts";
import { warmupCosine } from "../schedule/warmupCosine.ts";
import { type Check, check, type RunDType } from "./compare.ts";
import { upload } from "./evaluate.ts";
import { type Fixture, hosts, type JsonTensor, ParityError } from "./fixture.ts";
import { MAE_OPTIONS, maeConfig } from "./mae.ts";

interface Schedules {
  readonly mae_lr: {
    readonly config: Readonly<Record<"lr" | "min_lr" | "warmup_epochs" | "epochs", number>>;
    readonly values: readonly { readonly epoch: number; readonly lr: number }[];
  };
  readonly cosine: readonly {
    readonly args: Readonly<Record<"base_value" | "final_value" | "epochs" | "niter_per_ep", number>> & {
      readonly warmup_epochs?: number;
      readonly start_warmup_value?: number;
    };
    readonly out: JsonTensor;
  }[];
}
interface Group {
  readonly lr_scale?: number;
  readonly weight_decay: number;
  readonly params: readonly string[];
}
interface Settings {
  readonly lr: number;
  readonly weight_decay: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly momentum?: number;
  readonly trust_coefficient?: number;
}
interface Run {
  readonly W0: JsonTensor;
  readonly b0: JsonTensor;
  readonly steps: readonly (Readonly<Record<"grad_W" | "grad_b" | "W" | "b", JsonTensor>> & {
    readonly clip: number | null;
    readonly norm_before_clip: JsonTensor | null;
  })[];
}

const OPTIMIZERS: Readonly<Record<string, (settings: Settings) => Optimizer>> = {
  AdamW: ({ betas, eps }) => adamW({ ...(betas && { betas }), ...(eps !== undefined && { eps }) }),
  SGD_momentum: ({ momentum }) => sgd(momentum === undefined ? {} : { momentum }),
  LARS: ({ momentum, trust_coefficient: trust }) =>
    lars({ ...(momentum !== undefined && { momentum }), ...(trust !== undefined && { trustCoefficient: trust }) }),
};

/** Learning rates, parameter groups and optimizer steps; a recorded clipped gradient is first scaled back up. */
export async function schedulesOptimParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const checks = [...scheduleChecks(fixture.schedules as Schedules, dtype), ...groupChecks(fixture, dtype)];
  for (const [name, run] of Object.entries(fixture.optimizer_steps as Record<string, Run>)) {
    checks.push(...(await stepChecks(name, (fixture.optimizers as Record<string, Settings>)[name]!, run, dtype)));
  }
  return checks;
}

function scheduleChecks({ mae_lr: rate, cosine }: Schedules, dtype: RunDType): Check[] {
  const { lr, min_lr: end, warmup_epochs: warmup, epochs: total } = rate.config;
  return [
    ...rate.values.map(({ epoch, lr: expected }) =>
      check(`mae_lr.${epoch}`, expected, warmupCosine(epoch, { peak: lr, end, warmup, total }), "forward", dtype),
    ),
    ...cosine.map(({ args: a, out }, i) => {
      const warmup = (a.warmup_epochs ?? 0) * a.niter_per_ep;
      const ours = cosineValues(a.base_value, a.final_value, a.epochs * a.niter_per_ep, {
        warmup,
        warmupStart: a.start_warmup_value ?? 0,
      });
      return check(`cosine.${i}`, out, ours, "forward", dtype);
    }),
  ];
}

/** The groups of an MAE as deep as the recorded names say. */
function groupChecks(fixture: Fixture, dtype: RunDType): Check[] {
  const decayed = fixture.layer_decay as { weight_decay: number; layer_decay: number; groups: readonly Group[] };
  const plain = fixture.weight_decay_groups_timm as readonly Group[];
  const names = decayed.groups.flatMap(({ params }) => params);
  const count = (prefix: string) => new Set(names.flatMap((name) => name.match(`^${prefix}\\.\\d+`) ?? [])).size;
  const depth = count("blocks");
  const specs = mae.specs(maeConfig({ ...MAE_OPTIONS, depth, decoder_depth: count("decoder_blocks"), embed_dim: 16 }));
  const compare = (label: string, groups: readonly Group[], options: StepRuleOptions): Check[] => {
    const rules = stepRules(specs, options);
    const listed = groups.flatMap(({ params }) => params);
    return [
      check(`${label}.count`, listed.length, Object.keys(rules).length, "exact", dtype),
      ...groups.flatMap(({ lr_scale, weight_decay, params }) =>
        params.map((name) =>
          check(
            `${label}.${name}`,
            [lr_scale ?? 1, weight_decay],
            rules[name] && [rules[name].lrScale, rules[name].weightDecay],
            "forward",
            dtype,
          ),
        ),
      ),
    ];
  };
  return [
    ...compare("layer_decay", decayed.groups, {
      weightDecay: decayed.weight_decay,
      noDecay: ["cls_token"],
      layerDecay: { factor: decayed.layer_decay, depth },
    }),
    ...compare("weight_decay", plain, { weightDecay: Math.max(...plain.map((group) => group.weight_decay)) }),
  ];
}

async function stepChecks(name: string, settings: Settings, run: Run, dtype: RunDType): Promise<Check[]> {
  const make = OPTIMIZERS[name];
  if (!make) {
    throw new ParityError(`optimizers.${name}: expected ${Object.keys(OPTIMIZERS).join(", ")}, found ${name}`);
  }
  const optimizer = make(settings);
  const rule = { lrScale: 1, weightDecay: settings.weight_decay };
  const update = (maxNorm: number | null) =>
    compile((params: Params, state: OptimizerState, grads: Params, lr: number) => {
      const clipped = maxNorm === null ? undefined : clipGradients(grads, maxNorm);
      const next = optimizer.update(state, params, clipped?.grads ?? grads, lr, { W: rule, b: rule });
      return { ...next, norm: clipped?.norm ?? globalNorm(grads) } as unknown as Tree;
    });
  let params = upload(hosts({ W: run.W0, b: run.b0 }), dtype) as Params;
  let state = optimizer.init(params);
  const checks: Check[] = [];
  for (const [i, step] of run.steps.entries()) {
    const recorded = hosts({ W: step.grad_W, b: step.grad_b });
    const before = step.norm_before_clip?.data[0];
    const scale = step.clip === null || before === undefined ? 1 : Math.max(1, (before + 1e-6) / step.clip);
    const whole = Object.fromEntries(
      Object.entries(recorded).map(([key, g]) => [key, { ...g, data: (g.data as Float64Array).map((x) => x * scale) }]),
    );
    const grads = upload(whole, dtype);
    const next = update(step.clip)(params, state, grads, settings.lr) as unknown as {
      params: Params;
      state: OptimizerState;
      norm: Tensor;
    };
    dispose([params, state, grads] as unknown as Tree);
    ({ params, state } = next);
    if (before !== undefined) checks.push(check(`${name}.${i}.norm`, before, await read(next.norm), "forward", dtype));
    for (const key of ["W", "b"] as const) {
      checks.push(check(`${name}.${i}.${key}`, step[key], await read(params[key]!), "forward", dtype));
    }
    next.norm.dispose();
  }
  dispose([params, state] as unknown as Tree);
  return checks;
}
