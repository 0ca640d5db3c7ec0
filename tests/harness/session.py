"""A client that keeps its session as Trino's clients do: in headers that the server's answers change."""

import json
import urllib.parse
import urllib.request

from cluster import QueryError, Result


class Session:
    def __init__(self, uri, catalog=None, schema=None, properties=None):
        self.uri, self.catalog, self.schema = uri, catalog, schema
        self.properties, self.prepared = dict(properties or {}), {}

    def _headers(self):
        headers = {"X-Trino-User": "test", "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME"}
        if self.catalog:
            headers["X-Trino-Catalog"] = self.catalog
        if self.schema:
            headers["X-Trino-Schema"] = self.schema
        for name, values in (("X-Trino-Session", self.properties), ("X-Trino-Prepared-Statement", self.prepared)):
            if values:
                headers[name] = ",".join(f"{k}={urllib.parse.quote(v)}" for k, v in values.items())
        return headers

    def _request(self, method, url, body=None):
        request = urllib.request.Request(url, data=body, method=method, headers=self._headers())
        with urllib.request.urlopen(request, timeout=60) as response:
            self._apply(response.headers)
            return json.loads(response.read())

    def _apply(self, headers):
        self.catalog = headers.get("X-Trino-Set-Catalog", self.catalog)
        self.schema = headers.get("X-Trino-Set-Schema", self.schema)
        for changes, values in (("X-Trino-Set-Session", self.properties), ("X-Trino-Added-Prepare", self.prepared)):
            for line in headers.get_all(changes, []):
                name, _, value = line.partition("=")
                values[urllib.parse.unquote_plus(name)] = urllib.parse.unquote_plus(value)
        for removals, values in (("X-Trino-Clear-Session", self.properties),
                                 ("X-Trino-Deallocated-Prepare", self.prepared)):
            for name in headers.get_all(removals, []):
                values.pop(urllib.parse.unquote_plus(name), None)

    def query(self, sql):
        page = self._request("POST", f"{self.uri}/v1/statement", sql.encode())
        columns, rows = None, []
        while True:
            columns = page.get("columns", columns)
            rows.extend(page.get("data", []))
            if "error" in page:
                raise QueryError(page["error"])
            if "nextUri" not in page:
                return Result(page["id"], columns, rows, page["stats"])
            page = self._request("GET", page["nextUri"])
