"""The app: pages, linked data, the endpoint, and what spares work."""
