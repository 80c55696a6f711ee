/** One thing that must be true after a journey, checked on the real system. */
export interface Fact {
  readonly journey: string;
  readonly name: string;
  readonly holds: boolean;
  /** What was seen; for a fact that does not hold also what was expected. */
  readonly seen: string;
}

/** Collects the facts of all journeys; a fact that does not hold is recorded, the journey goes on. */
export class Facts {
  readonly all: Fact[] = [];
  readonly #onFact: (fact: Fact) => void;
  #journey = '';

  constructor(onFact: (fact: Fact) => void) {
    this.#onFact = onFact;
  }

  /** The facts that follow belong to this journey. */
  begin(journey: string): void {
    this.#journey = journey;
  }

  /** The value must be exactly this. */
  equals(name: string, actual: unknown, expected: unknown): void {
    const [seen, wanted] = [show(actual), show(expected)];
    this.#add(name, seen === wanted, seen === wanted ? seen : `${seen}, expected ${wanted}`);
  }

  /** Something must hold; `seen` is what a reader needs to believe it or to find out why not. */
  holds(name: string, holds: boolean, seen: string): void {
    this.#add(name, holds, seen);
  }

  /** The facts of a journey that do not hold, for tests: empty when all is well. */
  failed(journey?: string): string[] {
    return this.all
      .filter((fact) => !fact.holds && (journey === undefined || fact.journey === journey))
      .map((fact) => `${fact.name}: ${fact.seen}`);
  }

  #add(name: string, holds: boolean, seen: string): void {
    const fact = { journey: this.#journey, name, holds, seen };
    this.all.push(fact);
    this.#onFact(fact);
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
