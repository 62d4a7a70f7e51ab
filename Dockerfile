# The server in a container: docs/operations.md says how to run it without privileges on a read-only root.
FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libhwloc-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /galgo
COPY Package.swift ./
COPY Sources ./Sources
# The manifest names the tests' folders, so they have to be there.
COPY Tests ./Tests
RUN swift build -c release --product galgo-server \
    && install -s "$(swift build -c release --show-bin-path)/galgo-server" /usr/local/bin/galgo-server

FROM swift:6.3-bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libhwloc15 libcrypt1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin galgo \
    && install -d -o galgo -g galgo -m 0700 /var/lib/galgo
COPY --from=build /usr/local/bin/galgo-server /usr/local/bin/galgo-server
ENV IGGY_SYSTEM_PATH=/var/lib/galgo \
    IGGY_TCP_ADDRESS=0.0.0.0:8090 \
    SWIFT_BACKTRACE=enable=no
USER 10001:10001
WORKDIR /var/lib/galgo
VOLUME /var/lib/galgo
EXPOSE 8090
ENTRYPOINT ["/usr/local/bin/galgo-server"]
