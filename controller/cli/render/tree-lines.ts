/** Something with children, however deep. */
export interface Branching<T> {
  children: readonly T[];
}

/** Every node below a root with the lines that lead to it, from the top: `│  └──`. */
export function treeLines<T extends Branching<T>>(roots: readonly T[], stem = ''): { lead: string; node: T }[] {
  return roots.flatMap((node, i) => {
    const last = i === roots.length - 1;
    return [
      { lead: `${stem}${last ? '└──' : '├──'}`, node },
      ...treeLines(node.children, `${stem}${last ? '   ' : '│  '}`),
    ];
  });
}
