import { type SparkConfig, spark } from "../methods/spark.ts";
import type { Check, RunDType } from "./compare.ts";
import { layersAs } from "./evaluate.ts";
import { type Fixture, options, ParityError } from "./fixture.ts";
import { modelParity } from "./model.ts";

/** Options of keyu-tian/SparK with a ConvNeXt, pretrain/spark.py and pretrain/models/convnext.py, and their defaults. */
const SPARK_OPTIONS = {
  depths: [3, 3, 9, 3],
  dims: [96, 192, 384, 768],
  layer_scale_init_value: 1e-6,
  input_size: 224,
  downsample_ratio: 32,
  mask_ratio: 0.6,
  densify_norm: "bn",
  sbn: false,
  decoder_width: 768,
  mode: "train (batch statistics)",
};

export async function sparkParity(fixture: Fixture, dtype: RunDType): Promise<Check[]> {
  const o = options(fixture, SPARK_OPTIONS);
  const norm = o.densify_norm.toLowerCase();
  const c: SparkConfig = {
    imageSize: [o.input_size, o.input_size],
    channels: 3,
    stem: o.downsample_ratio / 2 ** (o.dims.length - 1),
    depths: o.depths,
    dims: o.dims,
    kernel: 7,
    eps: 1e-6,
    maskRatio: o.mask_ratio,
    densifyNorm: norm === "bn" || norm === "ln" ? norm : "none",
    decoderWidth: o.decoder_width,
    ...(o.layer_scale_init_value > 0 && { layerScale: o.layer_scale_init_value }),
  };
  if (!o.mode.startsWith("train")) {
    throw new ParityError(`config.mode: expected train (batch statistics), found ${o.mode}`);
  }
  const run = await modelParity(spark, c, fixture, dtype, (inputs, outputs) => ({
    ...layersAs("stage", outputs, "stages."),
    ...layersAs("densify_norm", outputs, "normed."),
    rec: outputs.rec!,
    active: inputs.active!,
  }));
  return run.checks;
}
