import { expect, test } from "vitest";
import { stem } from "../../src/text/stem.ts";

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
