import fc from "fast-check";
import PorterStemmer from "natural/lib/natural/stemmers/porter_stemmer.js";
import { expect, test } from "vitest";
import { stem } from "../../src/text/stem.ts";

test("taking only the steps that an ending calls for gives natural's stems", () => {
  const suffixes = `ational tional enci anci izer abli bli alli entli eli ousli ization ation ator alism iveness fulness
    ousness aliti iviti biliti logi icate ative alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent
    sion tion ion ou ism ate iti ous ive ize eed ed ing s es sses ies y e ll l bb tt ss zz`.split(/\s+/);
  const word = fc
    .tuple(fc.stringMatching(/^[a-z]{1,6}$/), fc.array(fc.constantFrom(...suffixes), { maxLength: 3 }))
    .map(([beginning, endings]) => beginning + endings.join(""))
    .filter((text) => text.length > 2);
  fc.assert(
    fc.property(word, (text) => {
      expect(stem(text)).toBe(PorterStemmer.stem(text));
    }),
    { seed: 9, numRuns: 20_000 },
  );
});

test("the examples of Porter's paper have his stems", () => {
  const examples = `caresses:caress ponies:poni ties:ti caress:caress cats:cat feed:feed agreed:agre plastered:plaster
    bled:bled motoring:motor sing:sing conflated:conflat troubled:troubl sized:size hopping:hop tanned:tan falling:fall
    hissing:hiss fizzed:fizz failing:fail filing:file happy:happi sky:sky relational:relat conditional:condit
    rational:ration valenci:valenc digitizer:digit vietnamization:vietnam predication:predic operator:oper
    feudalism:feudal decisiveness:decis hopefulness:hope callousness:callous formaliti:formal sensitiviti:sensit
    triplicate:triplic formative:form formalize:formal electrical:electr goodness:good revival:reviv allowance:allow
    inference:infer airliner:airlin gyroscopic:gyroscop adjustable:adjust irritant:irrit replacement:replac
    adoption:adopt communism:commun activate:activ bowdlerize:bowdler probate:probat rate:rate cease:ceas
    controll:control roll:roll`;
  for (const example of examples.split(/\s+/)) {
    const [word, expected] = example.split(":") as [string, string];
    expect([word, stem(word)]).toEqual([word, expected]);
  }
  expect(["naïve", "mp3s", "is", "数据集"].map(stem)).toEqual(["naïve", "mp3s", "is", "数据集"]);
});
