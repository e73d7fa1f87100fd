/** How a promise ended that is awaited later, so that its failure meanwhile is nobody's. */
export type Settled<Value> = { readonly value: Value } | { readonly error: unknown };

/** How a promise ends; never a rejection. */
export async function settled<Value>(promise: Promise<Value>): Promise<Settled<Value>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

/** The value that it ended with, or the error that it failed with. */
export function taken<Value>(ended: Settled<Value>): Value {
  if ("error" in ended) throw ended.error;
  return ended.value;
}
