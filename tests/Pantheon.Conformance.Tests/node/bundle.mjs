// A bundle's directory as a client without our code reads it, and its golden requests with raw ids.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const nobodysId = '-987654321';

export class Bundle {
  constructor(directory) {
    const read = name => readFileSync(join(directory, name), 'utf8');
    this.manifest = JSON.parse(read('manifest.json'));
    const outputs = role => this.manifest.outputs.filter(output => output.role === role).map(output => output.name);
    [this.score] = outputs('score');
    this.pxtr = outputs('pxtr');
    this.goldens = JSON.parse(read('golden.json')).requests.sort((a, b) => a[this.score].length - b[this.score].length);
    this.raw = new Map(this.manifest.inputs.filter(input => input.vocabulary).map(input => [
      input.name,
      new Map(read(input.vocabulary.file).trim().split('\n').slice(1).map(line => line.trimEnd().split('\t').reverse())),
    ]));
  }

  scores(golden) {
    return golden[this.score].flat(Infinity);
  }

  pxtrs(golden) {
    return this.scores(golden).map((_, position) => this.pxtr.flatMap(name => [golden[name][position]].flat(Infinity)));
  }

  // A request for everything about all candidates of a golden request. Raw ids are texts: they may be beyond a double's 53 bits.
  request(golden, asBytes) {
    const size = this.scores(golden).length;
    const features = side => this.manifest.inputs.filter(input => input.side === side).map(input => {
      const raw = this.raw.get(input.name);
      let values = [golden[input.name]].flat(Infinity);
      if (raw) values = values.map(row => raw.get(String(row)) ?? nobodysId);
      const isFloat = input.type === 'float';
      if (!asBytes) return { name: input.name, [isFloat ? 'floats' : 'int64s']: values };
      const data = Buffer.alloc(values.length * (isFloat ? 4 : 8));
      values.forEach((value, index) => isFloat ? data.writeFloatLE(value, index * 4) : data.writeBigInt64LE(BigInt(value), index * 8));
      return { name: input.name, type: isFloat ? 'DATA_TYPE_FLOAT' : 'DATA_TYPE_INT64', data };
    });
    return {
      request_id: `golden-${size}`,
      user_features: features('user'),
      candidate_features: features('candidate'),
      candidate_ids: Array.from({ length: size }, (_, position) => String(5000 + position)),
      output: { all: true, pxtrs: true, raw_scores: true },
    };
  }

  // Pantheon section 4.
  calibrate(score) {
    const { own, baseline } = this.manifest.calibration ?? { own: { mean: 0, std: 1 }, baseline: { mean: 0, std: 1 } };
    return baseline.mean + baseline.std / own.std * (score - own.mean);
  }
}
