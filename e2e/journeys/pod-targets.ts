import { createServer } from 'node:http';
import { Command } from 'commander';
import { kubeApi } from '../cluster/kube-api.ts';
import { type Pod, targetsOf } from './prometheus-targets.ts';

// Tells Prometheus where the pods of a namespace are, by its HTTP service discovery. Debian's Prometheus is built without the
// discovery of Kubernetes; this gives the same labels as that one, so that the relabelling is what one would write anywhere.
// A process of its own, so that it outlives the demo.
const options = new Command('pod-targets')
  .requiredOption('--kubeconfig <file>')
  .requiredOption('--namespace <name>')
  .requiredOption('--port <port>', 'on 127.0.0.1', Number)
  .parse()
  .opts<{ kubeconfig: string; namespace: string; port: number }>();
const api = kubeApi(options.kubeconfig);

createServer((_, response) => {
  const path = `/api/v1/namespaces/${options.namespace}/pods`;
  api.request<{ items: Pod[] }>('GET', path).then(
    ({ items }) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(targetsOf(items))),
    // Prometheus keeps the targets that it has.
    (error: Error) => response.writeHead(502).end(error.message),
  );
}).listen(options.port, '127.0.0.1');
