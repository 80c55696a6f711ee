import { type Cluster, startCluster } from '../../e2e/cluster/cluster.ts';
import { ownDefinitions } from '../../e2e/cluster/custom-resources.ts';
import { applyCustomResourceDefinitions, type KubeApi, type KubeObject, kubeApi } from '../../e2e/cluster/kube-api.ts';

const NAMESPACE = 'default';

/** A cluster whose definitions of our kinds admit anything for a while, as those of an old version might have. */
export class LaxCluster {
  readonly kubeconfigPath: string;
  readonly #cluster: Cluster;
  readonly #api: KubeApi;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.kubeconfigPath = cluster.kubeconfigPath;
    this.#api = kubeApi(cluster.kubeconfigPath);
  }

  static async start(name: string): Promise<LaxCluster> {
    const cluster = await startCluster({ name, profile: 'api' });
    const lax = new LaxCluster(cluster);
    try {
      await lax.loosen();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return lax;
  }

  /** Our definitions without any schema. */
  loosen(): Promise<void> {
    return applyCustomResourceDefinitions(this.#api, ownDefinitions().map(withoutSchema));
  }

  /** Our definitions as they are shipped. What is stored stays as it is. */
  tighten(): Promise<void> {
    return applyCustomResourceDefinitions(this.#api, ownDefinitions());
  }

  /** Stores an object with its status. */
  async store({ status, ...object }: KubeObject): Promise<void> {
    await this.#api.request('POST', pathOf(object as KubeObject), object);
    if (status !== undefined)
      await this.#merge(`${pathOf(object as KubeObject)}/${object.metadata.name}/status`, { status });
  }

  /** Replaces the spec of a stored object; null removes a field. */
  patchSpec(object: Pick<KubeObject, 'kind' | 'metadata'>, spec: unknown): Promise<unknown> {
    return this.#merge(`${pathOf(object)}/${object.metadata.name}`, { spec });
  }

  stop(): Promise<void> {
    return this.#cluster.stop();
  }

  #merge(path: string, body: object): Promise<unknown> {
    return this.#api.request('PATCH', path, body, 'application/merge-patch+json');
  }
}

function pathOf({ kind }: Pick<KubeObject, 'kind'>): string {
  const definitions = ownDefinitions().map(({ spec }) => spec as Definition);
  const { names, scope } = definitions.find((one) => one.names.kind === kind) as Definition;
  return `/apis/slipway.dev/v1alpha1/${scope === 'Namespaced' ? `namespaces/${NAMESPACE}/` : ''}${names.plural}`;
}

interface Definition {
  scope: string;
  names: { kind: string; plural: string };
  versions: { name: string; served: boolean; storage: boolean }[];
}

function withoutSchema(definition: KubeObject): KubeObject {
  const spec = definition['spec'] as Definition;
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const versions = spec.versions.map(({ name, served, storage }) => ({
    name,
    served,
    storage,
    subresources: { status: {} },
    schema: { openAPIV3Schema },
  }));
  return { ...definition, spec: { ...spec, versions } };
}
