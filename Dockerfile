# The job in a container: docs/docker.md. One tag, so that a build gives what was tested; for a build
# that can never change, name it by digest: --build-arg PYTHON_IMAGE=python@sha256:...
ARG PYTHON_IMAGE=python:3.13.9-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /app
COPY requirements.txt ./
# Exactly what the lock names, wheels only: nothing is resolved, compiled or run while installing.
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --require-hashes --only-binary=:all: \
        --no-deps --no-compile --requirement requirements.txt \
    && .venv/bin/python -m pip uninstall --yes pip
COPY handler.py LICENSE ./
COPY backtest/ backtest/
COPY exchange/ exchange/
COPY job/ job/
COPY pages/ pages/
COPY report/ report/
COPY simulator/ simulator/
COPY state/ state/
COPY strategy/ strategy/
COPY deploy/fire deploy/fire
COPY deploy/docker/ deploy/docker/
# Bytecode that is never checked against its source: the tree is read-only from here on.
RUN .venv/bin/python -m compileall -q --invalidation-mode unchecked-hash .

FROM ${PYTHON_IMAGE}
RUN groupadd --system --gid 10001 revert \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin revert \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/revert
COPY --from=build /app /app
WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
HEALTHCHECK --interval=60s --timeout=5s --start-period=6m --retries=1 \
    CMD ["/app/deploy/docker/healthy", "/var/lib/revert/demo/state.json"]
# `docker run IMAGE status` is a command of the job; compose.yaml starts the timer instead.
ENTRYPOINT ["/app/.venv/bin/python", "/app/handler.py", "--config", "/etc/revert/config.toml"]
CMD ["run"]
