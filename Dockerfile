# The controller as a non-root image. Build it where base images can be pulled: docker build -t slipway .
FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY tools tools
COPY controller controller
RUN node tools/build.js --clean

FROM node:22-bookworm-slim
COPY --from=build /src/dist/slipway.js /src/dist/git-worker.js /app/
USER 65532:65532
# Collect garbage when the heap has grown by half since the last time, not when it is several times as large.
ENTRYPOINT ["node", "--heap-growing-percent=50", "/app/slipway.js"]
