// When I last did something on another of my devices, as far as this one heard: by it the devices agree on which one rings.

export class Elsewhere {
  #clock;
  actedAt = -Infinity; // by this machine's clock, which never has to agree with another

  constructor(clock) {
    this.#clock = clock;
  }

  /** Read, written or opened there. */
  acted() {
    this.actedAt = this.#clock.now();
  }

  /** Another device has gone; perhaps it was that one. */
  gone() {
    this.actedAt = -Infinity;
  }
}
