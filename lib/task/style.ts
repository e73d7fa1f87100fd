/** Colours and weights for a terminal, by what they mean. */
export interface Style {
  /** What went well. */
  readonly good: (text: string) => string;
  /** What failed. */
  readonly bad: (text: string) => string;
  /** What wants a person. */
  readonly warn: (text: string) => string;
  /** What matters less. */
  readonly quiet: (text: string) => string;
  /** What matters more. */
  readonly strong: (text: string) => string;
  /** A link to an address, on terminals that have them. */
  readonly link: (text: string, address: string) => string;
}

/** A style that colours, or one that leaves text as it is. */
export function styleFor(options: { readonly color: boolean; readonly links?: boolean }): Style {
  const wrap = (on: number, off: number) => (text: string) =>
    options.color && text !== "" ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  const link = (text: string, address: string) =>
    // Nothing in an address may end it early.
    options.color && options.links && /^https?:\/\/[\x21-\x7e]+$/.test(address)
      ? `\x1b]8;;${address}\x1b\\${text}\x1b]8;;\x1b\\`
      : text;
  return { good: wrap(32, 39), bad: wrap(31, 39), warn: wrap(33, 39), quiet: wrap(2, 22), strong: wrap(1, 22), link };
}
