// grpc-js and the service's contract. The packages are those that the gRPC tests pin.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../Pantheon.Grpc.Tests/node/package.json', import.meta.url));
export const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

export function load(protos) {
  const definition = loader.loadSync(['pantheon/serving/v1/scoring.proto', 'grpc/health/v1/health.proto'],
    { includeDirs: [protos], keepCase: true, longs: String, enums: String, defaults: true, arrays: true });
  const packages = grpc.loadPackageDefinition(definition);
  return { pantheon: packages.pantheon, health: packages.grpc.health };
}
