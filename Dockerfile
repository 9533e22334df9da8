# incbot as a container: docker build --tag incbot .
# It runs as a user without rights on a read-only file system; /var/lib/incbot is the one place it writes to.

FROM node:20-slim AS build
WORKDIR /incbot
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM node:20-slim
WORKDIR /incbot
COPY --from=build /incbot/package.json ./
COPY --from=build /incbot/node_modules ./node_modules
COPY --from=build /incbot/dist ./dist
COPY assets ./assets
COPY runbooks ./runbooks
RUN mkdir --mode=0700 /var/lib/incbot && chown node:node /var/lib/incbot

# In a container 127.0.0.1 is reachable by nobody else, so both ports listen on every address. Publish 9090 to your metrics only.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    OPS_PORT=9090 \
    INCBOT_CONFIG=/etc/incbot/incbot.yaml \
    INCBOT_RUNBOOKS=/incbot/runbooks \
    INCBOT_DATA_DIR=/var/lib/incbot
USER node
VOLUME /var/lib/incbot
EXPOSE 3000 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.OPS_PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["serve"]
