"""The W3C suites of SPARQL 1.0 and 1.1, over HTTP."""
