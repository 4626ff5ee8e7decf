/** A link to a page of the site: `href("papers/he2022mae/")`, whatever the base path. */
export const href = (path: string): string => `${import.meta.env.BASE_URL.replace(/\/?$/, "/")}${path}`;
