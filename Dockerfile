# syntax=docker/dockerfile:1
# One image for every role: serve, api, worker, migrate. It holds the binary and
# the certificates of the public authorities, and nothing else: no shell, no
# package manager. Time zones, pages and migrations are inside the binary.

FROM node:22-bookworm-slim AS pages
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM golang:1.26-bookworm AS binary
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=pages /src/frontend/dist ./frontend/dist
# An empty folder to copy below: the final image has no mkdir, and a new volume
# takes the owner of the folder that it covers.
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/hienke ./cmd/hienke && mkdir /out/data

FROM scratch
COPY --from=binary /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=binary /out/hienke /usr/bin/hienke
COPY --from=binary --chown=65532:65532 /out/data /data
COPY --from=binary --chown=65532:65532 /out/data /files
COPY --from=binary --chown=65532:65532 /out/data /ledger
# A number, so that an orchestrator can tell that it is not root.
USER 65532:65532
VOLUME /data
EXPOSE 8080
# The image has no curl: the binary asks itself. A role that serves no HTTP needs
# a check of its own, as the worker in docker-compose.yml has.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["/usr/bin/hienke", "doctor", "--live", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/usr/bin/hienke"]
CMD ["serve", "--data", "/data", "--listen", ":8080"]
