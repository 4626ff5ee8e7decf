import sitemap from "@astrojs/sitemap";
import { defineConfig, fontProviders } from "astro/config";

const base = process.env.BASE_PATH ?? "/";

/** A variable typeface of Fontsource, Latin script, upright and italic, with a fallback of the same metrics. */
const typeface = (name, cssVariable, file, fallback) => ({
  provider: fontProviders.local(),
  name,
  cssVariable,
  fallbacks: [fallback],
  options: {
    variants: ["normal", "italic"].map((style) => ({
      src: [`${file}-${style}.woff2`],
      style,
      weight: "200 900",
      display: "swap",
    })),
  },
});

export default defineConfig({
  site: process.env.SITE_URL ?? "http://localhost:4321",
  base: base.endsWith("/") ? base : `${base}/`,
  srcDir: "./src/site",
  publicDir: "./src/site/public",
  trailingSlash: "always",
  build: { format: "directory", inlineStylesheets: "never" },
  server: { port: 4321 },
  integrations: [sitemap()],
  fonts: [
    typeface(
      "Source Serif 4",
      "--font-serif",
      "@fontsource-variable/source-serif-4/files/source-serif-4-latin-opsz",
      "serif",
    ),
    typeface(
      "Source Sans 3",
      "--font-sans",
      "@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght",
      "sans-serif",
    ),
  ],
  markdown: { syntaxHighlight: "prism" },
  security: {
    csp: {
      directives: [
        "default-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
      ],
      scriptDirective: { resources: ["'self'", "'wasm-unsafe-eval'"] },
      styleDirective: { resources: ["'self'"] },
    },
  },
  vite: {
    worker: { format: "es" },
    build: { assetsInlineLimit: 0 },
    optimizeDeps: { exclude: ["@sqlite.org/sqlite-wasm"] },
  },
});
