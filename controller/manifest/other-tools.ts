/** Files that make a folder the input of a tool, which is not run here: by name, what its messages say. */
const FILES: ReadonlyMap<string, string> = new Map([
  ['kustomization.yaml', 'is the input of kustomize'],
  ['kustomization.yml', 'is the input of kustomize'],
  ['Chart.yaml', 'makes this folder a Helm chart'],
]);

/**
 * Why the files of a folder are not what they seem, judged by the path of one of them: what stands beside a
 * `kustomization.yaml` is half of a manifest (a prefix, a namespace, a patch is missing), and applying it as it is would
 * make other objects than were meant. Undefined for every other file.
 */
export function otherTool(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const what = FILES.get(name);
  return (
    what &&
    `${what}, which is not rendered here: put the rendered manifests into Git, or name this file in spec.source.directory.exclude if those beside it are complete`
  );
}
