# One image for every worker: docker-compose.yml chooses the kind by the command. The tags name exact versions; a
# release would pin their digests as well.

FROM node:20.20.2-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install script is run: none of those that package.json allows is needed to compile or to run a worker.
RUN npm ci --workspaces=false --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY services services
COPY workflows workflows
COPY activities activities
COPY workers workers
RUN npx tsc -p tsconfig.build.json \
 && node dist/src/cli/main.js bundle dist/workflows dist/workflow-bundle.js
# Migrations and seeds are read at their place in the sources.
RUN mkdir /sql && find services -name '*.sql' -exec cp --parents -t /sql {} +

FROM node:20.20.2-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Optional packages stay in, because the native half of swc is one: a worker whose ORCHESTRATOR_WORKFLOW_BUNDLE is emptied
# bundles the workflows. The native halves for other machines go.
RUN npm ci --omit=dev --workspaces=false --ignore-scripts --no-audit --no-fund \
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
      ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM node:20.20.2-bookworm-slim
WORKDIR /app
# The slim image has none, and a login by TLS (Temporal Cloud) needs them.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /sql ./
COPY --from=build /app/dist dist
COPY package.json ./

# Each process is one worker, or all of them, so one port serves: the health check below reads it, and Prometheus may.
# The bundle comes from the same build as the code of the workers.
ENV NODE_ENV=production \
    ORCHESTRATOR_WORKFLOW_BUNDLE=/app/dist/workflow-bundle.js \
    ORCHESTRATOR_METRICS_ADDRESS=0.0.0.0:9464 \
    ORDER_METRICS_ADDRESS=0.0.0.0:9464 \
    PAYMENT_METRICS_ADDRESS=0.0.0.0:9464 \
    INVENTORY_METRICS_ADDRESS=0.0.0.0:9464 \
    SHIPPING_METRICS_ADDRESS=0.0.0.0:9464
# The user `node` of the base image, by number, so that an orchestrator can see that it is not root.
USER 1000:1000
# Healthy means that the worker started its pollers. It stays healthy while the server is away: the pollers then retry.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --start-interval=2s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:9464/metrics').then((r) => r.text()).then((t) => process.exit(/^temporal_num_pollers\\{.*\\} [1-9]/m.test(t) ? 0 : 1))"]
CMD ["node", "--enable-source-maps", "dist/workers/all.js"]
