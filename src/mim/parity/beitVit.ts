import type { ReplaceTokenViT } from "../architecture/replaceTokenViT.ts";

/** Options of the BEiT family's vision transformer, and their defaults. */
export const BEIT_VIT_OPTIONS = {
  img_size: 224,
  patch_size: 16,
  in_chans: 3,
  embed_dim: 768,
  depth: 12,
  num_heads: 12,
  mlp_ratio: 4,
  qkv_bias: true,
  init_values: 0.1 as number | null,
  use_abs_pos_emb: true,
  use_fixed_pos_emb: false,
  use_rel_pos_bias: false,
  use_shared_rel_pos_bias: false,
};

/** Our encoder of a model that its code base describes by these options. */
export const beitVit = (o: typeof BEIT_VIT_OPTIONS, eps: number): ReplaceTokenViT => ({
  imageSize: [o.img_size, o.img_size],
  patchSize: o.patch_size,
  channels: o.in_chans,
  dim: o.embed_dim,
  depth: o.depth,
  heads: o.num_heads,
  mlpRatio: o.mlp_ratio,
  eps,
  positions: o.use_fixed_pos_emb ? "sinCos" : o.use_abs_pos_emb ? "learned" : "none",
  relativePositions: o.use_rel_pos_bias ? "perBlock" : o.use_shared_rel_pos_bias ? "shared" : "none",
  qkvBias: o.qkv_bias ? "qv" : false,
  ...(o.init_values !== null && { layerScale: o.init_values }),
});
