/** The schema as documentation, read from the comments of schema.sql. */
export interface TableDescription {
  name: string;
  text: string;
  columns: { name: string; type: string; text: string; key: string }[];
}

const columnLine = /^ {2}(\w+)(?: (text|integer|real|unindexed))?\b(.*?),? *-- (.*)$/;

/** One entry a table: the comment line above `create table`, and each column with the comment after it. */
export function describeSchema(sql: string): TableDescription[] {
  const tables: TableDescription[] = [];
  const pattern = /^-- (.*)\ncreate (?:virtual )?table (\w+)[^(]*\(\n([\s\S]*?)\n\)/gm;
  for (const [, text, name, body] of sql.matchAll(pattern)) {
    const lines = body!.split("\n");
    const primary = new Set(/primary key \(([^)]*)\)/.exec(body!)?.[1]?.split(", ") ?? []);
    const columns = lines.flatMap((line) => {
      const match = columnLine.exec(line);
      if (!match) return [];
      const [, column, type, rest, comment] = match;
      const target = /references (\w+) \((\w+)\)/.exec(rest!);
      const key = [
        rest!.includes("primary key") || primary.has(column!) ? "primary" : "",
        target ? `→ ${target[1]}.${target[2]}` : "",
      ];
      return [{ name: column!, type: type ?? "text", text: comment!, key: key.filter(Boolean).join(", ") }];
    });
    tables.push({ name: name!, text: text!, columns });
  }
  return tables;
}
