import sitemap from "@astrojs/sitemap";
import { defineConfig } from "astro/config";

const base = process.env.BASE_PATH ?? "/";

export default defineConfig({
  site: process.env.SITE_URL ?? "http://localhost:4321",
  base: base.endsWith("/") ? base : `${base}/`,
  srcDir: "./src/site",
  publicDir: "./src/site/public",
  trailingSlash: "always",
  build: { format: "directory", inlineStylesheets: "never" },
  server: { port: 4321 },
  integrations: [sitemap()],
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
  vite: { worker: { format: "es" }, build: { assetsInlineLimit: 0 } },
});
