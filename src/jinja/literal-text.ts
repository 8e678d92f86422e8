const SIMPLE: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const ESCAPE = /\\(?:\n|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S]))/gu;

/** What a quoted string of a template or a Python literal says; with `raw`, backslashes stay as they are. */
export const stringValue = (quoted: string, raw: boolean): string => {
  const body = quoted.slice(1, -1).replace(/\r\n?/g, "\n");
  if (raw || !body.includes("\\")) return body;
  return body.replace(ESCAPE, (whole, ...found: (string | undefined)[]) => {
    const [hex2, hex4, hex8, octal, single] = found;
    const hex = hex2 ?? hex4 ?? hex8;
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    if (single === undefined) return "";
    return SIMPLE[single] ?? whole;
  });
};
