import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generatedPages } from "./generated-pages.ts";

// `npm run docs`: writes the pages that are made from what the program knows; a test holds them against it.

const root = fileURLToPath(new URL("../../", import.meta.url));
for (const [path, text] of Object.entries(generatedPages())) writeFileSync(root + path, text);
