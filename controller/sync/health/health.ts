import type { ApplicationStatusHealth } from '../../api/generated/application.ts';
import type { KubeObject } from '../../kube/types.ts';

/** What `kubectl get application` shows in the Health column. */
export type HealthStatus = ApplicationStatusHealth['status'];

/** Health of one object as a status holds it; the message says what it waits for or what broke, and is absent when all is well. */
export interface Health {
  status: HealthStatus;
  message?: string;
}

/** What a rule found. Unlike {@link Health} it always says why, also when all is well. */
export interface Finding {
  status: HealthStatus;
  /** The cause in one line, with numbers where there are some. */
  message: string;
  /** The clause that decided, such as `paused`; absent when none of them objected. docs/reference/health.md has them all. */
  clause?: string;
}

/** The rule of one kind: pure, and total on whatever the API server may send. */
export type HealthRule = (object: KubeObject) => Finding;

const finding =
  (status: HealthStatus) =>
  (message: string, clause: string): Finding => ({ status, message, clause });

export const suspended = finding('Suspended');
export const progressing = finding('Progressing');
export const degraded = finding('Degraded');
export const unknown = finding('Unknown');

/** All is well; a clause only where it is well for a reason of its own, such as a paused CronJob. */
export const healthy = (message: string, clause?: string): Finding => ({
  status: 'Healthy',
  message,
  ...(clause !== undefined && { clause }),
});
