# The service without its database; docker-compose.yml puts PostGIS beside it.
FROM python:3.11-slim-bookworm

RUN useradd --system --create-home --home-dir /var/lib/wangge wangge
WORKDIR /opt/wangge
COPY wangge browser.lock.json ./
COPY requirements requirements
COPY gis gis
COPY maps maps
COPY api api
COPY data data

# The same set-up as anywhere, without a database: the Python environment, and the browser's files,
# which need node only until they are here. Compiled now, for later nobody may write.
RUN WANGGE_HOME=/tmp/wangge WANGGE_DATABASE_URL=postgresql://nobody@nowhere/none ./wangge setup \
    && mv /tmp/wangge/browser browser \
    && rm -r /tmp/wangge \
    && .venv/bin/python -m compileall -q -j 0 .venv gis maps api

USER wangge
ENV WANGGE_HOME=/var/lib/wangge \
    WANGGE_BROWSER_FILES=/opt/wangge/browser
VOLUME /var/lib/wangge
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"
ENTRYPOINT ["./wangge"]
CMD ["serve", "--host", "0.0.0.0"]
