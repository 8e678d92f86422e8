/** The order of two Debian versions, negative where `left` is older (deb-version(7)). */
export const compareDebianVersions = (left: string, right: string): number => {
  const a = partsOf(left);
  const b = partsOf(right);
  return a.epoch - b.epoch || comparePart(a.upstream, b.upstream) || comparePart(a.revision, b.revision);
};

const partsOf = (version: string): { epoch: number; upstream: string; revision: string } => {
  const colon = version.indexOf(":");
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf("-");
  return {
    epoch: colon === -1 ? 0 : Number.parseInt(version.slice(0, colon), 10) || 0,
    upstream: dash === -1 ? rest : rest.slice(0, dash),
    revision: dash === -1 ? "" : rest.slice(dash + 1),
  };
};

/** Runs of non-digits and of digits in turn; a missing run is empty, or zero. */
const comparePart = (left: string, right: string): number => {
  let a = left;
  let b = right;
  while (a !== "" || b !== "") {
    const [textA = "", textB = ""] = [/^\D*/.exec(a)?.[0], /^\D*/.exec(b)?.[0]];
    const byText = compareText(textA, textB);
    if (byText !== 0) return byText;
    a = a.slice(textA.length);
    b = b.slice(textB.length);
    const [digitsA = "", digitsB = ""] = [/^\d*/.exec(a)?.[0], /^\d*/.exec(b)?.[0]];
    const byNumber = BigInt(digitsA === "" ? 0 : digitsA) - BigInt(digitsB === "" ? 0 : digitsB);
    if (byNumber !== 0n) return byNumber < 0n ? -1 : 1;
    a = a.slice(digitsA.length);
    b = b.slice(digitsB.length);
  }
  return 0;
};

const compareText = (left: string, right: string): number => {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = weightOf(left[index]) - weightOf(right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** A tilde sorts before the end, the end before letters, letters before everything else. */
const weightOf = (character: string | undefined): number => {
  if (character === undefined) return 0;
  if (character === "~") return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
};
