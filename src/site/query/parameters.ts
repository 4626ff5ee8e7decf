/** Names of the parameters of a statement (`@backbone`), in order of appearance; strings, quoted names and comments hold none. */
export function parameters(sql: string): string[] {
  const tokens = sql.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--.*|\/\*[\s\S]*?\*\/|[@:$](\w+)/g);
  return [...new Set([...tokens].flatMap(([, name]) => name ?? []))];
}
