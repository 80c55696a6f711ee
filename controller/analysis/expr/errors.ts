import { SlipwayError } from '../../platform/errors.ts';

/** The text of a condition is not an expression that Slipway understands; the message names the column, counted from 1. */
export class ExpressionSyntaxError extends SlipwayError {
  /** Offset into the text, counted from 0. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super('ExpressionInvalid', `${message} at column ${offset + 1}`);
    this.offset = offset;
  }
}

/** A condition cannot be decided for this result, for example because an index is out of range. */
export class ExpressionEvaluationError extends SlipwayError {
  constructor(message: string) {
    super('ExpressionFailed', message);
  }
}
