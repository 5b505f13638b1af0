# Both bases can come from a mirror:
#   docker build --build-arg NODE_IMAGE=mirror.example/library/node:26-bookworm-slim .
# Where only one image can be had, NODE_IMAGE serves as RUNTIME_IMAGE too.
ARG NODE_IMAGE=node:26-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:latest

FROM ${NODE_IMAGE} AS build
ARG NPM_REGISTRY=
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN if [ -n "${NPM_REGISTRY}" ]; then npm config set registry "${NPM_REGISTRY}"; fi \
  && npm ci --ignore-scripts --no-audit --no-fund \
  && npm cache clean --force
COPY LICENSE ./
COPY src src
COPY scripts scripts
# The program as one file, and its compiled form beside it: the start finds both, and nobody writes there again.
RUN node scripts/build.ts \
  && mkdir /app /data \
  && cp dist/gemini-cli-relay.cjs dist/relay.cjs dist/LICENSES.txt LICENSE /app/ \
  && node scripts/warm-up.ts /app/gemini-cli-relay.cjs \
  && chmod -R a=rX /app
# Node needs libatomic from its release 25 on, which the runtime image has not.
RUN mkdir /libraries \
  && for word in $(ldd /usr/local/bin/node); do \
    case "${word}" in /*/libatomic*) cp -L "${word}" /libraries/ ;; esac; \
  done

# No shell, no package manager, no compiler, no packages: node, and the relay in one file.
FROM ${RUNTIME_IMAGE}
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /libraries/ /usr/lib/
COPY --from=build --chown=1000:1000 /data /data
COPY --from=build /app /app
WORKDIR /app
# The last one makes commands advise what works here.
ENV NODE_ENV=production \
    HOME=/data \
    HOST=0.0.0.0 \
    PORT=8888 \
    GOOGLE_APPLICATION_CREDENTIALS=/data/oauth_creds.json \
    GEMINI_CLI_RELAY_IMAGE=1
USER 1000:1000
VOLUME /data
EXPOSE 8888
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["/usr/local/bin/node", "/app/gemini-cli-relay.cjs", "alive"]
ENTRYPOINT ["/usr/local/bin/node", "/app/gemini-cli-relay.cjs"]
CMD ["serve"]
