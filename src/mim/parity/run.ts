import { a2mimParity } from "./a2mim.ts";
import { attmaskParity } from "./attmask.ts";
import { audioMaeParity } from "./audioMae.ts";
import { beitParity } from "./beit.ts";
import { beit2VqParity } from "./beit2Vq.ts";
import { cavMaeParity } from "./cavMae.ts";
import { clMaeParity } from "./clMae.ts";
import { cmaeObjectiveParity } from "./cmaeObjective.ts";
import type { Check, RunDType } from "./compare.ts";
import { convMaeParity } from "./convMae.ts";
import { crossMaeParity } from "./crossMae.ts";
import { data2vecVisionParity } from "./data2vecVision.ts";
import { dmaeParity } from "./dmae.ts";
import { fcMaeParity } from "./fcMae.ts";
import { type Fixture, ParityError } from "./fixture.ts";
import { geomaeTargetsParity } from "./geomaeTargets.ts";
import { greenMimParity } from "./greenMim.ts";
import { greenmimGroupWindowParity } from "./greenmimGroupWindow.ts";
import { hogParity } from "./hog.ts";
import { hpmParity } from "./hpm.ts";
import { ibotObjectiveParity } from "./ibotObjective.ts";
import { localMimParity } from "./localMim.ts";
import { longSeqMaeParity } from "./longSeqMae.ts";
import { lossesRegressionCosineParity } from "./lossesRegressionCosine.ts";
import { maeParity } from "./mae.ts";
import { maeStParity } from "./maeSt.ts";
import { mageParity } from "./mage.ts";
import { maskBeitBlockwiseParity } from "./maskBeitBlockwise.ts";
import { maskColormaeParity } from "./maskColormae.ts";
import { maskgitScheduleDecodeParity } from "./maskgitScheduleDecode.ts";
import { maskIjepaMultiblockParity } from "./maskIjepaMultiblock.ts";
import { masksVideoUniformParity } from "./masksVideoUniform.ts";
import { mfmParity } from "./mfm.ts";
import { mixMimParity } from "./mixMim.ts";
import { msnObjectiveParity } from "./msnObjective.ts";
import { multiMaeParity } from "./multiMae.ts";
import { pointMaeParity } from "./pointMae.ts";
import { posEmbedParity } from "./posEmbed.ts";
import { rcMaeParity } from "./rcMae.ts";
import { schedulesOptimParity } from "./schedulesOptim.ts";
import { semMaeParity } from "./semMae.ts";
import { simmimParity } from "./simmim.ts";
import { sparkParity } from "./spark.ts";
import { ssmctbParity } from "./ssmctb.ts";
import { sspcabParity } from "./sspcab.ts";
import { supMaeParity } from "./supMae.ts";
import { uMaeParity } from "./uMae.ts";
import { videoMaeParity } from "./videoMae.ts";
import { vitPytorchParity } from "./vitPytorch.ts";

/** Runs a recording through this package; each reader knows one code base's options and names. */
type Reader = (fixture: Fixture, dtype: RunDType) => Promise<Check[]>;

const READERS: Readonly<Record<string, Reader>> = {
  beit: beitParity,
  beit2_vq: beit2VqParity,
  attmask: attmaskParity,
  cl_mae: clMaeParity,
  audiomae: audioMaeParity,
  cmae_objective: cmaeObjectiveParity,
  rc_mae: rcMaeParity,
  supmae: supMaeParity,
  mage: mageParity,
  cav_mae: cavMaeParity,
  convmae: convMaeParity,
  crossmae: crossMaeParity,
  mixmim: mixMimParity,
  fcmae: fcMaeParity,
  mae_st: maeStParity,
  ssmctb: ssmctbParity,
  a2mim: a2mimParity,
  multimae: multiMaeParity,
  greenmim: greenMimParity,
  semmae: semMaeParity,
  long_seq_mae: longSeqMaeParity,
  vit_pytorch: vitPytorchParity,
  data2vec_vision: data2vecVisionParity,
  dmae: dmaeParity,
  hog: hogParity,
  greenmim_group_window: greenmimGroupWindowParity,
  hpm: hpmParity,
  ibot_objective: ibotObjectiveParity,
  losses_regression_cosine: lossesRegressionCosineParity,
  mfm: mfmParity,
  msn_objective: msnObjectiveParity,
  localmim: localMimParity,
  mae: maeParity,
  point_mae: pointMaeParity,
  spark: sparkParity,
  geomae_targets: geomaeTargetsParity,
  maskgit_schedule_decode: maskgitScheduleDecodeParity,
  mask_beit_blockwise: maskBeitBlockwiseParity,
  mask_colormae: maskColormaeParity,
  mask_ijepa_multiblock: maskIjepaMultiblockParity,
  masks_video_uniform: masksVideoUniformParity,
  sspcab: sspcabParity,
  videomae: videoMaeParity,
  u_mae: uMaeParity,
  pos_embed: posEmbedParity,
  schedules_optim: schedulesOptimParity,
  simmim_vit: simmimParity,
  simmim_swin: simmimParity,
};

/** Other names by which a recording may call a code base, beside those above. */
const OTHER_NAMES: readonly (readonly [name: RegExp, reader: string])[] = [
  [/^(mc_?mae|conv_?mae)/, "convmae"],
  [/^mix_?(mim|mae)/, "mixmim"],
  [/^(fc_?mae|convnext_?v2|sparse_convnext|grn|global_response)/, "fcmae"],
  [/^(mae_?st|st_?mae)/, "mae_st"],
  [/^ssmctb/, "ssmctb"],
  [/^(mask_)?sem_?mae/, "semmae"],
  [/^(mask_)?long_?seq/, "long_seq_mae"],
  [/(vit_?pytorch|lucidrains)/, "vit_pytorch"],
  [/^(a2mim|mim_head|openmixup)/, "a2mim"],
  [/^multi_?mae/, "multimae"],
  [/^green_?mim(?!_group)/, "greenmim"],
  [/^rc_?mae/, "rc_mae"],
  [/^sup_?mae/, "supmae"],
  [/^mage/, "mage"],
  [/^cav_?mae/, "cav_mae"],
  [/^video_?mae(_?v2)?$/, "videomae"],
  [/^u_?mae/, "u_mae"],
  [/^cross_?mae/, "crossmae"],
  [/^audio_?mae/, "audiomae"],
  [/^point_?mae/, "point_mae"],
  [/^local_?mim/, "localmim"],
  [/^cl_?mae/, "cl_mae"],
];

/** The methods whose recordings can be run. */
export const readable = (): string[] => Object.keys(READERS);

function readerOf(method: string): Reader | undefined {
  const name = method.toLowerCase().replaceAll("-", "_");
  return READERS[name] ?? READERS[OTHER_NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? ""];
}

/** Every comparison of a recording; an unknown method, option or parameter is a ParityError. */
export async function runParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const reader = readerOf(fixture.method);
  if (!reader) throw new ParityError(`method: expected one of ${readable().join(", ")}, found ${fixture.method}`);
  const runs = severalRuns(fixture);
  if (runs.length === 0) return reader(fixture, dtype);
  const checks: Check[] = [];
  for (const [at, run] of runs) {
    for (const check of await reader(run, dtype)) checks.push({ ...check, name: `${at}.${check.name}` });
  }
  return checks;
}

/** Whole runs of models inside one recording, as cases or as sections, each with parameters and outputs of its own. */
function severalRuns(fixture: Fixture): [at: string, run: Fixture][] {
  if (fixture.params || fixture.params_student) return [];
  const isRun = (x: unknown): x is Partial<Fixture> =>
    typeof x === "object" && x !== null && "params" in x && "outputs" in x;
  const { cases, ...shared } = fixture;
  const listed = (Array.isArray(cases) ? cases : []).map((run, i) => [`cases[${i}]`, run] as const);
  return [...listed, ...Object.entries(shared)].flatMap(([at, run]) =>
    isRun(run)
      ? [
          [
            at,
            {
              ...shared,
              ...run,
              config: { ...fixture.config, ...run.config },
              inputs: { ...fixture.inputs, ...run.inputs },
            },
          ],
        ]
      : [],
  ) as [string, Fixture][];
}
