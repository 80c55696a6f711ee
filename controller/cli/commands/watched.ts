import type { ResourceInfo } from '../../kube/types.ts';
import type { Session } from '../session.ts';

/** Prints a screen once, or with `watch` again after each change of one of the kinds, for as long as somebody looks. */
export async function watched(
  session: Session,
  kinds: readonly ResourceInfo[],
  watch: boolean,
  screen: () => Promise<string>,
): Promise<void> {
  if (!watch) {
    session.print(await screen());
    return;
  }
  let busy = false;
  let again = false;
  // One read at a time: a burst of changes while it runs makes one more, not many.
  const draw = async (): Promise<void> => {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again && !session.signal.aborted) {
        again = false;
        session.redraw(await screen());
      }
    } finally {
      busy = false;
    }
  };
  await new Promise<void>((resolve, reject) => {
    session.signal.addEventListener('abort', () => resolve(), { once: true });
    session.onChange(kinds, () => void draw().catch(reject), session.signal).catch(reject);
  });
}
