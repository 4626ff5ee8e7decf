/** Every method of the package, by name. */
import type { Method } from "../method.ts";
import { a2mim } from "./a2mim.ts";
import { adaMae } from "./adaMae.ts";
import { attMask } from "./attMask.ts";
import { audioMae } from "./audioMae.ts";
import { beit } from "./beit.ts";
import { beit2Tokenizer } from "./beit2Tokenizer.ts";
import { cavMae } from "./cavMae.ts";
import { clMae } from "./clMae.ts";
import { cmae } from "./cmae.ts";
import { colorMae } from "./colorMae.ts";
import { conMim } from "./conMim.ts";
import { crossMae } from "./crossMae.ts";
import { data2vec } from "./data2vec.ts";
import { diffMae } from "./diffMae.ts";
import { dmaeDenoising } from "./dmaeDenoising.ts";
import { dmaeDistillation } from "./dmaeDistillation.ts";
import { eva } from "./eva.ts";
import { fcMae } from "./fcMae.ts";
import { ganMae } from "./ganMae.ts";
import { geoMae } from "./geoMae.ts";
import { greenMim } from "./greenMim.ts";
import { hpm } from "./hpm.ts";
import { ibot } from "./ibot.ts";
import { iJepa } from "./iJepa.ts";
import { localMim } from "./localMim.ts";
import { mae } from "./mae.ts";
import { mage } from "./mage.ts";
import { mageC } from "./mageC.ts";
import { maskAlign } from "./maskAlign.ts";
import { maskFeat } from "./maskFeat.ts";
import { maskGit } from "./maskGit.ts";
import { mcMae } from "./mcMae.ts";
import { mfm } from "./mfm.ts";
import { mgMae } from "./mgMae.ts";
import { mimDet } from "./mimDet.ts";
import { mixMae } from "./mixMae.ts";
import { mme } from "./mme.ts";
import { msn } from "./msn.ts";
import { mst } from "./mst.ts";
import { multiMae } from "./multiMae.ts";
import { mvd } from "./mvd.ts";
import { omniMae } from "./omniMae.ts";
import { pointMae } from "./pointMae.ts";
import { rcMae } from "./rcMae.ts";
import { rils } from "./rils.ts";
import { semMae } from "./semMae.ts";
import { semMaeParts } from "./semMaeParts.ts";
import { siamMae } from "./siamMae.ts";
import { simmim } from "./simmim.ts";
import { spark } from "./spark.ts";
import { sparseMae } from "./sparseMae.ts";
import { ssmctb } from "./ssmctb.ts";
import { sspcab } from "./sspcab.ts";
import { stMae } from "./stMae.ts";
import { supMae } from "./supMae.ts";
import { uMae } from "./uMae.ts";
import { umMae } from "./umMae.ts";
import { videoMae } from "./videoMae.ts";
import { videoMaeV2 } from "./videoMaeV2.ts";

/** A method whose configuration only it knows. */
// biome-ignore lint/suspicious/noExplicitAny: each method has a configuration type of its own
export type AnyMethod = Method<any>;

export const METHODS: readonly AnyMethod[] = [
  a2mim,
  adaMae,
  attMask,
  audioMae,
  beit,
  beit2Tokenizer,
  cavMae,
  clMae,
  cmae,
  colorMae,
  conMim,
  crossMae,
  data2vec,
  diffMae,
  dmaeDenoising,
  dmaeDistillation,
  eva,
  fcMae,
  ganMae,
  greenMim,
  geoMae,
  hpm,
  ibot,
  iJepa,
  localMim,
  mae,
  mage,
  mageC,
  maskAlign,
  maskFeat,
  maskGit,
  mcMae,
  mfm,
  mgMae,
  mimDet,
  mixMae,
  mme,
  msn,
  mst,
  multiMae,
  mvd,
  omniMae,
  pointMae,
  rcMae,
  rils,
  semMae,
  semMaeParts,
  siamMae,
  simmim,
  spark,
  sparseMae,
  ssmctb,
  sspcab,
  stMae,
  supMae,
  uMae,
  umMae,
  videoMae,
  videoMaeV2,
];

/** The method of a name, if there is one. */
export const methodOf = (id: string): AnyMethod | undefined => METHODS.find((method) => method.id === id);
