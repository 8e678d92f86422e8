import axe, { type AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";

/** The browser of the system: what a report looks like does not depend on one that the tests bring along. */
const CHROMIUM = "/usr/bin/chromium";

/** Widths in which a report has to be readable, in CSS pixels. */
export const WIDTHS = { phone: 360, laptop: 1280, wide: 1920 } as const;

/** What a browser made of a page. */
export interface Seen {
  readonly page: Page;
  /** Messages on the console, errors of scripts, and whatever was asked for beside the file itself. */
  readonly noise: readonly string[];
}

/** Starts the browser; root may not have its sandbox. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });

/** Opens a file as somebody would who was sent it. */
export const openFile = async (
  browser: Browser,
  file: string,
  { width, colorScheme }: { readonly width: number; readonly colorScheme: "light" | "dark" },
): Promise<Seen> => {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const noise: string[] = [];
  page.on("console", (message) => noise.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== `file://${file}`) noise.push(`request: ${request.url()}`);
  });
  await page.goto(`file://${file}`);
  return { page, noise };
};

/** By how many pixels the page is wider than its window; 0 where nobody has to scroll to the side. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** What keeps people from using the page, by the rules of axe (WCAG A and AA, best practices): rule, and where. */
export const barriersOf = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe.source);
  const { violations }: AxeResults = await page.evaluate("axe.run({ resultTypes: ['violations'] })");
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
};

/** The rows of the table of a name, as they are shown: cells by the heading of their column. */
export const tableOf = (page: Page, name: string): Promise<readonly Readonly<Record<string, string>>[]> =>
  page.evaluate(`(() => {
    const table = document.querySelector('table[aria-label="${name}"]');
    const text = (cell) => cell.textContent.trim();
    const heads = [...table.tHead.rows[0].cells].map(text);
    return [...table.tBodies[0].rows].map((row) =>
      Object.fromEntries([...row.cells].map((cell, index) => [heads[index], text(cell)])));
  })()`);
