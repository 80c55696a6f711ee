import { isNotFound } from '../kube/errors.ts';

/** What a read gives, or undefined when the object, or its kind, is not there. */
export async function found<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
