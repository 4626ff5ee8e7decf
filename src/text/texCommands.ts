/**
 * Names of TeX's font, citation and link commands, which are left over when a record's markup is half removed
 * (`\textbf{G2SD}` becomes "textbf G2SD"). None is an English word, so a token of that name is never counted, in text
 * and in word counts alike. Commands that are words, such as \cite or \times, stay.
 */
export const texCommands: ReadonlySet<string> = new Set(
  `textbf textit texttt textsc textrm textsf textsl textup textmd emph mathbf mathcal mathbb mathrm mathit
  mathsf mathtt mathfrak mathscr boldsymbol operatorname citep citet citealp citeauthor autoref eqref href hspace vspace
  linebreak noindent`.split(/\s+/),
);
