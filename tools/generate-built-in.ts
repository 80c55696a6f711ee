import { writeFileSync } from 'node:fs';
import { kubeApi } from '../e2e/cluster/kube-api.ts';
import { generateBuiltInTypes, isBuiltInPath, type OpenApiDocument } from './built-in-types.ts';

/** `npm run generate:built-in -- KUBECONFIG`: writes what the API server of a cluster of this project says of its own kinds. */
const [kubeconfig] = process.argv.slice(2);
if (kubeconfig === undefined)
  throw new Error('give the kubeconfig of a cluster, as `npm run cluster -- kubeconfig` prints it');
const api = kubeApi(kubeconfig);
const { paths } = await api.request<{ paths: Record<string, { serverRelativeURL: string }> }>('GET', '/openapi/v3');
const documents: OpenApiDocument[] = [];
for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
  if (isBuiltInPath(path)) documents.push(await api.request<OpenApiDocument>('GET', serverRelativeURL));
}
writeFileSync('controller/api/generated/built-in-types.ts', generateBuiltInTypes(documents));
