/** An element of a page, as a strict parser understands it. */
export interface Parsed {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (Parsed | string)[];
}

interface OpenElement extends Parsed {
  readonly children: (Parsed | string)[];
}

const VOID: readonly string[] = ["meta", "br", "col", "!doctype"];

/** A page as a tree. Throws where a tag is not closed, closes another, or an attribute is not quoted or comes twice. */
export const parsed = (html: string): Parsed => {
  const root: OpenElement = { tag: "", attributes: new Map(), children: [] };
  const open = [root];
  const token = /<!?(\/?)([a-zA-Z0-9]+)((?:\s+[a-zA-Z][a-zA-Z0-9:-]*(?:="[^"<>]*")?)*)>|([^<]+)|(<)/g;
  let style = false;
  for (const [whole, slash, tag = "", attributes = "", text, stray] of html.matchAll(token)) {
    const last = open.at(-1) ?? root;
    if (stray !== undefined) throw new Error("a < that begins no tag");
    if (text !== undefined) {
      if (!style && /&(?!(amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`an entity of its own: ${text}`);
      last.children.push(style ? text : unescaped(text));
    } else if (slash === "/") {
      if (last.tag !== tag) throw new Error(`${whole} closes <${last.tag}>`);
      open.pop();
    } else {
      const element: OpenElement = { tag, attributes: attributesOf(attributes), children: [] };
      last.children.push(element);
      if (!VOID.includes(whole.startsWith("<!") ? `!${tag}` : tag)) open.push(element);
    }
    style = (open.at(-1) ?? root).tag === "style";
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)?.tag}> is not closed`);
  return root;
};

const attributesOf = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const [, name = "", value = ""] of text.matchAll(/([a-zA-Z][a-zA-Z0-9:-]*)(?:="([^"]*)")?/g)) {
    if (found.has(name)) throw new Error(`${name} twice`);
    found.set(name, unescaped(value));
  }
  return found;
};

const unescaped = (text: string): string =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

/** All text in an element, its parts apart. */
export const textOf = (node: Parsed | string): string =>
  typeof node === "string" ? node : node.children.map(textOf).join("");

/** All elements for which something holds. */
export const all = (node: Parsed | string, wanted: (element: Parsed) => boolean): readonly Parsed[] =>
  typeof node === "string"
    ? []
    : [...(wanted(node) ? [node] : []), ...node.children.flatMap((child) => all(child, wanted))];

/** The rows of the table of a name: cells by the heading of their column. */
export const rowsOf = (page: Parsed, table: string): readonly Readonly<Record<string, string>>[] => {
  const [found] = all(
    page,
    ({ tag, attributes }) => tag === "table" && attributes.get("aria-label") === table,
  );
  if (found === undefined) throw new Error(`there is no table ${table}`);
  const [head, ...rows] = all(found, ({ tag }) => tag === "tr").map((row) =>
    row.children.map((cell) => textOf(cell)),
  );
  return rows.map((cells) => Object.fromEntries(cells.map((cell, index) => [head?.[index] ?? "", cell])));
};
