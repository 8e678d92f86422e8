/** What to do about the id of a rule that there is not: ids are too short for any likeness but case and zeros to tell. */
export const meantRule = (id: string, ids: readonly string[]): string => {
  const plain = id
    .trim()
    .toUpperCase()
    .replace(/^([A-Z])(\d)$/, "$10$2");
  return ids.includes(plain) ? `did you mean ${plain}?` : "docs/rules.md lists them all";
};
