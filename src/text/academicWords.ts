/** Words that any paper may use of itself and that name no subject: never the name of a cluster. */
export const academicWords: ReadonlySet<string> = new Set(
  `accuracy achieve across achieves achieved additional advantage aim aims allow allows among approach approaches art available based benchmark benchmarks
  benefit benefits best better beyond boost challenge challenges challenging common compared competitive complex
  comprehensive consistent consistently consider demonstrate demonstrated demonstrates design designed despite different
  dataset datasets difficult downstream direct direction due easy effective effectively effectiveness efficient efficiently enable enables enhance
  enhanced enhances ensure evaluate evaluated evaluation even existing experiment experiments extensive favorable find first five four framework
  further furthermore gain gains general generally good hard higher highly however idea improve improved improvement
  improvements improves improving inserted inspired integrate integrated introduce introduced introduces investigate
  larger large latter leads level less like limited lower main many method methods moreover motivated much named new not 
  novel obtain obtained obvious one outperform outperforms overall paper particular performance performances popular
  possible potential problem problems present presented presents previous promising propose proposed proposes provide provides real
  recent recently related remarkable require required requires respectively result results resulting second serve
  samples several show showing shown shows significant significantly similar simply small solve specifically
  standard state strategy strong study studies success sufficient successful successfully superior thereby therefore
  third three thus towards trade traditional two use used useful uses using usually vanilla various verify via way well
  widely without work works yet yields`.split(/\s+/),
);

/** Words that name a subject only together with another word: "test" says little, "test-time" something. */
export const phraseWords: ReadonlySet<string> = new Set(
  "block class labeled level modal quality rate sample scale shift shot step test time type variant".split(" "),
);
