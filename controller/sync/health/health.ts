import type { ApplicationStatusHealth } from '../../api/generated/application.ts';

/** What `kubectl get application` shows in the Health column. */
export type HealthStatus = ApplicationStatusHealth['status'];

/** Health of one object; the message says what it waits for or what broke, and is absent when all is well. */
export interface Health {
  status: HealthStatus;
  message?: string;
}

export const healthy: Health = { status: 'Healthy' };
export const suspended = (message: string): Health => ({ status: 'Suspended', message });
export const progressing = (message: string): Health => ({ status: 'Progressing', message });
export const degraded = (message: string): Health => ({ status: 'Degraded', message });
export const unknown = (message: string): Health => ({ status: 'Unknown', message });
