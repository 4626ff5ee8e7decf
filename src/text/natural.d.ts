/** The two parts of natural 8.1 in use, imported by deep path: the package root loads over a thousand modules. */
declare module "natural/lib/natural/stemmers/porter_stemmer.js" {
  type Step = "step1a" | "step1b" | "step1c" | "step2" | "step3" | "step4" | "step5a" | "step5b";
  const PorterStemmer: Readonly<Record<"stem" | Step, (token: string) => string>>;
  export default PorterStemmer;
}
declare module "natural/lib/natural/util/stopwords.js" {
  const stopwords: { readonly words: readonly string[] };
  export default stopwords;
}
