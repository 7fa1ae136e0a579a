# One image for all of ours: each service of docker-compose.yml says which program it runs.

# Only the manifests and the command that npm links, so that a change of source does not install anew.
FROM node:24-bookworm-slim AS manifests
WORKDIR /src
COPY . .
RUN mkdir /manifests \
    && cp --parents package.json package-lock.json .npmrc packages/*/package.json services/*/package.json test/package.json packages/cli/bin/tracemesh.js /manifests

FROM node:24-bookworm-slim AS dependencies
WORKDIR /tracemesh
COPY --from=manifests /manifests ./
# No dev tools, and not the Node that the lockfile brings for other machines. Maps and declarations are for editors.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --omit=optional --workspace=packages --workspace=services \
    && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM node:24-bookworm-slim
WORKDIR /tracemesh
ENV NODE_ENV=production \
    PATH=/tracemesh/node_modules/.bin:$PATH
COPY --from=dependencies /tracemesh ./
COPY packages packages
COPY services services
COPY deploy deploy
USER node
CMD ["tracemesh", "--help"]
