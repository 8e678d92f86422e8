/** A piece of a page: an element, text, nothing, or several of them. Text is escaped when it is written, so nothing that was read can become markup. */
export type Markup = Element | string | number | null | readonly Markup[];

/** An element with what is in it. */
interface Element {
  readonly tag: Tag;
  readonly attributes: Attributes;
  readonly children: readonly Markup[];
}

/** Attributes by name; null and false leave one out, true gives it without a value. */
export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** Elements that are used. None of them can load or run anything. */
type Tag = HtmlTag | SvgTag;

type HtmlTag =
  | "a"
  | "article"
  | "b"
  | "br"
  | "code"
  | "col"
  | "colgroup"
  | "dd"
  | "details"
  | "div"
  | "dl"
  | "dt"
  | "figcaption"
  | "figure"
  | "footer"
  | "h1"
  | "h2"
  | "h3"
  | "header"
  | "li"
  | "main"
  | "nav"
  | "ol"
  | "p"
  | "pre"
  | "section"
  | "span"
  | "summary"
  | "table"
  | "tbody"
  | "td"
  | "th"
  | "thead"
  | "time"
  | "tr"
  | "ul";

type SvgTag =
  | "svg"
  | "title"
  | "desc"
  | "defs"
  | "pattern"
  | "g"
  | "rect"
  | "line"
  | "path"
  | "circle"
  | "text";

/** An element. */
export const el = (tag: Tag, attributes: Attributes, ...children: readonly Markup[]): Element => ({
  tag,
  attributes,
  children,
});

/** Markup as text. `redact` sees each text as it was, before it is escaped: a secret with `&` in it is found, too. */
export const writeMarkup = (markup: Markup, redact: (text: string) => string): string => {
  const parts: string[] = [];
  const shown = (text: string | number): string =>
    escapeText(typeof text === "number" ? String(text) : redact(text));
  const write = (node: Markup): void => {
    if (node === null) return;
    if (typeof node === "string" || typeof node === "number") parts.push(shown(node));
    else if (isList(node)) for (const one of node) write(one);
    else {
      parts.push(`<${node.tag}`);
      for (const [name, value] of Object.entries(node.attributes)) {
        if (value === null || value === false) continue;
        parts.push(value === true ? ` ${name}` : ` ${name}="${shown(value)}"`);
      }
      parts.push(">");
      if (VOID.has(node.tag)) return;
      for (const child of node.children) write(child);
      parts.push(`</${node.tag}>`);
    }
  };
  write(markup);
  return parts.join("");
};

/** Elements that hold nothing and have no end. */
const VOID: ReadonlySet<Tag> = new Set<Tag>(["br", "col"]);

/** Array.isArray does not narrow readonly arrays. */
const isList = (node: Markup): node is readonly Markup[] => Array.isArray(node);

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Text that is text wherever it stands, between tags or in a quoted attribute. What would not be seen, or would change
 * the order of what is read (control characters, marks of direction), is shown as a picture of itself.
 */
export const escapeText = (text: string): string =>
  text
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "")
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (character) =>
      String.fromCharCode(0x2400 + character.charCodeAt(0)),
    )
    .replaceAll(
      /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
