import type { ClusterContext } from './context.ts';
import { apiServerProcess, controllerManagerProcess, etcdProcess, schedulerProcess } from './control-plane.ts';
import { kwokProcess } from './kwok.ts';
import type { ProcessSpec } from './managed-process.ts';
import { containerdProcess } from './node/container-runtime.ts';
import { imageRegistryProcess } from './node/image-registry.ts';
import { kubeProxyProcess } from './node/kube-proxy.ts';
import { kubeletProcess } from './node/kubelet.ts';

/** All processes that a cluster of a profile consists of, in the order in which they depend on each other. */
export function processesOf(context: ClusterContext): ProcessSpec[] {
  const api = [etcdProcess(context), apiServerProcess(context), controllerManagerProcess(context)];
  switch (context.profile) {
    case 'api':
      return api;
    case 'kwok':
      return [...api, schedulerProcess(context), kwokProcess(context)];
    case 'node':
      return [
        ...api,
        schedulerProcess(context),
        imageRegistryProcess(context),
        containerdProcess(context),
        kubeletProcess(context),
        kubeProxyProcess(context),
      ];
  }
}
