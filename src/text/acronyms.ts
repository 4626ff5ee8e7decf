/** Acronyms of the field whose capitals word counts have lost, by how they are counted. */
export const acronyms: ReadonlyMap<string, string> = new Map(
  "CNN CNNs CT GAN GANs LLM LLMs MAE MIL MIM MLP MLM MRI MVM NLP OOD RL SSL VAE ViT ViTs VGGSound WSI WSIs"
    .split(" ")
    .map((written) => [written.toLowerCase(), written]),
);
