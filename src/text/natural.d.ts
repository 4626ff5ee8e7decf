/** The two parts of natural 8.1 in use, imported by deep path: the package root loads over a thousand modules. */
declare module "natural/lib/natural/stemmers/porter_stemmer.js" {
  const PorterStemmer: { stem(token: string): string };
  export default PorterStemmer;
}
declare module "natural/lib/natural/util/stopwords.js" {
  const stopwords: { readonly words: readonly string[] };
  export default stopwords;
}
