import { pino } from 'pino';

/** The part of pino that the code uses; tests pass {@link silentLogger}. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

/** JSON lines on stdout. Keys that may hold credentials are censored at any of the usual depths. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['authorization', 'password', 'token', '*.authorization', '*.password', '*.token', 'headers', '*.headers'],
      censor: '***',
    },
    serializers: { err: pino.stdSerializers.err },
  });
}

/** Drops everything. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};
