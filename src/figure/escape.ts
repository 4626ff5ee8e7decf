const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as it stands in HTML or SVG. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => entities[c]!);
