/** Options of {@linkcode globToRegExp}. */
export interface GlobOptions {
  /** Whether `{a,b}` and the like have a meaning. @default {true} */
  readonly extended?: boolean;
  /** Whether `**` stands for any number of directories. @default {true} */
  readonly globstar?: boolean;
}

/** The regular expression that matches the paths a glob names. */
export function globToRegExp(glob: string, options?: GlobOptions): RegExp;
