import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const apiserver = "http://127.0.0.1:5234";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
    rolldownOptions: {
      output: {
        // What every page needs comes in one file, so that a page does not wait for a dozen.
        codeSplitting: { groups: [{ name: "base", tags: ["$initial"] }] },
      },
    },
    reportCompressedSize: false,
    // What counts is the compressed size, which a test holds to its limit.
    chunkSizeWarningLimit: 1_000,
  },
  // In development the pages come from here and all else from an apiserver on its usual port.
  server: { port: 5173, proxy: { "^/(api|pages|sign-in|setup|invite|reset|account)\\b": apiserver } },
});
